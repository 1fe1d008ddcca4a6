// Connectors that can be called: the registry, and the network that it gives them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/counted_http.hpp"
#include "cli/outgoing_network.hpp"
#include "engine/plugin_calls.hpp"
#include "net/io_loop.hpp"
#include "plugin/blob_http.hpp"
#include "plugin/http_port.hpp"
#include "plugin/registry.hpp"

namespace sluice::cli {

struct connector_host_options {
    std::filesystem::path plugins;
    std::filesystem::path cache;  // private copies of the libraries
    std::vector<std::string> allow_egress;
    std::string ca_file;                   // empty: the system's
    std::size_t connections_per_host = 0;  // outgoing; 0: the client's own limit
    // Of the executions' files; see plugin::host_options. No folder: temporary ones.
    std::filesystem::path blob_folder = {};
    std::uint64_t blob_bytes_per_execution = 4ull << 30;
    std::function<std::string()> disk_shortage = {};
    // Empty: every connector runs in this process.
    plugin::isolation_policy isolation = {};
    plugin::start_runner runner = {};
    std::filesystem::path runner_folder = {};  // see plugin::host_options
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
    // Requests of the host's own tasks, through the same client and egress guard.
    counted_http& http() { return http_; }
    plugin::blob_http& files() { return file_http_; }
    // What a call would use now; null when no version fits.
    std::shared_ptr<const plugin::descriptor> describe(
        const std::string& connector, const manifest::version_constraint* wanted) const;
    // Why there is no version that fits; nothing when there is one.
    std::optional<base::error> why_missing(const std::string& connector,
                                           const manifest::version_constraint* wanted) const;

  private:
    connector_host(const connector_host_options& options, std::unique_ptr<outgoing_network> network,
                   net::io_loop& loop, base::clock& clock, store::store* state);

    std::unique_ptr<outgoing_network> network_;
    counted_http http_;
    plugin::registry connectors_;
    plugin::blob_http file_http_;
    engine::plugin_calls calls_;
};

}  // namespace sluice::cli
