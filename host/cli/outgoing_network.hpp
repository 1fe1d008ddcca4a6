// The way out: names, egress guard, HTTP client.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/egress_guard.hpp"
#include "net/http_client.hpp"
#include "net/io_loop.hpp"
#include "net/resolver.hpp"
#include "plugin/http_port.hpp"

namespace sluice::cli {

// Loop thread, or before the loop runs.
class outgoing_network {
  public:
    // `ca_file` empty: the system's certificates; `connections_per_host` 0: the client's own limit.
    // The loop outlives it.
    static base::result<std::unique_ptr<outgoing_network>> open(
        net::io_loop& loop, const std::vector<std::string>& allow_egress,
        const std::string& ca_file = {}, std::size_t connections_per_host = 0);

    plugin::http_port& http() { return http_; }

  private:
    outgoing_network(net::io_loop& loop, net::egress_policy policy,
                     net::http_client_options options);

    std::unique_ptr<net::resolver> resolver_;
    net::egress_guard guard_;
    net::http_client client_;
    plugin::http_client_port http_;
};

}  // namespace sluice::cli
