// Absolute http and https URLs, taken apart and checked; percent-encoding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace sluice::net {

struct url {
    std::string scheme;      // "http" or "https"
    std::string host;        // lower case; an IPv6 address without brackets; never empty
    std::uint16_t port = 0;  // the scheme's default when not given
    std::string path;        // percent-encoded, begins with "/"
    std::string query;       // percent-encoded, without "?"
    bool has_query = false;

    bool is_tls() const { return scheme == "https"; }
    // "/path?query", for the request line.
    std::string target() const;
    // The Host field: host, brackets for IPv6, port unless it is the default.
    std::string authority() const;
    // "https://host", and the port unless it is the default: identifies the peer, also in messages,
    // without path, query or secrets.
    std::string origin() const;
};

// Refuses, with a message that does not repeat the URL's query: other schemes, user names and
// passwords, control and non-ASCII characters, and hosts in odd numeric forms (0x7f.1, 2130706433,
// 0177.0.0.1) that resolvers would read as an address. A fragment is dropped.
base::result<url> parse_url(std::string_view text);

// `reference` (absolute or relative, as in a Location field) seen from `base`; the rules of
// parse_url.
base::result<url> resolve_url(const url& base, std::string_view reference);

// "a=1&b=x%20y" decoded, in order; "+" is a space. Wrong escapes stand for themselves.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

// nullopt when an escape is incomplete or not hexadecimal. "+" stays.
std::optional<std::string> percent_decode(std::string_view text);

// Everything but unreserved characters (RFC 3986: letters, digits, "-._~") as %XX.
std::string percent_encode(std::string_view text);

}  // namespace sluice::net
