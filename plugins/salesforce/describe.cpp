#include <string>

#include "api.hpp"
#include "identity.hpp"
#include "salesforce.hpp"

namespace sluice::salesforce {

task<json> identity_of(const api& salesforce) {
    task<json> asked = salesforce.get(salesforce.data(""));
    const json resources = co_await asked;
    // https://login.salesforce.com/id/ORGANIZATION/USER; read, but not asked: the token stays here.
    const std::string address = resources.get_or("identity", "");
    const std::size_t last = address.rfind('/');
    const std::size_t before = last == address.npos || last == 0 ? 0 : address.rfind('/', last - 1);
    const std::string user = last == address.npos ? std::string() : address.substr(last + 1);
    const std::string organization = before == address.npos || user.empty()
                                         ? std::string()
                                         : address.substr(before + 1, last - before - 1);
    if (!is_id(user) || !is_id(organization)) {
        throw failure(SLUICE_UNAVAILABLE, "Salesforce did not say who the connection works as");
    }
    url record = salesforce.data("/sobjects/User").segment(user);
    record.query("fields", "Username,Name,Email");
    task<json> fetched = salesforce.get(record);
    const json found = co_await fetched;
    co_return json{{"organizationId", organization},
                   {"userId", user},
                   {"username", found["Username"]},
                   {"name", found["Name"]},
                   {"email", found["Email"]}};
}

task<json> connector::get_identity(context& ctx, const json&) {
    const api salesforce(ctx);
    task<json> asked = identity_of(salesforce);
    co_return co_await asked;
}

task<json> connector::get_limits(context& ctx, const json&) {
    const api salesforce(ctx);
    task<json> asked = salesforce.get(salesforce.data("/limits"));
    co_return co_await asked;
}

task<json> connector::list_objects(context& ctx, const json& input) {
    const api salesforce(ctx);
    const bool custom_only = input.get_or("customOnly", false);
    task<json> asked = salesforce.get(salesforce.data("/sobjects"));
    const json answer = co_await asked;
    json items = json::array();
    for (const json& one : answer["sobjects"].items()) {
        if (custom_only && !one.get_or("custom", false)) continue;
        json item = json::object();
        for (const char* const key :
             {"name", "label", "labelPlural", "keyPrefix", "custom", "queryable", "createable",
              "updateable", "deletable", "triggerable"}) {
            item.set(key, one[key]);
        }
        items.push(std::move(item));
    }
    co_return json{{"items", items}, {"cursor", json()}, {"more", false}};
}

task<json> connector::describe_object(context& ctx, const json& input) {
    const api salesforce(ctx);
    const url address = object_address(salesforce, input).path("/describe");
    task<json> asked = salesforce.get(address);
    co_return co_await asked;
}

}  // namespace sluice::salesforce
