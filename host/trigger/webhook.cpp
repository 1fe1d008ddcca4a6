#include "trigger/webhook.hpp"

#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"
#include "trigger/flow_response.hpp"
#include "trigger/payload.hpp"
#include "trigger/verification.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* retry_after_s = "5";

net::http_response overload(int status, std::string_view detail) {
    net::http_response response = net::problem_response(status, {}, detail);
    response.headers.set("Retry-After", retry_after_s);
    return response;
}

// What a sender is told when its request could not be verified. Nothing about why a signature was
// refused: that helps only those who try to forge one.
net::http_response refusal_of(const base::error& why) {
    switch (why.code) {
        case base::error_code::auth: {
            net::http_response empty;
            empty.status = 401;
            return empty;
        }
        case base::error_code::invalid_input:
            return net::problem_response(400, "The request cannot be verified");
        case base::error_code::unavailable:
        case base::error_code::rate_limited:
        case base::error_code::timeout:
        case base::error_code::cancelled:
            return overload(503, "the request cannot be verified at the moment");
        default:
            return net::problem_response(500, {}, "the request could not be verified");
    }
}

std::string accepted_text(store::event_id id, bool duplicate) {
    json::value body = json::value::object({{"execution", base::execution_id_text(id)}});
    if (duplicate) body.set("duplicate", true);
    return json::to_text(body);
}

net::http_response no_such_webhook() {
    return net::problem_response(404, {}, "there is no webhook at this address");
}

net::http_response reply_to(const store::append_outcome& outcome) {
    switch (outcome.what) {
        case store::append_outcome::kind::duplicate:
            return net::json_response(200, accepted_text(outcome.id, true));
        case store::append_outcome::kind::refused:
            return overload(503, outcome.reason);
        case store::append_outcome::kind::stored:
        case store::append_outcome::kind::stored_despite_key:
            break;
    }
    return net::json_response(202, accepted_text(outcome.id, false));
}

base::result<std::string> text_of(const std::optional<manifest::template_value>& code,
                                  const engine::bound_flow& flow, const json::value& payload,
                                  base::clock& clock) {
    if (!code) return std::string();
    const std::vector<expression::binding> variables = {
        {"config", flow.config}, {"instance", flow.instance_info}, {"trigger", payload}};
    expression::budget limits;
    limits.clock = &clock;
    limits.time_ms = 100;
    base::result<json::value> content = code->evaluate(payload, variables, limits);
    if (!content) return std::move(content).error_value();
    if (content->is_null()) return std::string();
    return content->is_string() ? content->as_string() : json::to_text(*content);
}

}  // namespace

webhook::webhook(webhook_ports ports, webhook_options options)
    : ports_(std::move(ports)), options_(options), limits_(ports_.clock, options.endpoint) {}

std::optional<net::http_response> webhook::over_limit(const std::string& token) const {
    if (const std::int64_t left_ms = limits_.shut_for_ms(token); left_ms > 0) {
        net::http_response response = overload(429, "too many signatures were refused");
        response.headers.set("Retry-After", std::to_string(left_ms / 1'000 + 1));
        return response;
    }
    if (!limits_.is_full(token)) return std::nullopt;
    return overload(429, "too many requests at once at this address");
}

std::optional<net::http_response> webhook::on_head(const net::http_request_head& head) const {
    const std::string_view token = token_of_path(head.path);
    const instance::endpoint* address =
        token.empty() ? nullptr : ports_.deployments.find_endpoint(token);
    if (address == nullptr) return no_such_webhook();
    if (head.method != "POST") {
        net::http_response response = net::problem_response(405, {}, "webhooks take POST");
        response.headers.set("Allow", "POST");
        return response;
    }
    if (ports_.engine.stats().queued >= options_.largest_backlog) {
        return overload(429, "too many events wait to be processed");
    }
    return over_limit(address->token);
}

void webhook::on_request(net::http_request request, net::responder answer) {
    base::spawn(handle(std::move(request), std::move(answer)));
}

base::task<> webhook::handle(net::http_request request, net::responder answer) {
    const instance::endpoint* address =
        ports_.deployments.find_endpoint(token_of_path(request.path));
    flow_ptr flow =
        address == nullptr ? nullptr : ports_.deployments.current(address->instance, address->flow);
    if (!flow) {
        answer(no_such_webhook());
        co_return;
    }
    // Once more: others may have come in while this body was read.
    std::optional<net::http_response> refused = over_limit(address->token);
    if (refused) {
        answer(std::move(*refused));
        co_return;
    }
    const std::string token = address->token;
    // Given back before the answer goes out: the sender's next request may follow at once.
    endpoint_limits::place place = limits_.enter(token);
    answer = net::responder([place = std::make_shared<endpoint_limits::place>(std::move(place)),
                             answer](net::http_response response) {
        place->release();
        answer(std::move(response));
    });
    refused = co_await verify(request, flow, token);
    if (refused) {
        answer(std::move(*refused));
        co_return;
    }
    base::result<json::value> payload = payload_form(request);
    if (!payload) {
        answer(net::problem_response(400, "The body is not JSON", payload.error_value().to_text()));
        co_return;
    }
    base::result<store::new_event> event = make_event(*flow, *payload);
    if (!event) {
        answer(net::problem_response(422, "The event does not fit the flow's queue rules",
                                     event.error_value().to_text()));
        co_return;
    }
    using appended = base::result<std::vector<store::append_outcome>>;
    base::callback_awaiter<appended> durable([this, &event](auto done) {
        ports_.store.append(std::vector<store::new_event>(1, *event),
                            [&loop = ports_.loop, done](appended outcome) {
                                loop.post([done, outcome = std::move(outcome)] { done(outcome); });
                            });
    });
    const appended stored = co_await durable;
    if (!stored) {
        base::log(base::log_level::error, "an event could not be stored and was refused",
                  {{"why", stored.error_value().to_text()}});
        answer(overload(503, "the event could not be stored"));
        co_return;
    }
    const store::append_outcome& outcome = stored->front();
    const bool fresh = outcome.what == store::append_outcome::kind::stored ||
                       outcome.what == store::append_outcome::kind::stored_despite_key;
    const auto& rules = std::get<manifest::webhook_trigger>(flow->flow->trigger);
    if (fresh && rules.mode == manifest::webhook_trigger::reply::result && !ending_) {
        await_end(outcome.id, answer);
    } else {
        answer(reply_to(outcome));
    }
    if (fresh) ports_.engine.accept(*event, outcome.id, std::move(*payload));
}

base::task<std::optional<net::http_response>> webhook::verify(const net::http_request& request,
                                                              flow_ptr flow, std::string token) {
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
    ports_.calls.forget(verification);
    const base::result<void> verdict = verdict_of(reply);
    if (verdict) co_return std::nullopt;
    const base::error& why = verdict.error_value();
    log_refusal(*flow, why);
    if (speaks_against_the_sender(why)) limits_.count_failure(token);
    co_return refusal_of(why);
}

void webhook::log_refusal(const engine::bound_flow& flow, const base::error& why) {
    const std::int64_t now = ports_.clock.unix_ms();
    if (now < next_refusal_log_ms_) {
        ++refusals_not_logged_;
        return;
    }
    next_refusal_log_ms_ = now + 1'000;
    base::log(base::log_level::warning, "a webhook request was not verified",
              {{"instance", flow.instance},
               {"flow", flow.flow->name},
               {"why", why.to_text()},
               {"not_logged_before", std::to_string(std::exchange(refusals_not_logged_, 0))}});
}

base::result<store::new_event> webhook::make_event(const engine::bound_flow& flow,
                                                   const json::value& payload) {
    store::new_event event;
    const manifest::queue_rules& rules = flow.flow->queue;
    base::result<std::string> lane = text_of(rules.key, flow, payload, ports_.clock);
    if (!lane) return std::move(lane).error_value();
    base::result<std::string> dedupe = text_of(rules.dedupe, flow, payload, ports_.clock);
    if (!dedupe) return std::move(dedupe).error_value();
    event.id = ports_.ids.next();
    event.instance = flow.instance;
    event.flow = flow.flow->name;
    event.flow_version = flow.integration->hash;
    event.kind = "webhook";
    event.lane_key = std::move(*lane);
    event.dedupe_key = std::move(*dedupe);
    if (!event.dedupe_key.empty()) {
        // Headers differ between deliveries of one event: proxies add theirs, senders sign anew.
        const json::value* body = payload.find("body");
        event.dedupe_content = json::to_text(body != nullptr ? *body : payload.get("bodyBase64"));
    }
    event.payload_json = json::to_text(payload);
    event.accepted_ms = ports_.clock.unix_ms();
    return event;
}

void webhook::await_end(store::event_id id, net::responder answer) {
    caller waiting{std::move(answer)};
    waiting.timer = ports_.loop.run_after(options_.result_ms, [this, id] {
        auto found = callers_.extract(id);
        if (!found.empty())
            found.mapped().answer(net::json_response(202, accepted_text(id, false)));
    });
    callers_.emplace(id, std::move(waiting));
}

void webhook::answer_callers() {
    ending_ = true;
    for (auto& [id, waiting] : std::exchange(callers_, {})) {
        ports_.loop.cancel(waiting.timer);
        waiting.answer(net::json_response(202, accepted_text(id, false)));
    }
}

void webhook::on_end(store::event_id id, const engine::end_of_execution& end) {
    auto found = callers_.extract(id);
    if (found.empty()) return;
    ports_.loop.cancel(found.mapped().timer);
    if (end.how == engine::end_of_execution::kind::succeeded) {
        found.mapped().answer(response_of(end.output));
        return;
    }
    found.mapped().answer(response_of(end.error));
}

}  // namespace sluice::trigger
