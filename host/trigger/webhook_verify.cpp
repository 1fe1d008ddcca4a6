// Whether a request is genuine, and what it holds: the verifier's word.
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"
#include "trigger/payload.hpp"
#include "trigger/reply.hpp"
#include "trigger/verification.hpp"
#include "trigger/webhook.hpp"

namespace sluice::trigger {

base::task<webhook::refusal> webhook::verify(const net::http_request& request, flow_ptr flow,
                                             std::string token, verifier_reply& said) {
    const auto* rules = std::get_if<manifest::webhook_trigger>(&flow->flow->trigger);
    if (rules == nullptr) co_return net::problem_response(404, {});
    if (!rules->verify) co_return std::nullopt;
    const manifest::call_reference& check = *rules->verify;

    const std::vector<expression::binding> variables = {{"config", flow->config},
                                                        {"instance", flow->instance_info}};
    base::result<json::value> input = check.with.evaluate(json::value(), variables);
    if (!input) {
        base::log(base::log_level::error, "webhook.verify.with cannot be evaluated",
                  {{"instance", flow->instance}, {"why", input.error_value().to_text()}});
        co_return refusal_of(base::make_error(base::error_code::internal, ""));
    }
    if (input->is_null()) *input = json::value::object();
    json::value resolved = flow->resolve(check.with, std::move(*input));
    resolved.set("request", raw_form(request));
    base::result<std::string> connection = flow->connection(check.connection);
    if (!connection) {
        log_refusal(*flow, connection.error_value());
        co_return refusal_of(base::make_error(base::error_code::internal, ""));
    }

    engine::connector_call call;
    call.connector = check.connector;
    call.wanted = flow->constraint(check.connector);
    base::result<std::string> chosen = choose_verifier(ports_.describe, call, check.action);
    if (!chosen) {
        log_refusal(*flow, chosen.error_value());
        co_return refusal_of(chosen.error_value());
    }
    call.pinned = std::move(*chosen);
    call.request.action = check.action;
    call.request.input_json = json::to_text(resolved);
    call.request.connection_json = std::move(*connection);
    call.request.deadline_unix_ms = ports_.clock.unix_ms() + options_.verify_ms;
    base::result<plugin::call_scope> scope = verification_scope(ports_.store, ports_.ids, *flow);
    if (!scope) {
        log_refusal(*flow, scope.error_value());
        co_return refusal_of(scope.error_value());
    }
    call.request.scope = std::move(*scope);
    const store::event_id verification = call.request.scope.execution;
    base::callback_awaiter<engine::connector_reply> answered(
        [this, &call](auto done) { ports_.calls.start(std::move(call), std::move(done)); });
    const engine::connector_reply reply = co_await answered;
    ports_.calls.drop(verification);
    const base::result<void> verdict = verdict_of(reply);
    if (!verdict) {
        const base::error& why = verdict.error_value();
        log_refusal(*flow, why);
        if (speaks_against_the_sender(why)) limits_.count_failure(token);
        co_return refusal_of(why);
    }
    base::result<verifier_reply> read = read_verifier_reply(reply.outcome.output);
    if (!read) {
        log_refusal(*flow, read.error_value());
        co_return refusal_of(read.error_value());
    }
    said = std::move(*read);
    co_return std::nullopt;
}

void webhook::log_refusal(const engine::bound_flow& flow, const base::error& why) {
    refusals_.write(base::log_level::warning, "a webhook request was not verified", flow,
                    why.to_text());
}

}  // namespace sluice::trigger
