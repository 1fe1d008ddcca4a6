// Responses as bytes. Internal to this module.
#pragma once

#include <string>
#include <string_view>

#include "net/http_types.hpp"

namespace sluice::net {

struct response_frame {
    bool close = false;         // say that the connection ends here
    bool without_body = false;  // reply to HEAD
    std::string_view date;      // "Mon, 23 Nov 2026 13:24:05 GMT"
    bool http11 = true;         // the peer's version: whether it knows chunks
};

// Appends status line and fields, up to and with the empty line. Fields that may not go on the wire
// are left out and logged by name.
void append_response_head(std::string& out, const http_response& response,
                          const response_frame& frame);

// Whether a body of the response's source goes in chunks; without a length and without chunks the
// end of the connection ends it.
bool sends_chunks(const http_response& response, const response_frame& frame);

// Whether a body goes on the wire.
bool sends_body(const http_response& response, const response_frame& frame);

// The form the Date field wants.
std::string http_date(std::int64_t unix_ms);

}  // namespace sluice::net
