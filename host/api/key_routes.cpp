#include "api/key_routes.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "api/page.hpp"
#include "api/token_routes.hpp"
#include "base/clock.hpp"
#include "manifest/integration.hpp"

namespace sluice::api {
namespace {

// With those that a rotation leaves behind; a number that is never reached is a mistake found.
constexpr std::size_t most_keys = 100;

json::value facts_json(const instance::key_facts& one) {
    return json::value::object(
        {{"id", one.id}, {"name", one.name}, {"created", base::to_rfc3339(one.created_ms)}});
}

// In its newest version; of one that does not run nobody knows.
bool asks_for_keys(const std::string& instance, const instance::deployments& deployed) {
    if (!deployed.runs(instance)) return true;
    return std::ranges::any_of(deployed.flows_of(instance), [](const auto& each) {
        return std::holds_alternative<manifest::webhook_trigger>(each->flow->trigger) &&
               manifest::key_rule_of(*each->integration, *each->flow) != manifest::key_rule::none;
    });
}

const std::string& instance_of(const call& what) { return what.path.find("name")->second; }

}  // namespace

reply list_keys(const call& what, const instance::endpoint_keys& keys) {
    if (auto given = read_query(what.query, {}); !given) return problem_of(given.error_value());
    json::value items = json::value::array();
    for (const instance::key_facts& one : keys.of(instance_of(what)))
        items.push(facts_json(one));
    return json_reply(200, page_of(std::move(items), ""));
}

void create_key(const call& what, instance::endpoint_keys& keys,
                const instance::deployments& deployed, const answer_function& answer) {
    base::result<std::string> name = read_name(what.body);
    if (name && what.body.size() != 1) {
        name = base::make_error(base::error_code::invalid_input, "a key has a name and no more");
    }
    if (!name) return answer(problem_of(name.error_value()));
    if (keys.of(instance_of(what)).size() >= most_keys) {
        return answer(problem(409, "the instance has 100 keys; revoke some"));
    }
    const bool asked_for = asks_for_keys(instance_of(what), deployed);
    keys.create(instance_of(what), std::move(*name),
                [answer, asked_for](const base::result<instance::created_key>& made) {
                    if (!made) return answer(problem_of(made.error_value()));
                    json::value body = facts_json(made->facts);
                    body.set("key", made->text.reveal());
                    body.set("askedFor", asked_for);
                    answer(json_reply(201, body, made->facts.id));
                });
}

void revoke_key(const call& what, instance::endpoint_keys& keys, const answer_function& answer) {
    keys.revoke(instance_of(what), what.path.find("id")->second,
                [answer](const base::result<void>& done) {
                    if (!done) return answer(problem_of(done.error_value()));
                    reply gone;
                    gone.response.status = 204;
                    answer(std::move(gone));
                });
}

}  // namespace sluice::api
