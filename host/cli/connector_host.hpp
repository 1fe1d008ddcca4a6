// Connectors that can be called: the registry, and the network that it gives them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engine/plugin_calls.hpp"
#include "net/egress_guard.hpp"
#include "net/http_client.hpp"
#include "net/io_loop.hpp"
#include "net/resolver.hpp"
#include "plugin/http_port.hpp"
#include "plugin/registry.hpp"

namespace sluice::cli {

struct connector_host_options {
    std::filesystem::path plugins;
    std::filesystem::path cache;  // private copies of the libraries
    std::vector<std::string> allow_egress;
    std::string ca_file;  // empty: the system's
};

// Loop thread, or before the loop runs.
class connector_host {
  public:
    // Scans the folder. `state` null: connectors get no sluice.state/1. Loop, clock and store
    // outlive it.
    static base::result<std::unique_ptr<connector_host>> open(const connector_host_options& options,
                                                              net::io_loop& loop,
                                                              base::clock& clock,
                                                              store::store* state);

    plugin::registry& connectors() { return connectors_; }
    engine::plugin_calls& calls() { return calls_; }
    plugin::http_port& http() { return http_; }
    // What a call would use now; null when no version fits.
    std::shared_ptr<const plugin::descriptor> describe(
        const std::string& connector, const manifest::version_constraint* wanted) const;

  private:
    connector_host(const connector_host_options& options, net::egress_policy policy,
                   net::io_loop& loop, base::clock& clock, store::store* state);

    std::unique_ptr<net::resolver> resolver_;
    net::egress_guard guard_;
    net::http_client client_;
    plugin::http_client_port http_;
    plugin::registry connectors_;
    engine::plugin_calls calls_;
};

}  // namespace sluice::cli
