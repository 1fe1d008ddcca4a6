#include "manifest/callback_flow.hpp"

#include <utility>

#include "expression/expression.hpp"

namespace sluice::manifest {
namespace {

constexpr std::int64_t first_wait_ms = 1'000;
constexpr std::int64_t retries = 7;
// A receiver that never answers must not take the places of the instance's other executions.
constexpr const char* longest_try = "PT30S";
constexpr std::int64_t deliveries_at_once = 20;

// Whatever may be better next time: no answer, and any answer but success and "gone".
template_value worth_another_try() {
    const std::vector<std::string> variables = {"error"};
    auto code = expression::compile(
        "$error.status != 410 and"
        " ($error.type | endswith(\"/communication\") or endswith(\"/timeout\"))",
        variables);
    return template_value::expression(*code, {});
}

retry_policy host_policy() {
    retry_policy made;
    made.when = worth_another_try();
    made.delay_ms = first_wait_ms;
    made.growth = backoff::kind::exponential;
    made.max_retries = retries;
    return made;
}

}  // namespace

std::string callback_flow_name(std::string_view flow) { return std::string(flow) + ".callback"; }

flow make_callback_flow(const flow& of) {
    call_task call;
    call.function = callback_function;
    call.action = callback_function;
    std::vector<std::pair<std::string, template_value>> with;
    if (of.callback->secret) {
        with.emplace_back("secret", template_value::reference(*of.callback->secret));
    }
    call.with = template_value::object(std::move(with));
    task post;
    post.name = "post";
    post.reference = "/callback/post";
    post.where = of.where;
    post.timeout = duration_template{template_value::literal(json::value(longest_try))};
    post.body = std::move(call);

    flow made;
    made.name = callback_flow_name(of.name);
    made.where = of.where;
    made.definition = of.definition.get("callback");
    made.trigger = callback_trigger{};
    made.queue.concurrency = deliveries_at_once;
    made.retry = of.callback->retry ? *of.callback->retry : host_policy();
    made.record = of.record;
    made.tasks.push_back(std::move(post));
    return made;
}

}  // namespace sluice::manifest
