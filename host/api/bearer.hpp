// The token of a request.
#pragma once

#include <string_view>

#include "net/http_types.hpp"

namespace sluice::api {

// From `Authorization: Bearer ...`; empty when there is none, or more than one. Valid as long as
// the head is.
std::string_view bearer_token(const net::http_request_head& head);

// 401, with what is missing.
net::http_response no_token();

}  // namespace sluice::api
