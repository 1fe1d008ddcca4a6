// How the lifecycle writes its records, and starts the runs that they name.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "instance/lifecycle.hpp"
#include "instance/lifecycle_runs.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using state_kind = deployment_record::state_kind;
using run = deployment_record::run;

constexpr std::int64_t retry_ms = 5'000;

}  // namespace

void note_failure(const std::string& instance, deployment_record& record, const std::string& flow,
                  const std::string& why) {
    const std::string text = base::redact(flow + ": " + why);
    if (record.error.empty()) record.error = text;
    base::log(base::log_level::error,
              record.removing ? "an undeploy flow failed; remove the instance again, or start again"
                              : "a deploy flow failed; apply the instance again, or start again",
              {{"instance", instance}, {"flow", flow}, {"why", base::redact(why)}});
}

// All records that wait, in one transaction; those that are removed each in its own. The store's
// versions are read first: it does not say which version a write made.
void lifecycle::flush() {
    if (writing_ > 0 || dirty_.empty()) return;
    std::vector<std::string> names(dirty_.begin(), dirty_.end());
    dirty_.clear();
    std::vector<store::config_change> changes;
    std::vector<store::config_change> removals;
    std::vector<std::string> kept;
    for (const std::string& name : names) {
        const deployment_record& record = all_.at(name).record;
        store::config_change change{{deployment_kind, name, json::to_text(record.to_json()), 0},
                                    false};
        if (record.state == state_kind::removed) {
            removals.push_back(std::move(change));
        } else {
            kept.push_back(name);
            changes.push_back(std::move(change));
        }
    }
    writing_ = removals.size() + (changes.empty() ? 0 : 1);
    // On another thread, maybe after the end of this object: nothing of it but by way of the loop.
    const auto told = [this, &loop = ports_.loop,
                       alive = std::weak_ptr<bool>(alive_)](std::vector<std::string> instances) {
        return [this, &loop, alive, instances = std::move(instances)](base::result<void> outcome) {
            loop.post([this, alive, instances, outcome = std::move(outcome)] {
                if (!alive.expired()) written(instances, outcome);
            });
        };
    };
    ports_.run_blocking([&store = ports_.store, forget = ports_.forget, told,
                         changes = std::move(changes), removals = std::move(removals),
                         kept = std::move(kept)]() mutable {
        const auto stored = store.config(deployment_kind);
        std::unordered_map<std::string, std::uint64_t> versions;
        if (stored) {
            for (const store::config_record& record : *stored)
                versions.emplace(record.key, record.version);
        }
        const auto number = [&versions](store::config_change& change) {
            const auto found = versions.find(change.record.key);
            if (found != versions.end()) change.record.version = found->second;
        };
        for (store::config_change& change : changes)
            number(change);
        if (!changes.empty()) {
            auto done = told(std::move(kept));
            stored ? store.change_config(std::move(changes), std::move(done))
                   : done(stored.error_value());
        }
        for (store::config_change& change : removals) {
            number(change);
            const std::string name = change.record.key;
            auto done = told({name});
            stored ? forget(name, std::move(change), std::move(done)) : done(stored.error_value());
        }
    });
}

void lifecycle::written(const std::vector<std::string>& instances,
                        const base::result<void>& outcome) {
    --writing_;
    if (!outcome) {
        base::log(base::log_level::warning, "the state of instances could not be kept",
                  {{"instances", std::to_string(instances.size())},
                   {"why", outcome.error_value().to_text()}});
        dirty_.insert(instances.begin(), instances.end());
        return flush_later();
    }
    std::vector<store::new_event> events;
    for (const std::string& name : instances) {
        by_name::value_type& of = *all_.find(name);
        // Dirty again: what was written is not the attempt that waits.
        if (of.second.fresh && !stopped_ && !dirty_.contains(name)) {
            of.second.fresh = false;
            std::vector<std::string> flows;
            for (const run& one : of.second.record.runs) {
                if (!is_over(one)) flows.push_back(one.flow);
            }
            for (store::new_event& event : events_of(of, flows))
                events.push_back(std::move(event));
        }
        const state_kind now = of.second.record.state;
        if (dirty_.contains(name) || std::exchange(of.second.reported, now) == now) continue;
        ports_.changed(name, of.second.record);
    }
    append(std::move(events));
    flush();
}

void lifecycle::flush_later() {
    ports_.loop.run_after(retry_ms, [this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) flush();
    });
}

std::vector<store::new_event> lifecycle::events_of(const by_name::value_type& of,
                                                   const std::vector<std::string>& flows) const {
    std::vector<store::new_event> out;
    const deployment_record& record = of.second.record;
    for (const run& one : record.runs) {
        if (std::find(flows.begin(), flows.end(), one.flow) == flows.end()) continue;
        store::new_event event;
        event.id = one.execution;
        event.instance = of.first;
        event.flow = one.flow;
        event.flow_version = record.version;
        event.kind = record.removing ? "undeploy" : "deploy";
        json::value payload = json::value::object({{"reason", record.reason}});
        if (!record.removing) {
            payload.set("previousVersion", record.previous_release.empty()
                                               ? json::value()
                                               : json::value(record.previous_release));
        }
        event.payload_json = json::to_text(payload);
        event.accepted_ms = ports_.clock.unix_ms();
        out.push_back(std::move(event));
    }
    return out;
}

void lifecycle::append(std::vector<store::new_event> events) {
    if (events.empty()) return;
    std::vector<store::new_event> copy = events;
    ports_.store.append(
        std::move(copy),
        [this, &loop = ports_.loop, alive = std::weak_ptr<bool>(alive_),
         events = std::move(events)](base::result<std::vector<store::append_outcome>> outcome) {
            loop.post([this, alive, events, outcome = std::move(outcome)] {
                if (!alive.expired()) appended(events, outcome);
            });
        });
}

void lifecycle::appended(const std::vector<store::new_event>& events,
                         const base::result<std::vector<store::append_outcome>>& outcome) {
    for (std::size_t i = 0; i < events.size(); ++i) {
        const store::new_event& event = events[i];
        if (!outcome) {
            not_accepted(event, outcome.error_value().to_text());
        } else if (outcome->at(i).what == store::append_outcome::kind::refused) {
            not_accepted(event, outcome->at(i).reason);
        } else if (auto payload = json::parse(event.payload_json); payload && !stopped_) {
            ports_.accept(event, std::move(*payload));
        }
    }
    flush();
}

void lifecycle::not_accepted(const store::new_event& event, const std::string& why) {
    runs_.erase(event.id);
    by_name::value_type& of = *all_.find(event.instance);
    if (of.second.before.contains(event.id)) return ended_before(of, event.id);
    for (run& one : of.second.record.runs) {
        if (one.execution == event.id) one.state = "failed";
    }
    note_failure(of.first, of.second.record, event.flow, "its event was not accepted: " + why);
    settle(of);
}

}  // namespace sluice::instance
