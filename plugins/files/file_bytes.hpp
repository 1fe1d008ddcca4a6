// Bytes of open files. These block: coroutines call them by context::off_loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sluice/file_descriptor.hpp>

namespace files {

using sluice::file_descriptor;

inline constexpr std::size_t piece_bytes = 512 * 1024;

// Up to n bytes; fewer at the end of the file alone.
std::string read_at(const file_descriptor& from, std::uint64_t offset, std::size_t n,
                    const std::string& path);
void write_at(const file_descriptor& to, std::uint64_t offset, std::string_view bytes,
              const std::string& path);

}  // namespace files
