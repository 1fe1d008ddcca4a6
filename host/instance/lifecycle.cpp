#include "instance/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "instance/lifecycle_runs.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using state_kind = deployment_record::state_kind;
using run = deployment_record::run;

constexpr const char* running = "running";
constexpr const char* succeeded = "succeeded";

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
