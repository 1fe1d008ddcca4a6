#include "net/url.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>
#include <exception>

#include "net/http_headers.hpp"
#include "net/ip_address.hpp"

namespace sluice::net {

namespace {

using base::error_code;
using base::make_error;

constexpr std::size_t longest_url = 16u << 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return lower;
}

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// A name whose last label is a number ("2130706433", "0x7f.1", "127.1") is read as an IPv4 address
// by inet_aton and so by many resolvers.
bool looks_like_odd_ipv4(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto dot = host.rfind('.');
    const auto last = dot == std::string_view::npos ? host : host.substr(dot + 1);
    if (last.empty()) return false;
    if (std::all_of(last.begin(), last.end(), is_digit)) return true;
    return last.size() >= 2 && last[0] == '0' && last[1] == 'x' &&
           std::all_of(last.begin() + 2, last.end(), [](char c) { return hex_value(c) >= 0; });
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253 || host.front() == '.') return false;
    if (host.find("..") != std::string_view::npos) return false;
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

base::result<std::uint16_t> port_of(const boost::urls::url_view& parsed, bool tls) {
    if (!parsed.has_port() || parsed.port().empty()) return std::uint16_t(tls ? 443 : 80);
    const std::string_view text(parsed.port().data(), parsed.port().size());
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || number < 1 ||
        number > 65535) {
        return make_error(error_code::invalid_input, "the URL's port is not between 1 and 65535");
    }
    return static_cast<std::uint16_t>(number);
}

base::result<std::string> host_of(const boost::urls::url_view& parsed) {
    const auto raw = parsed.encoded_host();
    auto host = to_lower({raw.data(), raw.size()});
    if (host.starts_with('[') && host.ends_with(']')) {
        const auto address = ip_address::parse({host.data() + 1, host.size() - 2});
        if (address && address->is_v6()) return address->to_text();
        return make_error(error_code::invalid_input,
                          "the URL's host " + host + " is not an IPv6 address without zone");
    }
    if (ip_address::parse(host)) return host;
    if (looks_like_odd_ipv4(host)) {
        return make_error(error_code::invalid_input,
                          "the URL's host " + host + " is a number that resolvers read differently",
                          "write an IPv4 address as four decimal numbers, like 192.0.2.1");
    }
    if (!is_host_name(host)) {
        return make_error(error_code::invalid_input, "the URL's host is not a valid host name",
                          "write international names in their ASCII form (xn--...)");
    }
    if (host.ends_with('.')) host.pop_back();
    return host;
}

base::result<url> from_parsed(const boost::urls::url_view& parsed) {
    url made;
    made.scheme = to_lower({parsed.scheme().data(), parsed.scheme().size()});
    if (made.scheme != "http" && made.scheme != "https") {
        return make_error(error_code::invalid_input,
                          "the URL does not begin with http:// or https://");
    }
    if (!parsed.has_authority() || parsed.encoded_host().empty()) {
        return make_error(error_code::invalid_input, "the URL names no host");
    }
    if (parsed.has_userinfo()) {
        return make_error(error_code::invalid_input, "the URL carries a user name or password",
                          "send credentials in a header");
    }
    auto host = host_of(parsed);
    if (!host) return std::move(host).error_value();
    made.host = *std::move(host);
    const auto port = port_of(parsed, made.is_tls());
    if (!port) return port.error_value();
    made.port = *port;
    made.path.assign(parsed.encoded_path().data(), parsed.encoded_path().size());
    if (made.path.empty()) made.path = "/";
    made.has_query = parsed.has_query();
    made.query.assign(parsed.encoded_query().data(), parsed.encoded_query().size());
    return made;
}

// Boost.URL 1.81 ends the authority of "http://1.2.3.4.5/" or "http://a:x/" where it stops making
// sense and takes the rest for a path.
bool is_torn(const boost::urls::url_view& parsed) {
    return parsed.has_authority() && !parsed.encoded_path().empty() &&
           !parsed.encoded_path().starts_with('/');
}

base::error not_a_url() {
    return make_error(error_code::invalid_input, "the text is not a valid URL",
                      "percent-encode spaces, quotes and characters beyond ASCII");
}

}  // namespace

std::string url::target() const { return has_query ? path + "?" + query : path; }

std::string url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (is_tls() ? 443 : 80)) text += ":" + std::to_string(port);
    return text;
}

std::string url::origin() const { return scheme + "://" + authority(); }

base::result<url> parse_url(std::string_view text) try {
    if (text.size() > longest_url) {
        return make_error(error_code::invalid_input, "the URL is longer than 16 KiB");
    }
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (parsed.has_error() || is_torn(*parsed)) return not_a_url();
    return from_parsed(*parsed);
} catch (const std::exception&) {
    return not_a_url();
}

base::result<url> resolve_url(const url& base, std::string_view reference) try {
    if (reference.size() > longest_url) {
        return make_error(error_code::invalid_input, "the URL is longer than 16 KiB");
    }
    const boost::urls::string_view text(reference.data(), reference.size());
    const auto target = boost::urls::parse_uri_reference(text);
    const std::string base_text = base.scheme + "://" + base.authority() + base.target();
    const auto from = boost::urls::parse_uri(base_text);
    if (target.has_error() || is_torn(*target) || from.has_error()) return not_a_url();
    boost::urls::url joined;
    if (boost::urls::resolve(*from, *target, joined).has_error()) return not_a_url();
    return from_parsed(joined);
} catch (const std::exception&) {
    return not_a_url();
}

namespace {

std::string decode_form(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                            hex_value(text[i + 2]) >= 0;
        if (escape) {
            plain += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            plain += text[i] == '+' ? ' ' : text[i];
        }
    }
    return plain;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (part.empty()) continue;
        const auto equals = std::min(part.find('='), part.size());
        const auto value = part.substr(std::min(equals + 1, part.size()));
        pairs.emplace_back(decode_form(part.substr(0, equals)), decode_form(value));
    }
    return pairs;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

}  // namespace sluice::net
