#include "json/schema_format.hpp"

#include <algorithm>
#include <array>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>

namespace sluice::json::schemas {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_ipv4(std::string_view text) { return boost::urls::parse_ipv4_address(text).has_value(); }
bool is_ipv6(std::string_view text) { return boost::urls::parse_ipv6_address(text).has_value(); }
bool is_uri(std::string_view text) { return boost::urls::parse_uri(text).has_value(); }

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

// Labels with dots between them.
bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    while (true) {
        const std::size_t end = std::min(text.find('.'), text.size());
        const std::string_view label = text.substr(0, end);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
            return false;
        }
        const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-'; };
        if (!std::all_of(label.begin(), label.end(), fits)) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

// "[127.0.0.1]", "[IPv6:::1]"
bool is_address_literal(std::string_view text) {
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
    text = text.substr(1, text.size() - 2);
    if (text.starts_with("IPv6:")) return is_ipv6(text.substr(5));
    return is_ipv4(text);
}

// Words of RFC 5322's atext with single dots between them.
bool is_dot_atom(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    char previous = '.';
    for (const char c : text) {
        if (c == '.' ? previous == '.' : !is_letter_or_digit(c) && others.find(c) == others.npos) {
            return false;
        }
        previous = c;
    }
    return previous != '.';
}

bool is_quoted_text(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            if (++i == text.size()) return false;
        } else if (text[i] == '"') {
            return false;
        }
        if (text[i] < ' ' || text[i] > '~') return false;
    }
    return true;
}

// RFC 5321's mailbox.
bool is_email(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64) return false;
    const std::string_view local = text.substr(0, at);
    const std::string_view domain = text.substr(at + 1);
    return (is_dot_atom(local) || is_quoted_text(local)) &&
           (is_host_name(domain) || is_address_literal(domain));
}

constexpr std::array<format, 9> formats = {{
    {"date-time", "a date and time like 2024-02-29T12:00:00Z", is_date_time},
    {"date", "a date like 2024-02-29", is_date},
    {"time", "a time like 12:00:00Z", is_time},
    {"duration", "a duration like P1DT12H", is_duration},
    {"email", "an e-mail address", is_email},
    {"uri", "a URI with a scheme, like https://example.com/a", is_uri},
    {"uuid", "a UUID like 123e4567-e89b-12d3-a456-426614174000", is_uuid},
    {"ipv4", "an IPv4 address", is_ipv4},
    {"ipv6", "an IPv6 address", is_ipv6},
}};

}  // namespace

const format* format_named(std::string_view name) {
    for (const format& each : formats) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

}  // namespace sluice::json::schemas
