// An answer as the output of an action.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include "client.hpp"

namespace sluice::http {

// What the caller wants the body to be.
enum class body_form { by_type, json, text, file };
// From "response": "auto" (default), "json", "text" or "file".
body_form form_of(const json& input);

// {"status", "headers", "body" or "file"}; for the last the answer's body went to a blob, or does
// now. SLUICE_UNAVAILABLE when JSON was promised and something else came.
task<json> output_of(const context& call, http_response response, body_form form);

// Names in lower case, those that came several times joined with ", ". Without Set-Cookie.
json headers_of(const http_response& response);

// The beginning of a body, wherever it is; for the words of a refusal.
task<std::string> beginning_of(const http_response& response);

// From Content-Disposition, without folders; empty: it has none.
std::string file_name_of(const http_response& response);

}  // namespace sluice::http
