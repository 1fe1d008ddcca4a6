// HTTP fields as the ABI carries them: one text, "Name: value\r\n" for each.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http_headers.hpp"

namespace sluice::plugin {

// Refuses lines without a colon, names that are no names, control characters (and so smuggled
// lines), and Host and Content-Length, which are the host's.
base::result<net::headers> parse_header_text(std::string_view text);

// Names in lower case.
std::string to_header_text(const net::headers& fields);

}  // namespace sluice::plugin
