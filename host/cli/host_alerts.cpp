#include "cli/host_alerts.hpp"

#include <algorithm>
#include <utility>

#include "engine/fault.hpp"
#include "instance/alert_records.hpp"

namespace sluice::cli {

host_alerts::host_alerts(host_alert_ports ports)
    : ports_(std::move(ports)),
      writer_({ports_.loop, ports_.store, ports_.engine.alerts(),
               [this](const store::new_event& event, json::value payload) {
                   ports_.engine.accept(event, event.id, std::move(payload));
               }}),
      connection_alerts_({ports_.loop, ports_.clock, ports_.ids, ports_.deployed, writer_,
                          [this](const instance::connection_id& id) {
                              return ports_.connections.given_up(id).has_value();
                          }}),
      overdue_({ports_.loop, ports_.clock, ports_.ids, ports_.store, writer_}) {
    observe_connections();
}

void host_alerts::observe_connections() {
    ports_.connections.observe(
        [this](const instance::connection_id& id, const std::string& action,
               const engine::fault* refused) {
            refused != nullptr ? connection_alerts_.refused(id, action, *refused)
                               : connection_alerts_.works(id, action);
        },
        [this](const instance::connection_id& id, const instance::connection_record& now) {
            using state_kind = instance::connection_record::state_kind;
            for (const instance::connection_id& used : ports_.connections.uses_of(id)) {
                if (now.state == state_kind::error) connection_alerts_.broken(used, now.reason);
                if (now.state == state_kind::active) connection_alerts_.restored(used);
            }
        },
        [this](const instance::connection_id& id) { connection_alerts_.restored(id); });
}

base::result<void> host_alerts::start(const std::set<std::string>& others) {
    auto raised = instance::read_alerts(ports_.store);
    if (!raised) return raised.error_value();
    const std::vector<instance::flow_ptr> flows = ports_.deployed.flows();
    std::map<std::string, instance::flow_ptr> any;
    for (const instance::flow_ptr& flow : flows)
        any.emplace(flow->instance, flow);
    std::map<std::string, instance::integration_ptr> now;
    for (const instance::raised_alert& one : *raised) {
        const std::vector<instance::flow_ptr> its = ports_.deployed.flows_of(one.instance);
        const bool there = others.contains(one.instance) || ports_.deployed.has(one.instance);
        if (!its.empty()) now.emplace(one.instance, its.front()->integration);
        if (!there) now.emplace(one.instance, nullptr);
    }
    const std::vector<instance::raised_alert> gone = instance::undeclared(*raised, now);
    instance::drop(writer_, gone);
    std::erase_if(*raised, [&](const instance::raised_alert& one) {
        return std::ranges::find(gone, one.key, &instance::raised_alert::key) != gone.end();
    });
    connection_alerts_.start(*raised);
    std::vector<std::string> keys;
    for (const instance::raised_alert& one : *raised)
        keys.push_back(one.key);
    if (base::result<void> done = overdue_.start(flows, keys); !done) return done;
    // What broke when the process died is not forgotten.
    for (const auto& [name, flow] : any)
        look_at(name, flow);
    return {};
}

// For alerts that are new about connections that are not.
void host_alerts::look_at(const std::string& instance, const instance::flow_ptr& flow) {
    const bool watched =
        std::ranges::any_of(flow->integration->alerts, [](const manifest::alert& rule) {
            return rule.on == manifest::alert::condition::connection;
        });
    if (!watched) return;
    for (const auto& [name, ignored] : flow->connections) {
        const instance::connection_id id{instance, name};
        if (const auto why = ports_.connections.given_up(id)) connection_alerts_.broken(id, *why);
    }
}

void host_alerts::replace(const std::vector<std::string>& changed,
                          const std::vector<instance::flow_ptr>& flows) {
    overdue_.replace(changed, flows);
    connection_alerts_.replace(changed);
    std::map<std::string, instance::flow_ptr> startable;
    for (const instance::flow_ptr& flow : flows)
        startable.emplace(flow->instance, flow);
    for (const auto& [name, flow] : startable)
        look_at(name, flow);
    std::map<std::string, instance::integration_ptr> now;
    for (const std::string& name : changed) {
        const std::vector<instance::flow_ptr> its = ports_.deployed.flows_of(name);
        const bool there = !its.empty() || ports_.deployed.has(name);
        if (!its.empty()) now.emplace(name, its.front()->integration);
        if (!there) now.emplace(name, nullptr);
    }
    drop_later(std::move(now));
}

void host_alerts::forget(const std::string& instance) {
    connection_alerts_.replace({instance});
    drop_later({{instance, nullptr}});
}

void host_alerts::drop_later(std::map<std::string, instance::integration_ptr> now) {
    // After everything that is on its way to the disk: an end may raise one in this moment.
    // On other threads, maybe after the end of this object: nothing of it but by way of the loop.
    ports_.store.append(
        {}, [this, &store = ports_.store, &loop = ports_.loop, run_blocking = ports_.run_blocking,
             now = std::move(now), alive = std::weak_ptr<bool>(alive_)](const auto&) {
            run_blocking([this, &store, &loop, now, alive] {
                auto raised = instance::read_alerts(store);
                if (!raised) return;  // whoever looks at them is told; the next start drops them
                loop.post([this, alive, gone = instance::undeclared(*raised, now)] {
                    if (!alive.expired()) instance::drop(writer_, gone);
                });
            });
        });
}

}  // namespace sluice::cli
