#include "cli/missing_connectors.hpp"

#include <map>
#include <set>
#include <utility>

#include "manifest/task_walk.hpp"

namespace sluice::cli {
namespace {

// Connectors that a flow calls; true: one verifies its requests.
std::map<std::string, bool> connectors_of(const manifest::flow& flow) {
    std::map<std::string, bool> found;
    manifest::walk_tasks(flow.tasks, [&](const manifest::task& task) {
        const auto* const call = std::get_if<manifest::call_task>(&task.body);
        if (call != nullptr && !call->connector.empty()) found.emplace(call->connector, false);
    });
    const auto* const hook = std::get_if<manifest::webhook_trigger>(&flow.trigger);
    if (hook != nullptr && hook->verify) found[hook->verify->connector] = true;
    return found;
}

}  // namespace

std::vector<base::error> missing_connectors(
    const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
    const connector_look& look) {
    std::vector<base::error> out;
    std::set<const manifest::flow*> seen;  // instances of one version share it
    for (const auto& one : flows) {
        if (!seen.insert(one->flow).second) continue;
        const std::string& integration = one->integration->id;
        for (const auto& [connector, verifies] : connectors_of(*one->flow)) {
            const auto why = look(connector, one->constraint(connector));
            if (!why) continue;
            base::error warning = *why;
            warning.message =
                "integration " + integration + ", flow \"" + one->flow->name +
                "\": " + why->message +
                (verifies ? "; its requests are refused until it is there"
                          : "; its calls fail with 503, as its retry policies allow, until it is "
                            "there");
            out.push_back(std::move(warning));
        }
    }
    return out;
}

}  // namespace sluice::cli
