#include "trigger/verification.hpp"

#include <algorithm>
#include <utility>

#include "store/types.hpp"

namespace sluice::trigger {
namespace {

bool has_handshake(const connector_lookup& describe, const engine::bound_flow& whose,
                   const manifest::flow& flow) {
    const auto* const rules = std::get_if<manifest::webhook_trigger>(&flow.trigger);
    if (rules == nullptr || !rules->verify) return false;
    const std::string& connector = rules->verify->connector;
    const std::shared_ptr<const plugin::descriptor> chosen =
        describe(connector, whose.constraint(connector));
    if (!chosen) return false;
    const plugin::action_description* known = chosen->find_action(rules->verify->action);
    return known != nullptr && known->verifier && known->handshake;
}

}  // namespace

bool shakes_hands(const connector_lookup& describe, const engine::bound_flow& flow) {
    if (!std::holds_alternative<manifest::preprocess_trigger>(flow.flow->trigger)) {
        return has_handshake(describe, flow, *flow.flow);
    }
    return std::ranges::any_of(flow.integration->flows, [&](const manifest::flow& each) {
        return has_handshake(describe, flow, each);
    });
}

base::result<std::string> choose_verifier(const connector_lookup& describe,
                                          const engine::connector_call& call,
                                          const std::string& action) {
    const std::shared_ptr<const plugin::descriptor> chosen = describe(call.connector, call.wanted);
    if (!chosen) return std::string();
    std::string name = chosen->id + " " + chosen->version.to_text();
    const plugin::action_description* known = chosen->find_action(action);
    if (known == nullptr || known->verifier) return name;
    return base::make_error(base::error_code::internal,
                            name + ": the action \"" + action + "\" verifies nothing",
                            "let webhook.verify name an action with the flag `verifier`");
}

base::result<plugin::call_scope> verification_scope(store::store& store, base::id_generator& ids,
                                                    const engine::bound_flow& flow) {
    plugin::call_scope scope;
    scope.instance = flow.instance;
    scope.flow = flow.flow->name;
    scope.execution = ids.next();
    scope.partition = store::partition_of(flow.instance);
    base::result<store::epoch_number> epoch = store.acquire(scope.partition);
    if (!epoch) return std::move(epoch).error_value();
    scope.epoch = *epoch;
    return scope;
}

base::result<void> verdict_of(const engine::connector_reply& reply) {
    if (!reply.outcome.output_json) return reply.outcome.output_json.error_value();
    const json::value* verified = reply.outcome.output.find("verified");
    if (verified == nullptr || *verified == json::value(true)) return {};
    return base::make_error(base::error_code::auth, "the verifier says the request is not genuine");
}

bool speaks_against_the_sender(const base::error& refusal) {
    return refusal.code == base::error_code::auth ||
           refusal.code == base::error_code::invalid_input;
}

}  // namespace sluice::trigger
