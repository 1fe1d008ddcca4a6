// The body of a request: at most one of "json", "text", "form" and "file" of the input.
#pragma once

#include <sluice/connector.hpp>

#include "client.hpp"

namespace sluice::http {

// With the type that "contentType" or the headers say, or that is usual for it.
void set_body(draft& of, const context& call, const json& input);

// application/x-www-form-urlencoded
std::string form_text(const json& fields);

}  // namespace sluice::http
