#include "api/findings.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "instance/alert_records.hpp"
#include "instance/deployment_record.hpp"

namespace sluice::api {
namespace {

constexpr std::int64_t low_disk_bytes = 512ll << 20;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t day_ms = 24 * 60 * minute_ms;
constexpr int most = 1000;
constexpr std::size_t most_named = 10;

std::string count_of(std::size_t count, const char* one, const char* many) {
    const std::string number = std::to_string(count) + (count == most ? " or more" : "");
    return number + ' ' + (count == 1 ? one : many);
}

void look_at_disk(store::reader& from, std::vector<finding>& out) {
    const base::result<store::health_report> health = from.health();
    if (!health) {
        out.push_back({"the store cannot be looked at: " + health.error_value().message,
                       "see the host's log; check the disk"});
        return;
    }
    const std::string free = std::to_string(health->free_bytes >> 20) + " MiB";
    if (!health->admitting) {
        out.push_back({"events are refused: only " + free + " of the disk are free",
                       "free space on the disk of the data folder, or lower --keep-days"});
    } else if (health->free_bytes < low_disk_bytes) {
        out.push_back({"the disk is nearly full: " + free + " are free",
                       "free space on the disk of the data folder, or lower --keep-days"});
    }
}

// What runs the flows `deploy` and `undeploy` again; by themselves they are neither resumed nor
// redriven.
std::string again(const std::string& instance, bool removing) {
    return removing ? "remove the instance again: sluice instance remove " + instance
                    : "apply the instance again: sluice apply -f FILE";
}

bool is_lifecycle(const std::string& kind) { return kind == "deploy" || kind == "undeploy"; }

void look_at_deployments(store::reader& from, std::vector<finding>& out) {
    const auto all = instance::read_deployments(from);
    if (!all) return;
    for (const auto& [name, one] : *all) {
        if (one.state != instance::deployment_record::state_kind::failed) continue;
        out.push_back({"the instance " + name + " could not be " +
                           (one.removing ? "removed" : "deployed") + ": " + one.error,
                       "sluice instance show " + name + "; mend what the error names, then " +
                           again(name, one.removing) + ", or start the host again"});
    }
}

void look_at_alerts(store::reader& from, std::vector<finding>& out) {
    const auto all = instance::read_alerts(from);
    if (!all) {
        out.push_back({"the raised alerts cannot be read: " + all.error_value().message,
                       "see the host's log; check the disk"});
        return;
    }
    for (std::size_t i = 0; i < all->size(); ++i) {
        if (i == most_named) {
            out.push_back(
                {std::to_string(all->size() - i) + " more alerts are raised", "sluice alert list"});
            return;
        }
        const instance::raised_alert& one = (*all)[i];
        out.push_back(
            {"alert " + one.alert + ": " + instance::sentence_of(one), instance::advice_on(one)});
    }
}

struct same_flow {
    std::string kind;
    std::vector<store::event_id> ids;  // newest first
};
using by_flow = std::map<std::pair<std::string, std::string>, same_flow>;

// By instance and flow; nothing when the search takes too long.
by_flow search(store::reader& from, const store::history_filter& filter,
               std::vector<finding>& out) {
    by_flow found;
    const auto page = from.history(filter);
    if (!page) {
        out.push_back({"the history could not be searched: " + page.error_value().message,
                       "look at one instance: sluice execution list --instance NAME"});
        return found;
    }
    for (const store::execution_summary& one : *page) {
        same_flow& into = found[{one.instance, one.flow}];
        into.kind = one.kind;
        into.ids.push_back(one.id);
    }
    return found;
}

void look_at_dead(store::reader& from, std::int64_t now_ms, std::vector<finding>& out) {
    store::history_filter filter;
    filter.dead = true;
    filter.limit = most;
    filter.state = store::event_state::quarantined;
    for (const auto& [of, found] : search(from, filter, out)) {
        const std::vector<store::event_id>& ids = found.ids;
        out.push_back(
            {count_of(ids.size(), "execution", "executions") + " of " + of.first + '/' + of.second +
                 " killed the host and are quarantined",
             "put a corrected connector in place, then" +
                 (is_lifecycle(found.kind)
                      ? ' ' + again(of.first, found.kind == "undeploy")
                      : ": sluice execution resume " + base::execution_id_text(ids.front()))});
    }
    filter.state = store::event_state::failed;
    filter.from_ms = now_ms - day_ms;
    std::size_t named = 0;
    for (const auto& [of, found] : search(from, filter, out)) {
        // look_at_deployments() tells it, as long as the instance has not been deployed since.
        if (is_lifecycle(found.kind)) continue;
        const std::vector<store::event_id>& ids = found.ids;
        if (++named > most_named) {
            out.push_back({"executions of more flows failed within a day", "sluice dead list"});
            break;
        }
        out.push_back({count_of(ids.size(), "execution", "executions") + " of " + of.first + '/' +
                           of.second + " failed within a day and nobody has resumed or replayed " +
                           (ids.size() == 1 ? "it" : "them"),
                       "sluice execution show " + base::execution_id_text(ids.front()) +
                           "; mend it, then: sluice dead redrive --instance " + of.first +
                           " --flow " + of.second});
    }
}

void look_at_waiting(store::reader& from, std::int64_t now_ms, std::vector<finding>& out) {
    store::history_filter filter;
    filter.state = store::event_state::ready;
    filter.to_ms = now_ms - minute_ms;
    filter.limit = most;
    for (const auto& [of, found] : search(from, filter, out)) {
        const std::vector<store::event_id>& ids = found.ids;
        const auto oldest = from.execution(ids.back());
        const std::int64_t age =
            oldest ? (now_ms - oldest->summary.accepted_ms) / minute_ms : std::int64_t{1};
        out.push_back(
            {count_of(ids.size(), "event", "events") + " of " + of.first + '/' + of.second +
                 " wait for their turn, the oldest for " + std::to_string(age) + " min",
             "a slow execution may hold its lane (sluice execution list --instance " + of.first +
                 " --state running), or the host is at its limit (--running)"});
    }
}

}  // namespace

std::vector<finding> findings_of(store::reader& from, std::int64_t now_ms) {
    std::vector<finding> out;
    look_at_disk(from, out);
    look_at_deployments(from, out);
    look_at_alerts(from, out);
    look_at_dead(from, now_ms, out);
    look_at_waiting(from, now_ms, out);
    return out;
}

json::value findings_json(const std::vector<finding>& all) {
    json::value shown = json::value::array();
    for (const finding& one : all)
        shown.push(json::value::object({{"what", one.what}, {"advice", one.advice}}));
    return json::value::object({{"healthy", all.empty()}, {"findings", std::move(shown)}});
}

}  // namespace sluice::api
