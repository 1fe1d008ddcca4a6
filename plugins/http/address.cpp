#include "address.hpp"

#include <algorithm>
#include <sluice/encoding.hpp>
#include <utility>
#include <vector>

namespace sluice::http {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_host(std::string_view host) {
    if (host.starts_with('[')) {
        return host.size() > 2 && host.ends_with(']') &&
               std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
                   return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
               });
    }
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_lower(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

bool is_port(std::string_view port) {
    return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

bool is_rest(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7F' && c != '\\' && c != '#' && c != '"' && c != '<' && c != '>';
    });
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size();
        const auto byte = escape ? hex_decode(text.substr(i + 1, 2)) : std::nullopt;
        if (byte) {
            out += *byte;
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

[[noreturn]] void refuse(const std::string& what) { throw failure(SLUICE_INVALID_INPUT, what); }

std::string path_of(const json& path) {
    std::string made;
    if (path.is_array()) {
        for (const json& segment : path.items()) {
            const std::string name = plain_text(segment, "a segment of 'path'");
            if (name.empty() || name == "." || name == "..") {
                refuse("'" + name + "' cannot be a segment of 'path'");
            }
            made += "/" + percent_encode(name);
        }
        return made;
    }
    if (!path.is_string()) refuse("'path' must be a text or a list of segments");
    made = path.as_string();
    if (!made.empty() && !made.starts_with('/') && !made.starts_with('?')) made.insert(0, "/");
    if (!is_rest(made)) {
        refuse("'path' has characters that must be percent-encoded; a list of segments is encoded");
    }
    return made;
}

}  // namespace

std::string address::origin() const {
    return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}
std::string address::text() const { return origin() + path + query; }

std::optional<address> parse_address(std::string_view text) {
    address made;
    const std::size_t colon = text.find("://");
    if (colon == text.npos) return std::nullopt;
    made.scheme = lower_ascii(text.substr(0, colon));
    if (made.scheme != "http" && made.scheme != "https") return std::nullopt;
    text.remove_prefix(colon + 3);
    std::string_view authority = text.substr(0, text.find_first_of("/?"));
    std::string_view rest = text.substr(authority.size());
    // Behind the brackets of an IPv6 address, if it is one.
    const std::size_t port = authority.find(':', authority.find(']') + 1);
    if (port != authority.npos) {
        if (!is_port(authority.substr(port + 1))) return std::nullopt;
        made.port = authority.substr(port + 1);
        authority = authority.substr(0, port);
    }
    if (made.port == (made.scheme == "https" ? "443" : "80")) made.port.clear();
    made.host = lower_ascii(authority);
    if (!is_host(made.host) || !is_rest(rest)) return std::nullopt;
    const std::size_t query = std::min(rest.find('?'), rest.size());
    made.path = rest.substr(0, query);
    made.query = rest.substr(query);
    return made;
}

bool stays_in_place(std::string_view path) {
    const std::string decoded = percent_decoded(path);
    std::size_t begin = 0;
    while (begin <= decoded.size()) {
        const std::size_t end = std::min(decoded.find_first_of("/\\", begin), decoded.size());
        // Some servers take ";..." off before they look at a segment.
        std::string_view segment = std::string_view(decoded).substr(begin, end - begin);
        segment = segment.substr(0, segment.find(';'));
        if (segment == "." || segment == "..") return false;
        begin = end + 1;
    }
    return true;
}

base_address::base_address(const std::string& text) {
    std::optional<address> parsed = parse_address(text);
    if (!parsed || !parsed->query.empty() || !stays_in_place(parsed->path)) {
        refuse("the connection's 'baseUrl' must be an address like https://api.example.com/v1");
    }
    base_ = std::move(*parsed);
    while (base_.path.ends_with('/'))
        base_.path.pop_back();
}

bool base_address::is_above(const address& target) const {
    return target.origin() == base_.origin() && stays_in_place(target.path) &&
           target.path.starts_with(base_.path) &&
           (target.path.size() == base_.path.size() || target.path[base_.path.size()] == '/');
}

std::string base_address::checked(const address& target) const {
    if (!is_above(target)) {
        refuse("the address " + target.origin() + target.path +
               " is not below that of the connection, " + base_.text() +
               ", whose credentials go nowhere else");
    }
    return target.text();
}

std::string base_address::of(const json& input) const {
    const json& path = input["path"];
    const json& whole = input["url"];
    if (!path.is_null() && !whole.is_null()) refuse("give 'path' or 'url', not both");
    std::string text = base_.text();
    if (!whole.is_null()) {
        text = required_string(input, "url");
    } else if (!path.is_null()) {
        text += path_of(path);
    }
    const std::optional<address> target = parse_address(text);
    if (!target) refuse("'url' is no address that can be asked");
    std::string made = checked(*target);
    add_query(made, input["query"]);
    return made;
}

std::optional<address> base_address::resolved(std::string_view reference,
                                              const std::string& from) const {
    const address asked = parse_address(from).value_or(base_);
    std::string text(reference);
    if (text.starts_with("//")) {
        text.insert(0, asked.scheme + ":");
    } else if (text.starts_with('/')) {
        text.insert(0, asked.origin());
    } else if (text.starts_with('?')) {
        text.insert(0, asked.origin() + asked.path);
    } else if (text.find("://") == text.npos) {
        text.insert(0, asked.origin() + asked.path.substr(0, asked.path.rfind('/') + 1));
    }
    text.resize(std::min(text.find('#'), text.size()));
    return parse_address(text);
}

std::string base_address::of_reference(std::string_view reference, const std::string& from) const {
    const std::optional<address> target = resolved(reference, from);
    if (!target) refuse("what stands for the next page is no address");
    return checked(*target);
}

std::string plain_text(const json& content, std::string_view where) {
    if (content.is_string()) return content.as_string();
    if (content.is_number()) return content.number_text();
    if (content.is_bool()) return content.as_bool() ? "true" : "false";
    refuse(std::string(where) + " must be a text, a number or a flag, it is " +
           content.kind_name());
}

void add_query(std::string& to, const json& query) {
    if (query.is_null()) return;
    if (!query.is_object()) refuse("'query' must be an object");
    const auto add = [&](const std::string& name, const json& content) {
        to += to.find('?') == to.npos ? '?' : '&';
        to += percent_encode(name) + "=" +
              percent_encode(plain_text(content, "'query." + name + "'"));
    };
    for (const auto& [name, content] : query.members()) {
        if (content.is_array()) {
            for (const json& each : content.items())
                add(name, each);
        } else if (!content.is_null()) {
            add(name, content);
        }
    }
}

}  // namespace sluice::http
