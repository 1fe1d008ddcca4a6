#include "instance/triggers_not_run.hpp"

#include <utility>

namespace sluice::instance {
namespace {

const char* trigger_not_run(const manifest::flow& flow) {
    if (std::holds_alternative<manifest::deploy_trigger>(flow.trigger)) return "deploy";
    if (std::holds_alternative<manifest::undeploy_trigger>(flow.trigger)) return "undeploy";
    return nullptr;
}

}  // namespace

std::vector<base::error> triggers_not_run(const manifest::integration& integration) {
    std::vector<base::error> out;
    for (const manifest::flow& flow : integration.flows) {
        const char* const trigger = trigger_not_run(flow);
        if (trigger == nullptr) continue;
        base::error one = base::make_error(
            base::error_code::unsupported,
            "the flow \"" + flow.name + "\" has the trigger \"" + trigger +
                "\", which this host does not run yet",
            "serve the integration without it; sluice check, run and test take it as it is");
        one.where = flow.where;
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace sluice::instance
