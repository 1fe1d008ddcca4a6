// From the fields of an HTTP task to a request, and from the answer to the task's output.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "engine/fault.hpp"
#include "json/value.hpp"
#include "manifest/task.hpp"
#include "net/http_client.hpp"

namespace sluice::engine {

// The fields of the task, evaluated; secrets in their places.
struct http_fields {
    std::string method;
    std::string endpoint;
    json::value headers;  // object of text, numbers and booleans, or null
    json::value query;    // object; arrays repeat their name; or null
    json::value body;
    bool has_body = false;
};

// `{name}` in an address becomes the text of that member of `input`, percent-encoded; a member that
// is missing becomes nothing, one that is no scalar is an error.
base::result<std::string> fill_endpoint(const std::string& endpoint, const json::value& input);

// What came back: a body of text, or a file of the execution ({"$blob": ..}) when it was large or
// no text.
struct http_answer {
    net::client_response response;
    json::value blob;  // null: the body is in `response`
};

// What came of a request with credentials.
struct proven_answer {
    explicit proven_answer(base::result<http_answer> came, std::optional<fault> why = {})
        : answer(std::move(came)), refused(std::move(why)) {}

    base::result<http_answer> answer;
    // Nothing was sent, as there was no access token: `answer` is an error. Without `instance`.
    std::optional<fault> refused;
};

// A body of text goes as it is, anything else as JSON, unless a Content-Type says otherwise.
base::result<net::client_request> make_request(const http_fields& fields);

// What the task puts out. `request` is what was sent.
json::value response_value(manifest::http_output how, const net::client_request& request,
                           const http_answer& answer);

// What messages tell of an address: no query, and no port that goes without saying.
std::string address_of(const std::string& url);

// Seconds or a date in Retry-After, as milliseconds from `now_ms`; 0: nothing usable.
std::int64_t retry_after_ms(const net::headers& fields, std::int64_t now_ms);

}  // namespace sluice::engine
