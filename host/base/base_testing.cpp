#include "base/base_testing.hpp"

#include <chrono>
#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>

#include "base/clock.hpp"
#include "base/panic.hpp"

namespace sluice::base {

temporary_folder::temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) panic("cannot make a temporary folder " + name);
    path_ = name;
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

bool wait_until(const std::function<bool()>& condition, std::int64_t deadline_ms) {
    system_clock clock;
    const std::int64_t deadline = clock.steady_ns() + deadline_ms * 1'000'000;
    while (!condition()) {
        if (clock.steady_ns() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace sluice::base
