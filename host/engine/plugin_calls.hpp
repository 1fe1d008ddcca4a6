// call_port over the connectors of the plugin host.
#pragma once

#include <unordered_map>

#include "engine/ports.hpp"
#include "plugin/registry.hpp"

namespace sluice::engine {

class plugin_calls final : public call_port {
  public:
    // Both outlive it.
    plugin_calls(plugin::registry& connectors, base::event_loop& loop)
        : connectors_(connectors), loop_(loop) {}

    std::string version_for(const std::string& connector,
                            const manifest::version_constraint* wanted) override;
    operation start(connector_call call, std::function<void(connector_reply)> done) override;
    void cancel(operation which) override;
    void forget(store::event_id execution) override;
    void drop(store::event_id execution) override;

  private:
    struct running {
        std::shared_ptr<plugin::connector> connector;
        plugin::call_handle handle;
    };
    std::shared_ptr<plugin::connector> choose(const connector_call& call) const;

    plugin::registry& connectors_;
    base::event_loop& loop_;
    std::unordered_map<operation, running> running_;
    operation last_ = 0;
};

}  // namespace sluice::engine
