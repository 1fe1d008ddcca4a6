#include "trigger/dispatch.hpp"

#include <utility>

#include "json/text.hpp"
#include "manifest/task.hpp"
#include "trigger/flow_response.hpp"
#include "trigger/reply.hpp"

namespace sluice::trigger {
namespace {

constexpr int unusable = 422;

}  // namespace

base::result<choice> read_choice(const json::value& output) {
    const json::value& flow = output.get("flow");
    if (!output.is_object() || !(flow.is_null() || flow.is_string())) {
        return base::make_error(base::error_code::invalid_input,
                                "the preprocess flow's output is not {flow, input, key} with the "
                                "name of a flow, or null");
    }
    choice out;
    if (flow.is_null()) return out;
    out.flow = flow.as_string();
    if (out.flow.empty()) {
        return base::make_error(base::error_code::invalid_input,
                                "the preprocess flow's output names no flow");
    }
    if (!output.get("input").is_null()) out.input = output.get("input");
    const json::value& key = output.get("key");
    if (!key.is_null()) out.key = key.is_string() ? key.as_string() : json::to_text(key);
    return out;
}

net::http_response refusal_of_preprocess(const engine::end_of_execution& end) {
    if (end.how != engine::end_of_execution::kind::failed) {
        return overload(503, "no flow could be chosen for the request in time");
    }
    engine::fault problem = end.error;
    problem.status = unusable;
    return response_of(problem);
}

net::http_response wrong_choice(const std::string& detail) {
    engine::fault problem;
    problem.type = manifest::standard_error_type("configuration");
    problem.status = unusable;
    problem.title = "No flow takes this request";
    problem.detail = detail;
    return response_of(problem);
}

}  // namespace sluice::trigger
