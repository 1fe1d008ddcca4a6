#include "instance/connection_alerts.hpp"

#include <algorithm>
#include <utility>

#include "engine/alerts.hpp"
#include "engine/hide_secrets.hpp"

namespace sluice::instance {
namespace {

constexpr std::int64_t count_ms = 60'000;
constexpr std::int64_t retry_ms = 5'000;

}  // namespace

void connection_alerts::start(const std::vector<raised_alert>& raised) {
    for (const raised_alert& one : raised) {
        for (const std::string& action : one.refused)
            refused_[{one.instance, one.about}].try_emplace(action, one.last_ms);
    }
}

void connection_alerts::replace(const std::vector<std::string>& instances) {
    std::erase_if(refused_, [&](const auto& one) {
        return std::ranges::find(instances, one.first.owner) != instances.end();
    });
}

connection_alerts::rule_list connection_alerts::rules_of(const flow_ptr& flow,
                                                         const connection_id& id) {
    rule_list out;
    if (!flow) return out;
    for (const manifest::alert& rule : flow->integration->alerts) {
        if (rule.on == manifest::alert::condition::connection && rule.watches(id.name))
            out.push_back(&rule);
    }
    return out;
}

flow_ptr connection_alerts::any_flow(const std::string& instance) const {
    const std::vector<flow_ptr> flows = ports_.deployed.flows_of(instance);
    return flows.empty() ? nullptr : flows.front();
}

void connection_alerts::refused(const connection_id& id, const std::string& action,
                                const engine::fault& why) {
    const flow_ptr flow = any_flow(id.owner);
    const rule_list rules = rules_of(flow, id);
    if (rules.empty()) return;
    const std::int64_t now = ports_.clock.unix_ms();
    const auto [known, fresh] = refused_[id].try_emplace(action, now);
    const bool recent = now >= known->second && now - known->second < count_ms;
    if (!fresh && recent) return;
    known->second = now;
    for (const manifest::alert* const rule : rules)
        change(id, rule->name, true, why);
}

void connection_alerts::broken(const connection_id& id, const std::string& reason) {
    const flow_ptr flow = any_flow(id.owner);
    for (const manifest::alert* const rule : rules_of(flow, id)) {
        const std::string key = engine::alert_key(id.owner, rule->name, id.name);
        if (ports_.writer.may_be_raised(key)) continue;
        const base::error why =
            base::make_error(base::error_code::auth, id.to_text() + " does not work: " + reason);
        change(id, rule->name, true,
               engine::hide_secrets(*flow, engine::fault_of_call(why, 0, {})));
    }
}

void connection_alerts::works(const connection_id& id, const std::string& action) {
    if (ports_.writer.none_raised()) return;
    const auto found = refused_.find(id);
    if (found != refused_.end()) {
        found->second.erase(action);
        if (!found->second.empty()) return;
    }
    clear(id);
}

void connection_alerts::restored(const connection_id& id) { clear(id); }

void connection_alerts::clear(const connection_id& id) {
    if (ports_.writer.none_raised()) return;
    const flow_ptr flow = any_flow(id.owner);
    const rule_list rules = rules_of(flow, id);
    if (rules.empty() || ports_.given_up(id)) return;
    refused_.erase(id);
    for (const manifest::alert* const rule : rules) {
        const std::string key = engine::alert_key(id.owner, rule->name, id.name);
        if (ports_.writer.may_be_raised(key)) change(id, rule->name, false, std::nullopt);
    }
}

void connection_alerts::change(const connection_id& id, const std::string& alert, bool raised,
                               const std::optional<engine::fault>& why) {
    const flow_ptr flow = any_flow(id.owner);
    const rule_list rules = rules_of(flow, id);
    const auto rule = std::ranges::find(rules, alert, &manifest::alert::name);
    if (rule == rules.end()) return;  // gone since the last try
    engine::alert_news news;
    news.about = id.name;
    news.error = why;
    if (const auto found = refused_.find(id); raised && found != refused_.end()) {
        for (const auto& [action, at] : found->second)
            news.refused.push_back(action);
    }
    const std::string key = engine::alert_key(id.owner, alert, id.name);
    const std::uint64_t number = latest_[key] = ++changes_;
    const auto again = [this, id, alert, raised, why, key, number,
                        alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired()) return;
        const auto last = latest_.find(key);
        if (last != latest_.end() && last->second == number) change(id, alert, raised, why);
    };
    ports_.writer.write(engine::change_alert(*flow, **rule, raised, news, ports_.clock, ports_.ids),
                        [this, again, key, number,
                         alive = std::weak_ptr<bool>(alive_)](const base::result<void>& done) {
                            if (alive.expired()) return;
                            if (!done) {
                                ports_.loop.run_after(retry_ms, again);
                                return;
                            }
                            const auto last = latest_.find(key);
                            if (last != latest_.end() && last->second == number)
                                latest_.erase(last);
                        });
}

}  // namespace sluice::instance
