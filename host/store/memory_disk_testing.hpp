// The files of fault_vfs and what happens to them. SQLite's side is in fault_vfs_testing.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "store/fault_vfs_testing.hpp"

namespace sluice::store::testing {

struct memory_file {
    struct change {  // not synced yet
        bool truncates = false;
        std::size_t offset = 0;  // or the new size
        std::string bytes;
    };
    std::string now;      // what is read back
    std::string durable;  // what a power cut cannot touch
    std::vector<change> unsynced;
    bool linked = true;           // has its name
    bool durably_linked = false;  // would have it after a power cut

    // Locks of the file (SQLite's five levels) and of the log's shared memory.
    int shared = 0;
    const void* reserved = nullptr;
    const void* exclusive = nullptr;
    std::vector<std::unique_ptr<char[]>> regions;
    int region_users = 0;
    std::array<int, 8> region_shared{};
    std::array<const void*, 8> region_exclusive{};
};

// What an operation is to do.
enum class verdict { proceed, fail, power_lost };

struct memory_disk {
    explicit memory_disk(std::uint64_t seed) : random(seed) {}

    // Counts an operation and says whether it happens. With `power_lost` the operation is noted
    // by the caller before lose_power().
    verdict next_operation();
    void lose_power(survival what);
    void restore();

    void write(memory_file& file, std::size_t offset, std::string bytes);
    void truncate(memory_file& file, std::size_t size);
    void sync(memory_file& file);
    void fail_sync(memory_file& file);
    void sync_folder();  // names
    std::uint64_t used() const;
    bool toss() { return (random() & 1) != 0; }

    std::mutex mutex;
    std::mt19937_64 random;
    std::string name;
    std::map<std::string, std::shared_ptr<memory_file>> files;
    std::uint64_t operations = 0;
    std::uint64_t cut_at = 0;
    survival cut_leaves = survival::nothing;
    std::uint64_t error_at = 0;
    bool error_sticks = false;
    std::uint64_t quota = 0;
    bool dead = false;
};

}  // namespace sluice::store::testing
