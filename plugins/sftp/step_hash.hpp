// Names that belong to one step of one execution: the same each time it is repeated, so that a
// repetition finds what the last try left, and different from every other step's.
#pragma once

#include <array>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::sftp {

std::array<unsigned char, 32> sha256(std::string_view text);

// 16 hexadecimal digits from the idempotency key and what the step is about.
std::string step_hash(const context& ctx, std::string_view subject);

}  // namespace sluice::sftp
