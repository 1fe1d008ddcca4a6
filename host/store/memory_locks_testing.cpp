#include "store/memory_locks_testing.hpp"

#include <sqlite3.h>

namespace sluice::store::testing {

int file_locks::lock(memory_file& file, const void* owner, int level) {
    if (level <= level_) return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED) {
        if (file.exclusive != nullptr) return SQLITE_BUSY;
        ++file.shared;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (file.reserved != nullptr) return SQLITE_BUSY;
        file.reserved = owner;
    } else {
        if (file.reserved != nullptr && file.reserved != owner) return SQLITE_BUSY;
        if (file.shared > 1) return SQLITE_BUSY;
        file.reserved = file.exclusive = owner;
    }
    level_ = level;
    return SQLITE_OK;
}

void file_locks::unlock(memory_file& file, const void* owner, int level) {
    if (level >= level_) return;
    if (file.exclusive == owner) file.exclusive = nullptr;
    if (file.reserved == owner) file.reserved = nullptr;
    if (level == SQLITE_LOCK_NONE) --file.shared;
    level_ = level;
}

int file_locks::lock_regions(memory_file& file, const void* owner, int offset, int count,
                             int flags) {
    for (int i = offset; i < offset + count; ++i) {
        const auto slot = static_cast<std::size_t>(i);
        const bool mine = (shared_regions_ >> i & 1u) != 0;
        if ((flags & SQLITE_SHM_UNLOCK) != 0) continue;
        const void* holder = file.region_exclusive[slot];
        if (holder != nullptr && holder != owner) return SQLITE_BUSY;
        const int others = file.region_shared[slot] - (mine ? 1 : 0);
        if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && others > 0) return SQLITE_BUSY;
    }
    for (int i = offset; i < offset + count; ++i) {
        const auto slot = static_cast<std::size_t>(i);
        const bool mine = (shared_regions_ >> i & 1u) != 0;
        const bool lock = (flags & SQLITE_SHM_LOCK) != 0;
        if ((flags & SQLITE_SHM_EXCLUSIVE) != 0) {
            if (lock || file.region_exclusive[slot] == owner) {
                file.region_exclusive[slot] = lock ? owner : nullptr;
            }
        } else if (lock != mine) {
            file.region_shared[slot] += lock ? 1 : -1;
            shared_regions_ ^= 1u << i;
        }
    }
    return SQLITE_OK;
}

void file_locks::release_regions(memory_file& file, const void* owner) {
    for (int i = 0; i < 8; ++i) {
        const auto slot = static_cast<std::size_t>(i);
        if ((shared_regions_ >> i & 1u) != 0) --file.region_shared[slot];
        if (file.region_exclusive[slot] == owner) file.region_exclusive[slot] = nullptr;
    }
    shared_regions_ = 0;
}

void file_locks::release(memory_file& file, const void* owner) {
    release_regions(file, owner);
    unlock(file, owner, SQLITE_LOCK_NONE);
}

}  // namespace sluice::store::testing
