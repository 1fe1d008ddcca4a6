#include "trigger/webhook.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"
#include "trigger/dispatch.hpp"
#include "trigger/payload.hpp"
#include "trigger/reply.hpp"
#include "trigger/verification.hpp"

namespace sluice::trigger {
namespace {

bool wants_file(const std::shared_ptr<const engine::bound_flow>& flow) {
    const auto* rules =
        flow ? std::get_if<manifest::webhook_trigger>(&flow->flow->trigger) : nullptr;
    return rules != nullptr && rules->body == manifest::webhook_trigger::body_kind::blob;
}

bool wants_forms(const manifest::flow& flow) {
    const auto* rules = std::get_if<manifest::webhook_trigger>(&flow.trigger);
    return rules != nullptr && rules->body == manifest::webhook_trigger::body_kind::form;
}

}  // namespace

webhook::webhook(webhook_ports ports, webhook_options options)
    : ports_(std::move(ports)),
      options_(options),
      limits_(ports_.clock, options.endpoint),
      refusals_(ports_.clock),
      unchosen_(ports_.clock),
      nobodys_(ports_.clock),
      keyless_(ports_.clock),
      callers_(ports_.loop, ports_.engine, ports_.address_of, ports_.files) {}

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
    if (head.method != "POST" && !(head.method == "GET" && takes_get(*address))) {
        return only_post();
    }
    if (ports_.deployments.is_paused(address->instance)) return paused();
    if (ports_.deployments.is_left_out(address->instance)) return not_running();
    if (ports_.files == nullptr && wants_file(flow_at(head.path))) {
        return net::problem_response(501, {}, "this host keeps no files");
    }
    if (ports_.engine.stats().queued >= options_.largest_backlog) {
        return overload(429, "too many events wait to be processed");
    }
    std::optional<net::http_response> refused = over_limit(address->token);
    if (refused) return refused;
    if (address->shared()) return check_key_of_any(head, *address);
    const flow_ptr flow = flow_at(head.path);
    return flow ? check_key(head, *flow) : no_such_webhook();
}

bool webhook::takes_get(const instance::endpoint& address) const {
    if (!address.shared()) {
        const flow_ptr flow = ports_.deployments.current(address.instance, address.flow);
        return flow && shakes_hands(ports_.describe, *flow);
    }
    bool any = false;
    ports_.deployments.each_sharing(address, [&](const flow_ptr& flow, const std::string&) {
        any = any || shakes_hands(ports_.describe, *flow);
    });
    return any;
}

webhook::flow_ptr webhook::flow_at(std::string_view path) const {
    const instance::endpoint* address = ports_.deployments.find_endpoint(token_of_path(path));
    if (address == nullptr) return nullptr;
    return ports_.deployments.current(address->instance, address->flow);
}

net::body_destination webhook::destination(const net::http_request_head& head) const {
    const flow_ptr flow = flow_at(head.path);
    if (ports_.files == nullptr || !wants_file(flow)) return {};
    return ports_.files->begin(head, flow->flow->queue.dedupe.has_value());
}

webhook::refusal webhook::read_payload(const net::http_request& request, incoming& event,
                                       const verifier_reply& said) const {
    // The flow may have been deployed anew while the body arrived.
    if (wants_file(event.flow) != (event.body != nullptr)) {
        return overload(503, "the webhook was changed while the request arrived");
    }
    if (event.body) {
        event.payload =
            without_proofs(event.flow.get(), form_with_body(request, event.body->handle()));
        return std::nullopt;
    }
    if (said.events) return std::nullopt;
    return parse(request, event, wants_forms(*event.flow->flow));
}

// A flow that chooses sees forms as the flows do between which it chooses, if any of them asks for
// that.
bool webhook::takes_forms(const engine::bound_flow& flow) {
    if (!std::holds_alternative<manifest::preprocess_trigger>(flow.flow->trigger)) {
        return wants_forms(*flow.flow);
    }
    return std::ranges::any_of(flow.integration->flows, wants_forms);
}

webhook::refusal webhook::parse(const net::http_request& request, incoming& event, bool forms) {
    if (request.method == "GET") {  // whatever type it says: it has no body
        take_payload(event, form_with_body(request, json::value("")));
        return std::nullopt;
    }
    base::result<json::value> payload =
        payload_form(request, forms ? form_bodies::object : form_bodies::text);
    if (!payload) {
        return net::problem_response(
            400, has_form(request) ? "The body is not a form" : "The body is not JSON",
            payload.error_value().to_text());
    }
    take_payload(event, std::move(*payload));
    return std::nullopt;
}

void webhook::on_request(net::http_request request, net::responder answer) {
    base::spawn(handle(std::move(request), std::move(answer)));
}

base::task<> webhook::handle(net::http_request request, net::responder answer) {
    const instance::endpoint* address =
        ports_.deployments.find_endpoint(token_of_path(request.path));
    incoming event;
    event.body = upload_of(request);
    request.sink = nullptr;
    if (address != nullptr) {
        event.flow = ports_.deployments.current(address->instance, address->flow);
    }
    if (address == nullptr || (!event.flow && !address->shared())) {
        const bool later = address != nullptr && ports_.deployments.is_left_out(address->instance);
        answer(later ? not_running() : no_such_webhook());
        co_return;
    }
    // Once more: others may have come in while this body was read.
    std::optional<net::http_response> refused = over_limit(address->token);
    if (refused) {
        answer(std::move(*refused));
        co_return;
    }
    const instance::endpoint at = *address;  // `address` itself may go meanwhile
    std::string token = at.token;
    // Given back before the answer goes out: the sender's next request may follow at once.
    endpoint_limits::place place = limits_.enter(token);
    answer = net::responder([place = std::make_shared<endpoint_limits::place>(std::move(place)),
                             answer](net::http_response response) {
        place->release();
        answer(std::move(response));
    });
    if (at.shared()) {
        refused = route(request, at, event);
        // What is sent in the name of one customer must not shut the address for all.
        if (!refused) token += "/" + event.flow->instance;
        if (!refused) refused = over_limit(token);
    }
    if (!refused) refused = check_key(request, *event.flow);
    const bool chooses =
        !refused && std::holds_alternative<manifest::preprocess_trigger>(event.flow->flow->trigger);
    if (chooses) {
        refused = co_await dispatch(request, event);
        if (!refused) refused = check_key(request, *event.flow);
    }
    if (!refused && request.method == "GET" && !shakes_hands(ports_.describe, *event.flow)) {
        refused = only_post();
    }
    verifier_reply said;
    if (!refused) refused = co_await verify(request, event.flow, token, said);
    if (!refused && said.respond) refused = std::move(said.respond);  // no refusal, and the end
    if (!refused && request.method == "GET") refused = only_post();
    if (!refused && !chooses && !at.shared()) refused = read_payload(request, event, said);
    if (refused) {
        answer(std::move(*refused));
        co_return;
    }
    received all{event.flow, {}, std::move(said.acknowledge)};
    if (said.events) {
        all.events = parts_of(request, event, std::move(*said.events));
    } else {
        all.events.push_back(std::move(event));
    }
    co_await take(std::move(all), std::move(answer));
}

base::task<webhook::refusal> webhook::dispatch(const net::http_request& request, incoming& event) {
    const flow_ptr chooser = event.flow;
    if (event.payload.is_null()) {  // route() has read it already
        refusal unreadable = parse(request, event, takes_forms(*chooser));
        if (unreadable) co_return unreadable;
    }
    const engine::end_of_execution end = co_await preprocess(chooser, event.payload);
    if (end.how != engine::end_of_execution::kind::succeeded) {
        co_return no_choice(*chooser, end.error.title + ": " + end.error.detail,
                            refusal_of_preprocess(end));
    }
    base::result<choice> chosen = read_choice(end.output);
    if (!chosen) {
        const std::string& why = chosen.error_value().message;
        co_return no_choice(*chooser, why, wrong_choice(why));
    }
    if (chosen->flow.empty()) {
        net::http_response nobody;
        nobody.status = 204;
        co_return no_choice(*chooser, "the preprocess flow says flow: null", nobody);
    }
    event.flow = ports_.deployments.current(chooser->instance, chosen->flow);
    if (!event.flow ||
        !std::holds_alternative<manifest::webhook_trigger>(event.flow->flow->trigger)) {
        const std::string why = "there is no webhook flow \"" + chosen->flow + "\"";
        co_return no_choice(*chooser, why, wrong_choice(why));
    }
    if (wants_file(event.flow)) {
        const std::string why = "the body of \"" + chosen->flow +
                                "\" goes to a blob: such a flow needs an address of its own";
        co_return no_choice(*chooser, why, wrong_choice(why));
    }
    if (chosen->input) {
        event.payload = std::move(*chosen->input);
    } else if (has_form(request) && takes_forms(*chooser) && !takes_forms(*event.flow)) {
        refusal unreadable = parse(request, event, false);
        if (unreadable) co_return unreadable;
    }
    event.key = std::move(chosen->key);
    co_return std::nullopt;
}

net::http_response webhook::no_choice(const engine::bound_flow& chooser, std::string why,
                                      net::http_response answer) {
    unchosen_.write(answer.status == 204 ? base::log_level::info : base::log_level::warning,
                    "a request was taken by no flow", chooser, std::move(why));
    return answer;
}

// Unrecorded: nothing has been verified yet, and nothing is written before that.
base::task<engine::end_of_execution> webhook::preprocess(flow_ptr flow, json::value payload) {
    base::callback_awaiter<engine::end_of_execution> ended([&](auto done) {
        const auto timer = std::make_shared<base::event_loop::timer_id>(0);
        const store::event_id run = ports_.engine.run_unrecorded(
            flow, std::move(payload),
            [&loop = ports_.loop, timer, done](const engine::end_of_execution& end) {
                loop.cancel(*timer);
                done(end);
            });
        if (run == 0) return ports_.loop.post([done] { done({}); });
        *timer = ports_.loop.run_after(options_.preprocess_ms,
                                       [this, run] { ports_.engine.cancel(run); });
    });
    co_return co_await ended;
}

}  // namespace sluice::trigger
