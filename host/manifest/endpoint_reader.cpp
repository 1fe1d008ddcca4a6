#include "manifest/endpoint_reader.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "expression/suggestion.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {
namespace {

using scope_kind = endpoint_rules::scope_kind;

void read_preprocess(const cursor& at, const reading& shared, endpoint_rules& into) {
    const cursor name = at.member("preprocess");
    into.preprocess = name.text("preprocess").value_or("");
    if (into.scope == scope_kind::instance && !name.exists()) {
        at.problem("one address for several flows needs `preprocess`",
                   "the flow that chooses: endpoint: { scope: instance, preprocess: name }");
    }
    if (into.preprocess.empty()) return;
    if (into.scope == scope_kind::flow) {
        name.key_problem("each flow has its own address, so there is nothing to choose",
                         "write scope: instance beside it, or leave it out");
    }
    const auto found = shared.triggers.find(into.preprocess);
    if (found == shared.triggers.end()) {
        std::vector<std::string> known;
        for (const auto& [each, trigger] : shared.triggers) {
            if (trigger == "preprocess") known.push_back(each);
        }
        name.problem("there is no flow \"" + into.preprocess + "\"",
                     expression::did_you_mean(into.preprocess, known));
    } else if (found->second != "preprocess") {
        name.problem("the flow \"" + into.preprocess + "\" is no preprocess flow",
                     "give it trigger: { preprocess: {} }");
    }
}

// It reads what nobody has verified, before it is known whose values count.
void read_route(const cursor& at, endpoint_rules& into) {
    const cursor route = at.member("route");
    const bool is_shared = into.scope == scope_kind::shared;
    if (route.exists() && !is_shared) {
        return route.key_problem("each instance has its own address, so there is nothing to route",
                                 "write scope: shared beside it, or leave it out");
    }
    if (!is_shared || route.is_mistyped()) return;
    if (!route.exists()) {
        return at.problem("one address for all customers needs `route`",
                          "what tells the customer: route: .body.account.id");
    }
    expression_context context;
    context.variables = {"trigger"};
    into.route = read_expression(route, context);
}

}  // namespace

std::optional<key_rule> read_key_rule(const cursor& at) {
    const auto given = at.one_of("rule for keys", {"none", "optional", "required"});
    if (given == "none") return key_rule::none;
    if (given == "optional") return key_rule::optional;
    if (given == "required") return key_rule::required;
    return std::nullopt;
}

void read_endpoint(const cursor& at, const reading& shared, integration& into) {
    if (!at.exists() || !at.is_object("endpoint")) return;
    at.refuse_unknown("endpoint", {"scope", "preprocess", "route", "keys"});
    endpoint_rules& made = into.endpoint;
    made.where = at.key_where();
    const auto scope =
        at.member("scope").one_of("scope of an endpoint", {"flow", "instance", "shared"});
    if (scope == "instance") made.scope = scope_kind::instance;
    if (scope == "shared") made.scope = scope_kind::shared;
    made.keys = read_key_rule(at.member("keys")).value_or(key_rule::none);
    read_route(at, made);
    read_preprocess(at, shared, made);
}

std::vector<std::string> flows_with_address(const integration& of) {
    if (!of.endpoint.preprocess.empty()) return {of.endpoint.preprocess};
    std::vector<std::string> names;
    for (const flow& each : of.flows) {
        if (std::holds_alternative<webhook_trigger>(each.trigger)) names.push_back(each.name);
    }
    return names;
}

key_rule key_rule_of(const integration& of, const flow& at) {
    if (const auto* const webhook = std::get_if<webhook_trigger>(&at.trigger)) {
        return webhook->keys.value_or(of.endpoint.keys);
    }
    key_rule least = key_rule::required;
    for (const flow& each : of.flows) {
        const auto* const webhook = std::get_if<webhook_trigger>(&each.trigger);
        if (webhook != nullptr) least = std::min(least, webhook->keys.value_or(of.endpoint.keys));
    }
    return least;
}

}  // namespace sluice::manifest
