// How the egress guard's refusals can be told from other errors.
#pragma once

#include <string_view>

namespace sluice::net {

// Their base::error::details_json. (Their code is invalid_input, as of an address that is wrong.)
inline constexpr std::string_view refused_by_guard = R"({"refusedBy":"egressGuard"})";

}  // namespace sluice::net
