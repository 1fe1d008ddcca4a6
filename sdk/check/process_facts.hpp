// What this process holds at the moment.
#pragma once

#include <cstddef>

namespace sluice::checking {

std::size_t open_files();
std::size_t running_threads();
// Bytes that were allocated and not freed. With a sanitizer that counts them: its count.
std::size_t allocated_bytes();

}  // namespace sluice::checking
