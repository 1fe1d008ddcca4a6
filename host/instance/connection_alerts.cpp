#include "instance/connection_alerts.hpp"

#include <utility>

#include "engine/alerts.hpp"
#include "engine/hide_secrets.hpp"

namespace sluice::instance {

void connection_alerts::start(const std::vector<raised_alert>& raised) {
    for (const raised_alert& one : raised) {
        if (one.kind == "connection") raised_.insert({one.instance, one.about});
    }
}

void connection_alerts::refused(const connection_id& id, const base::error& why) {
    if (change(id, true, &why)) raised_.insert(id);
}

void connection_alerts::broken(const connection_id& id, const std::string& reason) {
    if (raised_.contains(id)) return;
    refused(id,
            base::make_error(base::error_code::auth, id.to_text() + " does not work: " + reason));
}

void connection_alerts::works(const connection_id& id) {
    if (raised_.erase(id) > 0) change(id, false, nullptr);
}

bool connection_alerts::change(const connection_id& id, bool raised, const base::error* why) {
    const std::vector<flow_ptr> flows = ports_.deployed.flows_of(id.owner);
    if (flows.empty()) return false;
    const engine::bound_flow& flow = *flows.front();
    engine::alert_news news;
    news.about = id.name;
    if (why != nullptr) news.error = hide_secrets(flow, engine::fault_of_call(*why, 0, {}));
    bool found = false;
    for (const manifest::alert& rule : flow.integration->alerts) {
        if (rule.on != manifest::alert::condition::connection || !rule.watches(id.name)) continue;
        found = true;
        ports_.writer.write(
            engine::change_alert(flow, rule, raised, news, ports_.clock, ports_.ids),
            [this, id, raised](const base::result<void>& done) {
                if (done) return;
                // As it is in the store: the next call tries again.
                if (raised) raised_.erase(id);
                if (!raised) raised_.insert(id);
            });
    }
    return found;
}

}  // namespace sluice::instance
