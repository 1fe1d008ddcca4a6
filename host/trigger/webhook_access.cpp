// Whose a request is and whether it has a key: the part of the webhook trigger that lets in.
#include <utility>

#include "trigger/endpoint_route.hpp"
#include "trigger/reply.hpp"
#include "trigger/webhook.hpp"

namespace sluice::trigger {
namespace {

constexpr std::string_view bearer = "Bearer ";

// `Api-Key: ...` or `Authorization: Bearer ...`; empty: neither.
std::string_view key_of(const net::http_request_head& head) {
    const std::string_view own = head.headers.get("api-key");
    if (!own.empty()) return own;
    const std::string_view proof = head.headers.get("authorization");
    return proof.starts_with(bearer) ? proof.substr(bearer.size()) : std::string_view();
}

net::http_response no_key() {
    net::http_response response = net::problem_response(401, {});
    response.headers.set("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace

webhook::refusal webhook::check_key(const net::http_request_head& head,
                                    const engine::bound_flow& flow) const {
    using manifest::key_rule;
    const key_rule rule = manifest::key_rule_of(*flow.integration, *flow.flow);
    const instance::endpoint_keys* const keys = ports_.keys;
    if (rule == key_rule::none) return std::nullopt;
    if (rule == key_rule::optional && (keys == nullptr || !keys->has_any(flow.instance))) {
        return std::nullopt;
    }
    const std::string_view given = key_of(head);
    if (keys != nullptr && keys->instance_of(given) == flow.instance) return std::nullopt;
    keyless_.write(base::log_level::warning, "a request without a valid key was refused", flow,
                   given.empty() ? "it has none" : "it is no key of this instance");
    return no_key();
}

webhook::refusal webhook::check_key_of_any(const net::http_request_head& head,
                                           const instance::endpoint& address) const {
    const std::string_view owner =
        ports_.keys == nullptr ? std::string_view() : ports_.keys->instance_of(key_of(head));
    bool anybody = false;
    bool all_want_keys = true;
    bool is_one_of_them = false;
    ports_.deployments.each_sharing(address, [&](const flow_ptr& flow, const std::string&) {
        anybody = true;
        is_one_of_them = is_one_of_them || flow->instance == owner;
        all_want_keys = all_want_keys && manifest::key_rule_of(*flow->integration, *flow->flow) ==
                                             manifest::key_rule::required;
    });
    if (!anybody) return no_such_webhook();
    if (!all_want_keys || is_one_of_them) return std::nullopt;
    keyless_.write(base::log_level::warning, "a request without a valid key was refused",
                   address.instance, address.flow, "no instance behind the address has it");
    return no_key();
}

webhook::refusal webhook::route(const net::http_request& request, const instance::endpoint& address,
                                incoming& event) {
    // The route reads the body before it is known whose it is: as an object, if any of them asks.
    bool forms = false;
    if (has_form(request)) {
        ports_.deployments.each_sharing(address, [&](const flow_ptr& flow, const std::string&) {
            forms = forms || takes_forms(*flow);
        });
    }
    refusal unreadable = parse(request, event, forms);
    if (unreadable) return unreadable;
    base::result<flow_ptr> found = find_addressee(ports_.deployments, address, event.payload);
    if (found) {
        event.flow = std::move(*found);
        event.payload = without_proofs(event.flow.get(), std::move(event.payload));
        if (ports_.deployments.is_paused(event.flow->instance)) return paused();
        if (forms && !takes_forms(*event.flow)) return parse(request, event, false);
        return std::nullopt;
    }
    ++unrouted_;
    nobodys_.write(base::log_level::warning, "a request at a shared address was nobody's",
                   address.instance, address.flow, found.error_value().to_text());
    return no_such_webhook();
}

}  // namespace sluice::trigger
