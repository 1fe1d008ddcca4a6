#include "cli/outgoing_network.hpp"

#include <utility>

namespace sluice::cli {

outgoing_network::outgoing_network(net::io_loop& loop, net::egress_policy policy,
                                   net::http_client_options options)
    : resolver_(net::make_system_resolver(loop)),
      guard_(loop, *resolver_, std::move(policy)),
      client_(loop, guard_, std::move(options)),
      http_(client_) {}

base::result<std::unique_ptr<outgoing_network>> outgoing_network::open(
    net::io_loop& loop, const std::vector<std::string>& allow_egress, const std::string& ca_file,
    std::size_t connections_per_host) {
    auto policy = net::egress_policy::from_allow_list(allow_egress);
    if (!policy) return std::move(policy).error_value();
    net::http_client_options options;
    options.ca_file = ca_file;
    if (connections_per_host > 0) options.connections_per_host = connections_per_host;
    return std::unique_ptr<outgoing_network>(
        new outgoing_network(loop, std::move(*policy), std::move(options)));
}

}  // namespace sluice::cli
