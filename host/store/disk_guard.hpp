// Stops taking new events before the disk is full, and keeps a reserve for ending those that run.
// The guard is internal to this module; one thread at a time, except for the atomics.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "store/file_system.hpp"

namespace sluice::store {

struct disk_limits {
    // New events are refused below this, or below this share of the file system if that is less
    // (a small disk is allowed to be used, a large one is not held to gigabytes of free space).
    std::int64_t admit_above_bytes = 512ll << 20;
    int admit_above_percent = 5;
    // A file of this size, given up when the disk is full. 0: none.
    std::int64_t reserve_bytes = 256ll << 20;
};

// Empty, or why `folder` takes no new data under these limits, in the words of the store's own
// refusals. Asks the system; any thread.
std::string disk_shortage(const std::filesystem::path& folder, const disk_limits& limits);

class disk_guard {
  public:
    // Without a folder (tests with files in memory) it always admits.
    disk_guard(std::filesystem::path folder, disk_limits limits, file_system_probe probe);

    // Allocates the reserve if it is missing and leaves room to admit. Not enough space is no
    // error, the store then runs without.
    void keep_reserve();
    // True when there was one to give up.
    bool give_up_reserve();

    // Empty, or why new events are refused. Asks the system.
    std::string refusal();

    std::int64_t free_bytes() const { return free_bytes_.load(); }
    bool admitting() const { return admitting_.load(); }

  private:
    std::filesystem::path folder_;
    disk_limits limits_;
    file_system_probe probe_;
    bool has_reserve_ = false;
    std::atomic<std::int64_t> free_bytes_{0};
    std::atomic<bool> admitting_{true};
};

}  // namespace sluice::store
