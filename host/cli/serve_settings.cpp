#include "cli/serve_settings.hpp"

#include <algorithm>

#include "net/egress_guard.hpp"
#include "net/ip_address.hpp"

namespace sluice::cli {
namespace {

constexpr std::int64_t least_free_mb = 64;

bool is_place_to_listen(const std::string& host) {
    return host == "*" || host == "localhost" || net::ip_address::parse(host).has_value();
}

}  // namespace

base::result<listen_address> parse_listen(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
    std::string host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool v6 = host.find(':') != std::string::npos;
    const bool digits = !port.empty() && port.size() <= 5 &&
                        port.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stol(port) > 65535 || v6 != bracketed || !is_place_to_listen(host)) {
        return base::make_error(base::error_code::invalid_input,
                                "\"" + text + "\" is not an address to listen on",
                                "write HOST:PORT, for example 127.0.0.1:8080 or *:8080");
    }
    return listen_address{host, static_cast<std::uint16_t>(std::stol(port))};
}

bool is_loopback(const listen_address& address) {
    return address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.");
}

base::result<void> check_admin_listen(const std::string& text, bool tls) {
    base::result<listen_address> address = parse_listen(text);
    if (!address) return std::move(address).error_value();
    if (is_loopback(*address) || tls) return {};
    return base::make_error(base::error_code::invalid_input,
                            "the admin API may listen on \"" + text + "\" with TLS only",
                            "give --tls-certificate and --tls-key, or listen on 127.0.0.1");
}

base::result<void> check_egress_entry(const std::string& entry) {
    auto policy = net::egress_policy::from_allow_list({entry});
    if (!policy) return std::move(policy).error_value();
    return {};
}

store::disk_limits disk_limits_of(std::int64_t reserve_mb) {
    store::disk_limits out;
    out.reserve_bytes = reserve_mb << 20;
    out.admit_above_bytes = std::max(2 * reserve_mb, least_free_mb) << 20;
    return out;
}

}  // namespace sluice::cli
