#include "api/executions.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "api/execution_filter.hpp"
#include "api/execution_json.hpp"
#include "api/page.hpp"
#include "base/ids.hpp"

namespace sluice::api {
namespace {

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
    auto given = read_query(what.query, {"instance", "customer", "flow", "state", "from", "to",
                                         "text", "dead", "limit", "cursor"});
    if (!given) return answer(problem_of(given.error_value()));
    base::result<store::history_filter> filter = filter_of(*given, what.view, ports_.deployments);
    if (!filter) return answer(problem_of(filter.error_value()));
    base::result<int> most = read_limit(*given);
    if (!most) return answer(problem_of(most.error_value()));
    filter->limit = *most;
    if (const std::string cursor = parameter(*given, "cursor"); !cursor.empty()) {
        const auto before = base::parse_execution_id(cursor);
        if (!before) return answer(problem(400, "that is no cursor of this list"));
        filter->before = *before;
    }
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
