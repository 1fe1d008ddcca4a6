#include "cli/connector_host.hpp"

#include <utility>

namespace sluice::cli {
namespace {

net::http_client_options client_options(const connector_host_options& from) {
    net::http_client_options out;
    out.ca_file = from.ca_file;
    return out;
}

plugin::host_options folders(const connector_host_options& from) {
    plugin::host_options out;
    out.folder = from.plugins;
    out.cache_folder = from.cache;
    return out;
}

}  // namespace

connector_host::connector_host(const connector_host_options& options, net::egress_policy policy,
                               net::io_loop& loop, base::clock& clock, store::store* state)
    : resolver_(net::make_system_resolver(loop)),
      guard_(loop, *resolver_, std::move(policy)),
      client_(loop, guard_, client_options(options)),
      http_(client_),
      connectors_(plugin::host_ports{loop, clock, &http_, state, {}}, folders(options)),
      calls_(connectors_, loop) {}

base::result<std::unique_ptr<connector_host>> connector_host::open(
    const connector_host_options& options, net::io_loop& loop, base::clock& clock,
    store::store* state) {
    auto policy = net::egress_policy::from_allow_list(options.allow_egress);
    if (!policy) return std::move(policy).error_value();
    std::unique_ptr<connector_host> made(
        new connector_host(options, std::move(*policy), loop, clock, state));
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

}  // namespace sluice::cli
