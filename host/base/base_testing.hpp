// What tests of this and later modules share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace sluice::base {

// A new, empty folder of this test alone under the system's temporary folder; removed at the end.
class temporary_folder {
  public:
    temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder();
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Asks `condition` again and again until it holds (true) or `deadline_ms` have passed (false).
bool wait_until(const std::function<bool()>& condition, std::int64_t deadline_ms = 10'000);

}  // namespace sluice::base
