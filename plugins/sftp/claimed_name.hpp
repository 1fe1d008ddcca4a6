// How a claimed file is called: "0123456789abcdef-orders.csv". The digits belong to the step that
// claimed it, so two files of one name do not meet, and a repetition knows its own.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sftp {

inline constexpr std::size_t claim_digits = 16;

std::string claimed_name(std::string_view hash, std::string_view name);
// "orders.csv" again; a name without digits stays as it is.
std::string original_name(std::string_view name);

}  // namespace sluice::sftp
