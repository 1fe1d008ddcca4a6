#include "api/connections.hpp"

#include <utility>

#include "api/page.hpp"
#include "base/clock.hpp"
#include "instance/owner_id.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

instance::connection_id id_of(const call& what, const std::string& owner) {
    return {owner, what.path.find("connection")->second};
}

json::value time_or_null(std::int64_t unix_ms) {
    return unix_ms == 0 ? json::value() : json::value(base::to_rfc3339(unix_ms));
}

json::value view_json(const instance::connection_view& one) {
    json::value trouble;
    if (!one.status.reason.empty()) {
        trouble = json::value::object(
            {{"reason", one.status.reason}, {"at", time_or_null(one.status.failed_ms)}});
    }
    return json::value::object(
        {{"name", one.id.name},
         {"shared", one.shared.empty() ? json::value() : json::value(one.shared)},
         {"connector", one.connector},
         {"type", one.type},
         {"grant", one.grant.empty() ? json::value() : json::value(one.grant)},
         {"state", instance::to_string(one.status.state)},
         {"authorized", time_or_null(one.status.authorized_ms)},
         {"issued", time_or_null(one.status.issued_ms)},
         {"expires", time_or_null(one.status.expires_ms)},
         {"trouble", std::move(trouble)},
         {"testable", one.can_test}});
}

json::value tested(const base::result<std::string>& outcome) {
    if (!outcome) {
        return json::value::object(
            {{"ok", false}, {"output", json::value()}, {"error", outcome.error_value().to_text()}});
    }
    auto output = json::parse(*outcome);
    return json::value::object({{"ok", true},
                                {"output", output ? std::move(*output) : json::value(*outcome)},
                                {"error", json::value()}});
}

}  // namespace

reply list_connections(const call& what, const std::string& owner,
                       const instance::connections& all) {
    if (auto given = read_query(what.query, {}); !given) return problem_of(given.error_value());
    json::value items = json::value::array();
    const std::vector<instance::connection_view> found =
        instance::is_shared_owner(owner) ? all.of_owner(owner) : all.of_instance(owner);
    for (const instance::connection_view& one : found)
        items.push(view_json(one));
    return json_reply(200, page_of(std::move(items), ""));
}

reply authorize_connection(const call& what, const std::string& owner, instance::connections& all) {
    const auto begun = all.authorize(id_of(what, owner));
    if (!begun) return problem_of(begun.error_value());
    return json_reply(200, json::value::object({{"url", begun->url},
                                                {"expires", base::to_rfc3339(begun->expires_ms)},
                                                {"redirectUri", all.redirect_uri()}}));
}

void test_connection(const call& what, const std::string& owner, instance::connections& all,
                     const answer_function& answer) {
    const base::result<void> begun =
        all.test(id_of(what, owner), [answer](const base::result<std::string>& outcome) {
            answer(json_reply(200, tested(outcome)));
        });
    if (!begun) answer(problem_of(begun.error_value()));
}

void disconnect_connection(const call& what, const std::string& owner, instance::connections& all,
                           const answer_function& answer) {
    all.disconnect(id_of(what, owner), [answer](const base::result<std::optional<bool>>& outcome) {
        if (!outcome) return answer(problem_of(outcome.error_value()));
        const std::optional<bool>& revoked = *outcome;
        answer(json_reply(200, json::value::object({{"revoked", revoked ? json::value(*revoked)
                                                                        : json::value()}})));
    });
}

}  // namespace sluice::api
