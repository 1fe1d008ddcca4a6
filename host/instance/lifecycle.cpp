#include "instance/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using state_kind = deployment_record::state_kind;
using run = deployment_record::run;

constexpr std::int64_t retry_ms = 5'000;
constexpr const char* running = "running";
constexpr const char* succeeded = "succeeded";

bool is_over(const run& one) { return one.state != running; }
bool went_well(const run& one) { return one.state == succeeded; }

bool takes_part(const manifest::flow& flow, bool removing) {
    return removing ? std::holds_alternative<manifest::undeploy_trigger>(flow.trigger)
                    : std::holds_alternative<manifest::deploy_trigger>(flow.trigger);
}

// Of a fault as JSON.
std::string sentence_of(const json::value& problem) {
    std::string out = problem.string_or("title", "");
    if (out.empty()) out = problem.string_or("type", "it failed");
    const std::string detail = problem.string_or("detail", "");
    if (!detail.empty()) out += ": " + detail;
    const std::string where = problem.string_or("instance", "");
    return where.empty() ? out : out + " (at " + where + ")";
}

// The first failure is the one that is kept: what follows may come of it.
void note_failure(const std::string& instance, deployment_record& record, const std::string& flow,
                  const std::string& why) {
    const std::string text = base::redact(flow + ": " + why);
    if (record.error.empty()) record.error = text;
    base::log(base::log_level::error,
              record.removing ? "an undeploy flow failed; the next start tries it again"
                              : "a deploy flow failed; the next start tries it again",
              {{"instance", instance}, {"flow", flow}, {"why", base::redact(why)}});
}

}  // namespace

lifecycle::lifecycle(lifecycle_ports ports) : ports_(std::move(ports)) {}

base::result<void> lifecycle::start(std::vector<wanted_deployment> wanted) {
    base::result<std::map<std::string, deployment_record>> stored = read_deployments(ports_.store);
    if (!stored) return std::move(stored).error_value();
    for (wanted_deployment& one : wanted) {
        tracked made;
        const auto found = stored->find(one.instance);
        if (found != stored->end() && found->second.state != state_kind::removed) {
            made.record = std::move(found->second);
            made.known = true;
        }
        if (found != stored->end()) stored->erase(found);
        const std::string name = one.instance;
        made.wanted = std::move(one);
        all_.emplace(name, std::move(made));
    }
    for (auto& [name, record] : *stored) {
        if (record.state == state_kind::removed) continue;
        std::vector<std::string> missing;
        if (auto read = look_up(name, record, missing); !read) return read;
        for (run& one : record.runs) {
            if (std::find(missing.begin(), missing.end(), one.flow) != missing.end()) {
                one.state = "cancelled";  // it never began
            }
        }
        others_.emplace(name, std::move(record));
    }
    for (by_name::value_type& each : all_) {
        if (base::result<void> resumed = resume(each); !resumed) return resumed;
        each.second.reported = each.second.record.state;
    }
    flush();
    return {};
}

base::result<void> lifecycle::resume(by_name::value_type& of) {
    tracked& it = of.second;
    if (!it.known) return begin(of), base::result<void>();
    const bool same =
        it.record.fingerprint == it.wanted.fingerprint && it.record.removing == it.wanted.remove;
    if (same && it.record.state == state_kind::deployed) return {};
    std::vector<std::string> missing;
    if (auto read = look_up(of.first, it.record, missing); !read) return read;
    const bool under_way =
        it.record.state == state_kind::deploying || it.record.state == state_kind::undeploying;
    const auto& runs = it.record.runs;
    if (same && under_way && !std::all_of(runs.begin(), runs.end(), is_over)) {
        for (const run& one : runs) {
            if (!is_over(one)) runs_.emplace(one.execution, of.first);
        }
        append(events_of(of, missing));
        return {};
    }
    if (same && under_way && std::all_of(runs.begin(), runs.end(), went_well)) {
        settle(of);
        return {};
    }
    for (const run& one : runs) {
        const bool never_started =
            std::find(missing.begin(), missing.end(), one.flow) != missing.end();
        if (is_over(one) || never_started) continue;
        it.before.insert(one.execution);
        runs_.emplace(one.execution, of.first);
    }
    if (it.before.empty()) begin(of);
    return {};
}

// How the runs of the record stand; `missing` are flows whose event was never written.
base::result<void> lifecycle::look_up(const std::string& instance, deployment_record& of,
                                      std::vector<std::string>& missing) {
    for (run& one : of.runs) {
        if (is_over(one)) continue;
        const auto found = ports_.store.execution(one.execution);
        if (!found) {
            if (found.error_value().code != base::error_code::not_found) return found.error_value();
            missing.push_back(one.flow);
            continue;
        }
        if (!store::is_terminal(found->summary.state)) continue;
        one.state = store::to_string(found->summary.state);
        if (went_well(one)) continue;
        const base::result<json::value> problem = json::parse(found->summary.error_json);
        note_failure(instance, of, one.flow, problem ? sentence_of(*problem) : one.state);
    }
    return {};
}

void lifecycle::want(std::vector<wanted_deployment> wanted) {
    for (wanted_deployment& one : wanted) {
        const std::string name = one.instance;
        const auto [found, fresh] = all_.try_emplace(name);
        tracked& it = found->second;
        it.wanted = std::move(one);
        const auto known = others_.find(name);
        if (known != others_.end()) {
            it.record = std::move(known->second);
            it.known = true;
            it.reported = it.record.state;
            others_.erase(known);
        } else if (it.known && it.record.state == state_kind::removed && !it.wanted.remove) {
            it.record = {};
            it.known = false;
        }
        // The next start finds out the same.
        if (!stopped_) want_again(*found);
    }
    flush();
}

void lifecycle::want_again(by_name::value_type& of) {
    tracked& it = of.second;
    if (!it.before.empty()) return;  // begins when they have ended
    if (!it.known) return begin(of);
    const bool same =
        it.record.fingerprint == it.wanted.fingerprint && it.record.removing == it.wanted.remove;
    if (same && it.record.state != state_kind::failed) return;
    wait_for_runs(of);
    if (it.before.empty()) begin(of);
}

// The runs of the record that have begun and not ended are those of an earlier attempt now.
void lifecycle::wait_for_runs(by_name::value_type& of) {
    tracked& it = of.second;
    for (const run& one : it.record.runs) {
        if (is_over(one)) continue;
        if (it.fresh) {
            runs_.erase(one.execution);  // nobody has started it
        } else {
            it.before.insert(one.execution);
            runs_.insert_or_assign(one.execution, of.first);
        }
    }
}

// A new attempt. Flows that have ended well in an attempt of the same deployment have done their
// work and are left out.
void lifecycle::begin(by_name::value_type& of) {
    tracked& it = of.second;
    const manifest::integration& integration = *it.wanted.flows.front()->integration;
    const bool again = it.known && it.record.fingerprint == it.wanted.fingerprint &&
                       it.record.removing == it.wanted.remove;
    it.fresh = false;
    deployment_record next;
    next.customer = it.wanted.customer;
    next.integration = integration.id;
    next.release = integration.version;
    next.version = integration.hash;
    next.fingerprint = it.wanted.fingerprint;
    next.removing = it.wanted.remove;
    next.attempt = again ? it.record.attempt + 1 : 1;
    next.reason = again ? "retry" : next.removing ? "removed" : it.known ? "changed" : "new";
    next.previous_release = it.record.state == state_kind::deployed && it.known
                                ? it.record.release
                                : it.record.previous_release;
    for (const auto& flow : it.wanted.flows) {
        if (!takes_part(*flow->flow, next.removing)) continue;
        run one{flow->flow->name, 0, running};
        for (const run& earlier : it.record.runs) {
            if (again && earlier.flow == one.flow && went_well(earlier)) one = earlier;
        }
        if (!is_over(one)) {
            one.execution = ports_.ids.next();
            runs_.emplace(one.execution, of.first);
            it.fresh = true;
        }
        next.runs.push_back(std::move(one));
    }
    it.record = std::move(next);
    it.known = true;
    if (!it.fresh) return settle(of);
    enter(of, it.wanted.remove ? state_kind::undeploying : state_kind::deploying);
}

// All flows may have ended: what has become of the instance.
void lifecycle::settle(by_name::value_type& of) {
    deployment_record& record = of.second.record;
    if (!std::all_of(record.runs.begin(), record.runs.end(), is_over)) return;
    if (!std::all_of(record.runs.begin(), record.runs.end(), went_well)) {
        return enter(of, state_kind::failed);
    }
    record.error.clear();
    enter(of, record.removing ? state_kind::removed : state_kind::deployed);
}

void lifecycle::enter(by_name::value_type& of, state_kind state) {
    of.second.record.state = state;
    of.second.record.changed_ms = ports_.clock.unix_ms();
    dirty_.insert(of.first);
}

void lifecycle::on_end(store::event_id id, const engine::end_of_execution& end) {
    const auto found = runs_.find(id);
    if (found == runs_.end()) return;
    by_name::value_type& of = *all_.find(found->second);
    runs_.erase(found);
    tracked& it = of.second;
    if (it.before.contains(id)) return ended_before(of, id);
    for (run& one : it.record.runs) {
        if (one.execution != id) continue;
        using how = engine::end_of_execution::kind;
        one.state = end.how == how::succeeded ? succeeded
                    : end.how == how::failed  ? "failed"
                                              : "cancelled";
        if (!went_well(one)) {
            note_failure(of.first, it.record, one.flow,
                         end.how == how::failed ? sentence_of(end.error.to_json()) : one.state);
        }
        dirty_.insert(of.first);
    }
    settle(of);
    flush();
}

void lifecycle::ended_before(by_name::value_type& of, store::event_id id) {
    tracked& it = of.second;
    it.before.erase(id);
    if (it.before.empty() && !stopped_) begin(of);
    flush();
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

std::map<std::string, deployment_record> lifecycle::records() const {
    std::map<std::string, deployment_record> out;
    for (const auto& [name, one] : all_)
        out.emplace(name, one.record);
    return out;
}

const deployment_record* lifecycle::record(const std::string& instance) const {
    const auto found = all_.find(instance);
    return found == all_.end() ? nullptr : &found->second.record;
}

}  // namespace sluice::instance
