// What operators and their machines learn about a running host: numbers, readiness, findings.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/admin_api.hpp"
#include "api/findings.hpp"
#include "api/metrics.hpp"
#include "api/probes.hpp"
#include "cli/connector_host.hpp"
#include "engine/engine.hpp"
#include "instance/connections.hpp"
#include "instance/deployments.hpp"
#include "instance/vault.hpp"
#include "store/store.hpp"
#include "trigger/pollers.hpp"
#include "trigger/schedules.hpp"
#include "trigger/webhook.hpp"

namespace sluice::cli {

// Everything here outlives it.
struct operation_ports {
    base::clock& clock;
    store::store& store;
    connector_host& connectors;
    instance::deployments& deployments;
    instance::connections& connections;
    const instance::vault& keys;
    engine::engine& engine;
    trigger::schedules& schedules;
    trigger::pollers& pollers;
    trigger::webhook& webhooks;
    api::metrics& numbers;
    std::function<bool()> draining;
};

// Loop thread.
class host_operations {
  public:
    explicit host_operations(operation_ports ports);

    // For api::probe_ports.
    std::function<api::probe_ports::conditions()> ready() const;
    std::function<std::string()> numbers() const;
    // For api::api_ports.
    std::vector<api::finding> findings() const;
    json::value connectors() const;
    bool release_connector(const std::string& id) const;

  private:
    void note_stats() const;
    void look_at_isolation(std::vector<api::finding>& out) const;

    operation_ports ports_;
};

// Has the calls of connectors and the requests to third parties counted.
void count_calls(connector_host& connectors, base::clock& clock, api::metrics& into);
// The name under which the ends of a flow are counted: "namespace/name/flow".
std::string counted_flow(const instance::deployments& deployed, const std::string& instance,
                         const std::string& flow);

}  // namespace sluice::cli
