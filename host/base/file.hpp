// Reading and writing small files without exceptions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sluice::base {

// The whole content. Larger files than `limit` bytes, folders and unreadable files are errors that
// name the path and the system's reason.
result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = 64u << 20);

// Replaces the file in one step (temporary file, fsync, rename). `mode` are POSIX permissions.
result<void> write_file(const std::filesystem::path& path, std::string_view content,
                        unsigned mode = 0644);

}  // namespace sluice::base
