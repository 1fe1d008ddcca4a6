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

flow make_delivery(const std::optional<template_value>& url,
                   const std::optional<std::string>& secret,
                   const std::optional<retry_policy>& retry) {
    call_task call;
    call.function = callback_function;
    call.action = callback_function;
    std::vector<std::pair<std::string, template_value>> with;
    if (url) with.emplace_back("url", *url);
    if (secret) with.emplace_back("secret", template_value::reference(*secret));
    call.with = template_value::object(std::move(with));
    task post;
    post.name = "post";
    post.reference = "/callback/post";
    post.timeout = duration_template{template_value::literal(json::value(longest_try))};
    post.body = std::move(call);

    flow made;
    made.trigger = callback_trigger{};
    made.queue.concurrency = deliveries_at_once;
    made.retry = retry ? *retry : host_policy();
    made.tasks.push_back(std::move(post));
    return made;
}

}  // namespace

std::string callback_flow_name(std::string_view flow) { return std::string(flow) + ".callback"; }
std::string alert_flow_name(std::string_view alert) { return std::string(alert) + ".alert"; }

flow make_callback_flow(const flow& of) {
    flow made = make_delivery(std::nullopt, of.callback->secret, of.callback->retry);
    made.name = callback_flow_name(of.name);
    made.where = of.where;
    made.tasks.front().where = of.where;
    made.definition = of.definition.get("callback");
    made.record = of.record;
    return made;
}

flow make_alert_flow(const alert& of) {
    flow made = make_delivery(of.url, of.secret, of.retry);
    made.name = alert_flow_name(of.name);
    made.where = of.where;
    made.tasks.front().where = of.where;
    made.definition = of.definition;
    return made;
}

}  // namespace sluice::manifest
