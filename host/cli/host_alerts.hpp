// The alerts of a host: who raises them, and what happens to them when instances come and go.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/alert_writer.hpp"
#include "engine/engine.hpp"
#include "instance/connection_alerts.hpp"
#include "instance/connections.hpp"
#include "instance/deployments.hpp"
#include "trigger/overdue.hpp"

namespace sluice::cli {

// Everything here outlives the alerts.
struct host_alert_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    const instance::deployments& deployed;
    instance::connections& connections;
    engine::engine& engine;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

// Loop thread.
class host_alerts {
  public:
    explicit host_alerts(host_alert_ports ports);
    host_alerts(const host_alerts&) = delete;
    host_alerts& operator=(const host_alerts&) = delete;

    // After engine::recover(), before the loop runs; blocks. `others`: instances that are there
    // although none of their flows is. What was raised for any other is dropped.
    base::result<void> start(const std::set<std::string>& others);
    void on_success(const std::string& instance, const std::string& flow) {
        overdue_.on_success(instance, flow);
    }
    // These instances have changed; `flows` are theirs now.
    void replace(const std::vector<std::string>& changed,
                 const std::vector<instance::flow_ptr>& flows);
    // It is removed, and not deployed any more.
    void forget(const std::string& instance);
    void stop() { overdue_.stop(); }

  private:
    void observe_connections();
    void look_at(const std::string& instance, const instance::flow_ptr& flow);
    void drop_later(std::map<std::string, instance::integration_ptr> now);

    host_alert_ports ports_;
    engine::alert_writer writer_;
    instance::connection_alerts connection_alerts_;
    trigger::overdue overdue_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::cli
