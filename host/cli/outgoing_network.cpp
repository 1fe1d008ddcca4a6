#include "cli/outgoing_network.hpp"

#include <utility>

namespace sluice::cli {
namespace {

net::http_client_options client_options(std::string ca_file) {
    net::http_client_options out;
    out.ca_file = std::move(ca_file);
    return out;
}

}  // namespace

outgoing_network::outgoing_network(net::io_loop& loop, net::egress_policy policy,
                                   std::string ca_file)
    : resolver_(net::make_system_resolver(loop)),
      guard_(loop, *resolver_, std::move(policy)),
      client_(loop, guard_, client_options(std::move(ca_file))),
      http_(client_) {}

base::result<std::unique_ptr<outgoing_network>> outgoing_network::open(
    net::io_loop& loop, const std::vector<std::string>& allow_egress, const std::string& ca_file) {
    auto policy = net::egress_policy::from_allow_list(allow_egress);
    if (!policy) return std::move(policy).error_value();
    return std::unique_ptr<outgoing_network>(
        new outgoing_network(loop, std::move(*policy), ca_file));
}

}  // namespace sluice::cli
