// The forms a webhook request takes: for its verifier (raw) and for its flow (parsed).
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"
#include "net/http_types.hpp"

namespace sluice::trigger {

inline constexpr std::string_view hooks_prefix = "/hooks/";

// The token of "/hooks/<token>" or "/hooks/<token>/more"; empty when the path has another form.
std::string_view token_of_path(std::string_view path);

// {"method", "path", "query", "headers", "body"} with the raw body as text, or "bodyBase64" when it
// is not UTF-8. For verifiers: all headers, nothing parsed. `path` is what follows the token.
json::value raw_form(const net::http_request& request);

// What becomes of a body that is application/x-www-form-urlencoded: text, or an object of texts, in
// which a name that is there more than once has the list of its values.
enum class form_bodies { text, object };

bool has_form(const net::http_request& request);

// $trigger of the flow: the same members, body parsed when its media type says JSON, or a form that
// is to be an object (an error when it then is none), text otherwise. Credentials in headers
// (Authorization, Api-Key, Cookie) stay out; what else proves a sender is taken out where the flow
// is known (without_proofs()).
base::result<json::value> payload_form(const net::http_request& request,
                                       form_bodies forms = form_bodies::text);

// The same with another body: the handle of one that went to disk ({"$blob": ...}), or an event
// that a verifier found in it.
json::value form_with_body(const net::http_request& request, json::value body);

}  // namespace sluice::trigger
