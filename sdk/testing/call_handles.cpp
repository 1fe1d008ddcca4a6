// The numbers that connectors get as handles of calls.
#include <map>
#include <mutex>

#include "mock_core.hpp"

namespace sluice::testing {
namespace {

// In front of the number that a host gives its call.
constexpr unsigned host_bits = 32;

struct host_list {
    std::mutex mutex;
    std::map<std::uint64_t, mock_core*> all;
    std::uint64_t next = 1;
};

// Never destroyed: a thread of a connector may come at any time.
host_list& hosts() {
    static auto* const made = new host_list;
    return *made;
}

std::uint64_t number_of(sluice_call* handle) { return reinterpret_cast<std::uintptr_t>(handle); }

}  // namespace

host_number::host_number(mock_core& core) {
    const std::lock_guard lock(hosts().mutex);
    number_ = hosts().next++;
    hosts().all[number_] = &core;
}

host_number::~host_number() {
    const std::lock_guard lock(hosts().mutex);
    hosts().all.erase(number_);
}

std::uint64_t host_number::next_call() { return number_ << host_bits | ++calls_; }

std::shared_ptr<mock_call> mock_call::find(sluice_call* handle) {
    const std::lock_guard lock(hosts().mutex);
    const auto host = hosts().all.find(number_of(handle) >> host_bits);
    return host == hosts().all.end() ? nullptr : host->second->find_call(number_of(handle));
}

std::shared_ptr<mock_call> mock_call::expect(sluice_call* handle) {
    if (std::shared_ptr<mock_call> found = find(handle)) return found;
    const std::lock_guard lock(hosts().mutex);
    const auto host = hosts().all.find(number_of(handle) >> host_bits);
    // Another host's, or none at all: whoever runs now is told.
    mock_core* const told = host != hosts().all.end() ? host->second
                            : hosts().all.empty()     ? nullptr
                                                      : hosts().all.rbegin()->second;
    if (told != nullptr) {
        told->problem(nullptr, "the connector used the handle of a call long after it had ended");
    }
    return nullptr;
}

}  // namespace sluice::testing
