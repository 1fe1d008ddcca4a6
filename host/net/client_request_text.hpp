// Requests as bytes, and what a redirect makes of them. Internal to this module.
#pragma once

#include <string>

#include "base/result.hpp"
#include "net/http_client.hpp"
#include "net/url.hpp"

namespace sluice::net {

// Refuses a method or field that may not go on the wire (invalid_input).
base::result<void> check_request(const client_request& request);

// The whole request, without the body when that comes from a source. The connection is kept unless
// the peer closes it.
std::string request_text(const client_request& request, const url& target,
                         const std::string& user_agent);

bool is_idempotent(const std::string& method);

bool is_redirect(int status);

// Changes the request into the one that goes to `to` after `status` from `from`: method, body and
// the fields that may go along.
void redirect_request(client_request& request, int status, const url& from, const url& to);

}  // namespace sluice::net
