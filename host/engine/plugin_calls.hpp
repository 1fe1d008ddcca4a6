// call_port over the connectors of the plugin host.
#pragma once

#include <unordered_map>

#include "base/clock.hpp"
#include "engine/ports.hpp"
#include "plugin/registry.hpp"

namespace sluice::engine {

class plugin_calls final : public call_port {
  public:
    // Both outlive it.
    plugin_calls(plugin::registry& connectors, base::event_loop& loop)
        : connectors_(connectors), loop_(loop) {}

    // Each call that ended: connector ("github"), action, how long it took, what came of it. Empty:
    // nobody wants to know.
    using observer = std::function<void(const std::string& connector, const std::string& action,
                                        std::int64_t took_ns, const connector_reply& reply)>;
    void observe(base::clock& clock, observer told) {
        clock_ = &clock;
        told_ = std::move(told);
    }

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
    base::clock* clock_ = nullptr;
    observer told_;
};

}  // namespace sluice::engine
