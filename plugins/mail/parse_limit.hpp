// How much of a message may be taken apart. GMime makes an object of each header and each part, and
// keeps what stands between the parts, before anybody can count them; a few bytes of a hostile
// message become kilobytes of memory. So the message is looked through first, line by line.
#pragma once

#include <sluice/temporary_file.hpp>

#include <cstdint>

namespace sluice::mail {

// The number of bytes from its beginning that hold at most 10,000 parts, 4 MiB of headers (each
// line counts 128 bytes more, each address 64), 1 MiB of text between parts, and 30 levels; the
// file's size when that is all of it.
std::uint64_t parse_limit(const temporary_file& message);

}  // namespace sluice::mail
