// The folder that belongs to one host: private, locked, with names for the files in it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "store/file_system.hpp"

namespace sluice::store {

std::filesystem::path database_path(const std::filesystem::path& folder);
std::filesystem::path lock_path(const std::filesystem::path& folder);
std::filesystem::path reserve_path(const std::filesystem::path& folder);

// Held for the life of the object. Locks belong to the open file, so two in one process also
// exclude each other, and they end with the process however it ends.
class folder_lock {
  public:
    explicit folder_lock(int descriptor) : descriptor_(descriptor) {}
    ~folder_lock();
    folder_lock(const folder_lock&) = delete;
    folder_lock& operator=(const folder_lock&) = delete;

  private:
    int descriptor_;
};

// For the host: creates the folder if need be (mode 0700; a wider mode of an own folder is
// narrowed), refuses network file systems, and locks it against a second host ("conflict"). Waits
// for readers that found no host running (they hold the lock for one query at most).
base::result<std::unique_ptr<folder_lock>> claim_folder(const std::filesystem::path& folder,
                                                        const file_system_probe& probe);

// For readers of other processes. `lock` is set while no host runs, and keeps one from starting.
struct folder_visit {
    bool host_runs = false;
    std::unique_ptr<folder_lock> lock;
};
// `not_found` when the folder holds no store. Creates nothing.
base::result<folder_visit> visit_folder(const std::filesystem::path& folder);

}  // namespace sluice::store
