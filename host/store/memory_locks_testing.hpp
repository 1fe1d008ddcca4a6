// SQLite's locks on the files of memory_disk, within one process. One for each open file; the
// disk's mutex is held around every call.
#pragma once

#include <cstdint>

#include "store/memory_disk_testing.hpp"

namespace sluice::store::testing {

class file_locks {
  public:
    // SQLITE_OK or SQLITE_BUSY; `level` is one of SQLITE_LOCK_*.
    int lock(memory_file& file, const void* owner, int level);
    void unlock(memory_file& file, const void* owner, int level);
    // SQLITE_OK or SQLITE_BUSY; `flags` of SQLITE_SHM_*.
    int lock_regions(memory_file& file, const void* owner, int offset, int count, int flags);
    void release_regions(memory_file& file, const void* owner);
    void release(memory_file& file, const void* owner);

  private:
    int level_ = 0;
    std::uint32_t shared_regions_ = 0;
};

}  // namespace sluice::store::testing
