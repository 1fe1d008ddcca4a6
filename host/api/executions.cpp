#include "api/executions.hpp"

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "api/execution_json.hpp"
#include "api/page.hpp"
#include "base/ids.hpp"

namespace sluice::api {
namespace {

using store::event_state;

constexpr std::array all_states = {
    event_state::ready,  event_state::running,     event_state::waiting,  event_state::succeeded,
    event_state::failed, event_state::quarantined, event_state::cancelled};

base::error wrong(std::string message) {
    return base::make_error(base::error_code::invalid_input, std::move(message));
}

base::result<std::int64_t> time_of(const query_parameters& from, std::string_view name) {
    const std::string text = parameter(from, name);
    if (text.empty()) return std::int64_t{0};
    const std::optional<std::int64_t> ms = base::parse_rfc3339(text);
    if (!ms) return wrong(std::string(name) + " is a time such as 2026-11-23T13:00:00Z");
    return *ms;
}

base::result<std::optional<event_state>> state_of(const query_parameters& from) {
    const std::string text = parameter(from, "state");
    if (text.empty()) return std::optional<event_state>();
    for (const event_state one : all_states) {
        if (text == store::to_string(one)) return std::optional<event_state>(one);
    }
    return wrong("there is no state \"" + text + "\"");
}

base::result<store::history_filter> filter_of(const call& what,
                                              const instance::deployments& deployed) {
    auto given = read_query(what.query, {"instance", "customer", "flow", "state", "from", "to",
                                         "text", "limit", "cursor"});
    if (!given) return std::move(given).error_value();
    store::history_filter out;
    out.instance = parameter(*given, "instance");
    out.flow = parameter(*given, "flow");
    out.error_text = parameter(*given, "text");
    out.any_of = what.view.instances();
    const std::string customer = parameter(*given, "customer");
    if (!customer.empty()) out.any_of = what.view.of_customer(customer, deployed);
    auto state = state_of(*given);
    if (!state) return std::move(state).error_value();
    out.state = *state;
    base::result<std::int64_t> from = time_of(*given, "from");
    if (!from) return std::move(from).error_value();
    out.from_ms = *from;
    base::result<std::int64_t> to = time_of(*given, "to");
    if (!to) return std::move(to).error_value();
    out.to_ms = *to;
    base::result<int> limit = read_limit(*given);
    if (!limit) return std::move(limit).error_value();
    out.limit = *limit;
    const std::string cursor = parameter(*given, "cursor");
    if (!cursor.empty()) {
        const auto before = base::parse_execution_id(cursor);
        if (!before) return wrong("that is no cursor of this list");
        out.before = *before;
    }
    return out;
}

// Asked for one more than a page holds: its presence says that there is a next page.
reply page_reply(const std::vector<store::execution_summary>& found, std::size_t limit) {
    json::value items = json::value::array();
    for (const store::execution_summary& one : found) {
        if (items.size() < limit) items.push(summary_json(one));
    }
    const std::string next =
        found.size() > limit ? base::execution_id_text(found[limit - 1].id) : "";
    return json_reply(200, page_of(std::move(items), next));
}

}  // namespace

void executions::list(const call& what, const answer_function& answer) {
    base::result<store::history_filter> filter = filter_of(what, ports_.deployments);
    if (!filter) return answer(problem_of(filter.error_value()));
    ports_.run_blocking([this, filter = std::move(*filter), answer]() mutable {
        const auto limit = static_cast<std::size_t>(filter.limit++);
        auto found = ports_.store.history(filter);
        auto told = std::make_shared<reply>(found ? page_reply(*found, limit)
                                                  : problem_of(found.error_value()));
        ports_.loop.post([told, answer] { answer(std::move(*told)); });
    });
}

void executions::show(const call& what, const answer_function& answer) {
    answer(json_reply(200, detail_json(*what.execution)));
}

void executions::cancel(const call& what, const answer_function& answer) {
    const store::execution_summary& one = what.execution->summary;
    if (store::is_terminal(one.state)) {
        return answer(
            problem(409, std::string("the execution is over: ") + store::to_string(one.state)));
    }
    // Held, yet not to be cancelled: somebody has asked before.
    if (!ports_.engine.cancel(one.id) && !ports_.engine.holds(one.id)) {
        return answer(problem(
            409, "the execution has just ended, or its flow is not deployed at the moment"));
    }
    answer(json_reply(202, json::value::object({{"execution", base::execution_id_text(one.id)},
                                                {"cancelling", true}})));
}

}  // namespace sluice::api
