#include "net/egress_guard.hpp"

#include <charconv>
#include <utility>

#include "net/egress_refusal.hpp"
#include "net/http_headers.hpp"
#include "net/url.hpp"

namespace sluice::net {

namespace {

using base::error_code;
using base::make_error;

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number most) {
    Number number = 0;
    const auto end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc() || stop != end || number > most) return std::nullopt;
    return number;
}

std::string without_final_dot(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return std::string(host);
}

base::error bad_entry(const std::string& entry) {
    return make_error(error_code::invalid_input,
                      "the allow list entry '" + entry + "' is not valid",
                      "write a host name, an IP address or a network like 10.0.0.0/8, each with an "
                      "optional :port");
}

struct entry_parts {
    std::string_view host;
    std::string_view prefix;  // after "/", may be empty
    std::string_view port;    // after the last ":", may be empty
};

// "[::1]:80", "::1", "fd00::/8", "[fd00::/8]:80", "10.0.0.0/8:80", "name:80".
std::optional<entry_parts> split_entry(std::string_view entry) {
    entry_parts parts;
    if (entry.starts_with('[')) {
        const auto close = entry.find(']');
        if (close == entry.npos) return std::nullopt;
        const auto rest = entry.substr(close + 1);
        parts.host = entry.substr(1, close - 1);
        if (!rest.empty() && (rest.size() < 2 || rest[0] != ':')) return std::nullopt;
        if (!rest.empty()) parts.port = rest.substr(1);
    } else if (entry.find(':') == entry.rfind(':')) {
        const auto colon = std::min(entry.find(':'), entry.size());
        parts.host = entry.substr(0, colon);
        if (colon + 1 == entry.size()) return std::nullopt;
        if (colon < entry.size()) parts.port = entry.substr(colon + 1);
    } else {
        parts.host = entry;
    }
    const auto slash = parts.host.find('/');
    if (slash != parts.host.npos) {
        parts.prefix = parts.host.substr(slash + 1);
        parts.host = parts.host.substr(0, slash);
        if (parts.prefix.empty()) return std::nullopt;
    }
    return parts;
}

}  // namespace

base::result<egress_policy> egress_policy::from_allow_list(
    const std::vector<std::string>& entries) {
    egress_policy policy;
    for (const auto& entry : entries) {
        const auto parts = split_entry(entry);
        if (!parts) return bad_entry(entry);
        std::uint16_t port = 0;
        if (!parts->port.empty()) {
            const auto number = parse_number<std::uint32_t>(parts->port, 65535);
            if (!number || *number == 0) return bad_entry(entry);
            port = static_cast<std::uint16_t>(*number);
        }
        if (const auto address = ip_address::parse(parts->host)) {
            const unsigned most = address->is_v6() ? 128 : 32;
            unsigned bits = most;
            if (!parts->prefix.empty()) {
                const auto number = parse_number<unsigned>(parts->prefix, most);
                if (!number) return bad_entry(entry);
                bits = *number;
            }
            policy.networks_.push_back({*address, bits, port});
            continue;
        }
        // The URL parser knows what a host name is.
        const auto name = parse_url("http://" + std::string(parts->host) + "/");
        if (!parts->prefix.empty() || !name || name->path != "/") return bad_entry(entry);
        policy.hosts_.push_back({name->host, port});
    }
    return policy;
}

base::result<void> egress_policy::check(std::string_view host, std::uint16_t port,
                                        const ip_address& address) const {
    const auto reason = why_not_public(address);
    if (!reason) return {};
    const auto name = without_final_dot(host);
    for (const auto& rule : hosts_) {
        if ((rule.port == 0 || rule.port == port) && equal_without_case(rule.host, name)) return {};
    }
    for (const auto& rule : networks_) {
        if ((rule.port == 0 || rule.port == port) && address.is_v6() == rule.network.is_v6() &&
            has_prefix(address.bytes(), rule.network.bytes(), rule.prefix_bits)) {
            return {};
        }
    }
    const auto text = address.to_text();
    std::string message = "connections to " + name + " are not allowed: ";
    if (name != text) message += text + " is ";
    message += *reason;
    const bool v6_name = name.find(':') != name.npos;
    const auto suggestion = (v6_name ? "[" + name + "]" : name) + ":" + std::to_string(port);
    base::error refusal =
        make_error(error_code::invalid_input, std::move(message),
                   "if this is wanted, add " + suggestion + " to the host's egress allow list");
    refusal.details_json = refused_by_guard;
    return refusal;
}

void egress_guard::lookup(const std::string& host, std::uint16_t port, done_function done) const {
    if (const auto literal = ip_address::parse(host)) {
        const auto allowed = policy_.check(host, port, *literal);
        base::result<std::vector<ip_address>> answer =
            allowed ? base::result<std::vector<ip_address>>(std::vector{*literal})
                    : base::result<std::vector<ip_address>>(allowed.error_value());
        loop_.post([done = std::move(done), answer = std::move(answer)] { done(answer); });
        return;
    }
    names_.resolve(host, [this, host, port,
                          done = std::move(done)](base::result<std::vector<ip_address>> found) {
        if (found) {
            for (const auto& address : *found) {
                auto allowed = policy_.check(host, port, address);
                if (!allowed) return done(std::move(allowed).error_value());
            }
        }
        done(std::move(found));
    });
}

}  // namespace sluice::net
