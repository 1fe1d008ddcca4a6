#include "cli/connector_host.hpp"

#include <utility>

namespace sluice::cli {
namespace {

plugin::host_options folders(const connector_host_options& from) {
    plugin::host_options out;
    out.folder = from.plugins;
    out.cache_folder = from.cache;
    out.blob_folder = from.blob_folder;
    out.blob_bytes_per_execution = from.blob_bytes_per_execution;
    out.disk_shortage = from.disk_shortage;
    out.isolation = from.isolation;
    out.runner = from.runner;
    out.runner_folder = from.runner_folder;
    return out;
}

}  // namespace

connector_host::connector_host(const connector_host_options& options,
                               std::unique_ptr<outgoing_network> network, net::io_loop& loop,
                               base::clock& clock, store::store* state)
    : network_(std::move(network)),
      http_(network_->http()),
      connectors_(plugin::host_ports{loop, clock, &http_, state, {}}, folders(options)),
      file_http_(http_, connectors_.blob_streams()),
      calls_(connectors_, loop) {}

base::result<std::unique_ptr<connector_host>> connector_host::open(
    const connector_host_options& options, net::io_loop& loop, base::clock& clock,
    store::store* state) {
    auto network = outgoing_network::open(loop, options.allow_egress, options.ca_file,
                                          options.connections_per_host);
    if (!network) return std::move(network).error_value();
    std::unique_ptr<connector_host> made(
        new connector_host(options, std::move(*network), loop, clock, state));
    base::result<void> scanned = made->connectors_.rescan();
    if (!scanned) return std::move(scanned).error_value();
    return made;
}

std::shared_ptr<const plugin::descriptor> connector_host::describe(
    const std::string& connector, const manifest::version_constraint* wanted) const {
    const std::shared_ptr<plugin::connector> found =
        connectors_.find(connector, [wanted](const plugin::version& version) {
            return wanted == nullptr || wanted->accepts(version.to_text());
        });
    if (!found) return nullptr;
    return {found, &found->description()};
}

std::optional<base::error> connector_host::why_missing(
    const std::string& connector, const manifest::version_constraint* wanted) const {
    if (describe(connector, wanted)) return std::nullopt;
    return connectors_.explain_missing(connector, wanted == nullptr ? "*" : wanted->text());
}

}  // namespace sluice::cli
