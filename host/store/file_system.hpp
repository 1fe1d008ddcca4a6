// What the store asks the system about the file system under the data folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.hpp"

namespace sluice::store {

struct file_system_facts {
    std::int64_t type = 0;        // statfs's f_type
    std::int64_t free_bytes = 0;  // for this user
    std::int64_t total_bytes = 0;
};

// The path must exist. Any thread.
using file_system_probe =
    std::function<base::result<file_system_facts>(const std::filesystem::path&)>;
base::result<file_system_facts> probe_file_system(const std::filesystem::path& path);

// Whether locks and shared memory can be relied on: an error for network file systems (NFS, SMB),
// a warning in the log for what cannot be judged (FUSE, 9p).
base::result<void> check_file_system(const std::filesystem::path& path, std::int64_t type);

}  // namespace sluice::store
