#include "cli/host_operations.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "cli/missing_connectors.hpp"
#include "instance/alert_records.hpp"
#include "instance/owner_id.hpp"

namespace sluice::cli {
namespace {

constexpr std::int64_t late_ms = 60'000;
constexpr std::int64_t day_ms = 24 * 3'600'000;
constexpr std::size_t most_connections = 50;  // that are named
constexpr std::size_t most_polls = 20;        // likewise

double number(auto value) { return static_cast<double>(value); }

// The oldest event that waits for its turn, in seconds; what runs without a recorded step counts.
double oldest_waiting_s(store::store& from, std::int64_t now_ms) {
    const auto page = from.load_ready_all(0, 1000);
    if (!page) return 0;
    for (const store::ready_event& one : *page) {
        if (one.state == store::event_state::ready && one.due_ms <= now_ms) {
            return number(std::max<std::int64_t>(0, now_ms - one.accepted_ms)) / 1e3;
        }
    }
    return 0;
}

void note_alerts(store::store& from, api::metrics& into) {
    const auto all = instance::read_alerts(from);
    if (!all) return;
    for (const char* const kind : {"failure", "overdue", "connection"}) {
        const auto count =
            std::ranges::count(*all, std::string(kind), &instance::raised_alert::kind);
        into.set("sluice_alerts_raised", "Alerts that are raised", number(count), "kind", kind);
    }
}

void note_store(store::store& from, api::metrics& into, std::int64_t now_ms) {
    into.set("sluice_oldest_waiting_seconds",
             "How long the oldest event has been waiting for its turn",
             oldest_waiting_s(from, now_ms));
    const auto health = from.health();
    if (!health) return;
    into.set("sluice_store_queued_requests", "Requests that wait for the store's writer",
             number(health->queued));
    into.set("sluice_store_log_bytes", "Size of the store's write-ahead log",
             number(health->wal_bytes));
    into.set("sluice_disk_free_bytes", "Free space on the disk of the data folder",
             number(health->free_bytes));
    into.set("sluice_admitting", "1: events are accepted; 0: the disk is nearly full",
             health->admitting ? 1 : 0);
}

// Whether somebody has to authorize it before anything that uses it works.
bool waits_for_a_person(const instance::connection_view& one) {
    return one.status.state == instance::connection_record::state_kind::pending &&
           one.grant == "authorizationCode";
}

bool is_broken(const instance::connection_view& one) {
    return one.status.state == instance::connection_record::state_kind::error;
}

// `which` names it on the command line, `who` goes between its name and what is wrong.
api::finding finding_of(const instance::connection_view& one, const std::string& which,
                        const std::string& who = {}) {
    const bool broken = is_broken(one);
    return {one.id.to_text() + who +
                (broken ? " does not work: " + one.status.reason : " is not authorized yet"),
            broken ? "mend what the reason names, then: sluice connection test " + which
                   : "sluice connection authorize " + which};
}

// Connections that many instances need: somebody has to do something.
void look_at_sharing(const instance::deployments& deployed, const instance::connections& all,
                     std::vector<api::finding>& out) {
    auto users_of = deployed.users();
    for (const auto& [owner, its] : deployed.owners()) {
        for (const instance::connection_view& one : all.of_owner(owner)) {
            const std::size_t users = users_of[{owner, one.id.name}].size();
            if (!is_broken(one) && (!waits_for_a_person(one) || users == 0)) continue;
            const std::string which = instance::owner_argument(owner) + ' ' + one.id.name;
            out.push_back(finding_of(one, which,
                                     ", which " + std::to_string(users) +
                                         (users == 1 ? " instance shares," : " instances share,")));
        }
    }
}

// What instances have for themselves; with very many, the first ones.
void look_at_connections(const instance::deployments& deployed, const instance::connections& all,
                         std::vector<api::finding>& out) {
    std::size_t wrong = 0;
    for (const instance::deployed_instance& one : deployed.instances()) {
        if (!one.problem.empty()) continue;
        for (const instance::connection_view& each : all.of_instance(one.name)) {
            if (!each.shared.empty() || (!is_broken(each) && !waits_for_a_person(each))) continue;
            if (++wrong > most_connections) continue;
            out.push_back(finding_of(each, one.name + ' ' + each.id.name));
        }
    }
    if (wrong > most_connections) {
        out.push_back(
            {std::to_string(wrong - most_connections) + " more connections are not in order",
             "sluice connection list INSTANCE names them"});
    }
}

// Those that fail now come first; with very many, the first ones. What works again is told for a
// day.
void look_at_polls(std::vector<trigger::poll_failure> all, std::int64_t now_ms,
                   std::vector<api::finding>& out) {
    std::erase_if(
        all, [now_ms](const auto& one) { return one.goes_on && one.last_ms < now_ms - day_ms; });
    std::ranges::stable_partition(all, [](const auto& one) { return !one.goes_on; });
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == most_polls) {
            out.push_back({"polls of " + std::to_string(all.size() - i) +
                               " more flows failed since the host runs",
                           "the log names them: sluice logs --level warning"});
            return;
        }
        const trigger::poll_failure& one = all[i];
        const std::string log =
            "sluice logs --instance " + one.instance + " --flow " + one.flow + " --level warning";
        out.push_back(
            {"the poll of " + one.instance + '/' + one.flow +
                 (one.goes_on ? " works again after it failed " : " does not work; it failed ") +
                 std::to_string(one.failed) + (one.failed == 1 ? " time" : " times") +
                 " since the host runs, last at " + base::to_rfc3339(one.last_ms) + ": " +
                 base::redact(one.why),
             one.goes_on ? log
                         : "mend what the reason names: it asks again by itself, and nothing is "
                           "left out; " +
                               log});
    }
}

}  // namespace

host_operations::host_operations(operation_ports ports) : ports_(std::move(ports)) {}

std::function<api::probe_ports::conditions()> host_operations::ready() const {
    const bool draining = ports_.draining();
    return [&store = ports_.store, draining] {
        const auto health = store.health();
        return api::probe_ports::conditions{{"storeWritable", health && health->admitting},
                                            {"connectorsScanned", true},
                                            {"notDraining", !draining}};
    };
}

void host_operations::note_stats() const {
    api::metrics& into = ports_.numbers;
    const engine::engine_stats runs = ports_.engine.stats();
    const char* const executions = "sluice_executions";
    const char* const help = "Executions that have not ended, by what they do";
    into.set(executions, help, number(runs.queued), "state", "queued");
    into.set(executions, help, number(runs.running), "state", "running");
    into.set(executions, help, number(runs.alive), "state", "in_memory");
    into.set(executions, help, number(runs.parked), "state", "parked");
    into.set(executions, help, number(runs.stranded), "state", "stranded");
    const trigger::schedule_stats& ticks = ports_.schedules.stats();
    into.set("sluice_schedule_fired", "Ticks of schedules that started", number(ticks.fired));
    into.set("sluice_schedule_missed", "Ticks that were left out because nothing ran then",
             number(ticks.missed));
    into.set("sluice_schedule_overlapped", "Ticks that were left out: the run before went on",
             number(ticks.overlapped));
    into.set("sluice_schedule_last_lateness_seconds", "How late the last tick started",
             number(ticks.last_late_ms) / 1e3);
    into.set("sluice_schedule_most_lateness_seconds", "How late the latest tick started",
             number(ticks.most_late_ms) / 1e3);
    const trigger::poll_stats& polls = ports_.pollers.stats();
    into.set("sluice_poll_calls", "Calls that asked for something new", number(polls.calls));
    into.set("sluice_poll_failed", "Those of them that failed", number(polls.failed));
    into.set("sluice_webhook_unrouted", "Requests at shared addresses that were nobody's",
             number(ports_.webhooks.unrouted()));
    into.set("sluice_poll_events", "Events that they found", number(polls.events));
    for (const auto& one : ports_.connectors.connectors().all()) {
        const plugin::isolation_facts facts = one->isolation();
        if (facts.mode == plugin::isolation_mode::none) continue;
        into.set("sluice_connector_deaths", "Processes of connectors that died",
                 number(facts.deaths), "connector", one->name());
        into.set("sluice_connector_quarantined", "1: the connector's calls fail, see the doctor",
                 facts.quarantined ? 1 : 0, "connector", one->name());
    }
}

std::function<std::string()> host_operations::numbers() const {
    note_stats();
    return [&store = ports_.store, &into = ports_.numbers, now_ms = ports_.clock.unix_ms()] {
        note_store(store, into, now_ms);
        note_alerts(store, into);
        return into.text();
    };
}

std::vector<api::finding> host_operations::findings() const {
    std::vector<api::finding> out;
    plugin::registry& registry = ports_.connectors.connectors();
    for (const plugin::refusal& one : registry.refusals()) {
        out.push_back(
            {"the connector " + one.file.filename().string() + " is not used: " + one.reason,
             one.next_step});
    }
    for (const std::shared_ptr<plugin::connector>& one : registry.all()) {
        if (const base::result<void> loaded = one->load_error(); !loaded) {
            out.push_back(
                {"the connector " + one->name() + " does not load: " + loaded.error_value().message,
                 "put a corrected build in its place"});
        }
    }
    look_at_isolation(out);
    for (const instance::deployed_instance& one : ports_.deployments.instances()) {
        if (one.problem.empty()) continue;
        out.push_back({"the instance " + one.name + " does not run: " + one.problem,
                       "set what is missing and apply its file again (sluice apply -f FILE); its "
                       "webhooks answer 503 until then"});
    }
    const auto look = [this](const std::string& id, const auto* wanted) {
        return ports_.connectors.why_missing(id, wanted);
    };
    for (const base::error& missing : missing_connectors(ports_.deployments.flows(), look))
        out.push_back({missing.message, missing.hint});
    look_at_sharing(ports_.deployments, ports_.connections, out);
    look_at_connections(ports_.deployments, ports_.connections, out);
    if (const instance::vault::wrapping keys = ports_.keys.wrapped(); keys.old > 0) {
        out.push_back({std::to_string(keys.old) + " of " + std::to_string(keys.keys) +
                           " keys are still wrapped with an older master key",
                       "keep it until this is over; the log says what holds it up"});
    }
    const engine::engine_stats runs = ports_.engine.stats();
    if (runs.stranded > 0) {
        out.push_back({std::to_string(runs.stranded) +
                           " events wait in the store: their instance or version is not deployed",
                       "apply the instance again; the log names them (sluice logs --level error)"});
    }
    const trigger::schedule_stats& ticks = ports_.schedules.stats();
    if (ticks.missed > 0) {
        out.push_back(
            {std::to_string(ticks.missed) + " ticks of schedules were missed before this start",
             "run what they would have done by hand, if it matters"});
    }
    if (ticks.most_late_ms > late_ms) {
        out.push_back({"a schedule started " + std::to_string(ticks.most_late_ms / 1000) +
                           " s late since the host runs",
                       "the machine is overloaded, or slept"});
    }
    look_at_polls(ports_.pollers.failures(), ports_.clock.unix_ms(), out);
    return out;
}

void count_calls(connector_host& connectors, base::clock& clock, api::metrics& into) {
    connectors.http().observe([&into](int status) { into.request_answered(status); });
    connectors.calls().observe(
        clock, [&into](const std::string& connector, const std::string& action,
                       std::int64_t took_ns, const engine::connector_reply& reply) {
            const auto& what = reply.outcome.output_json;
            const bool denied = !what && what.error_value().code == base::error_code::auth;
            into.call_ended(connector, action, took_ns, what.has_value(), denied);
        });
}

std::string counted_flow(const instance::deployments& deployed, const std::string& instance,
                         const std::string& flow) {
    const auto found = deployed.current(instance, flow);
    return (found ? found->integration->id : std::string("unknown")) + '/' + flow;
}

}  // namespace sluice::cli
