#include "api/instances.hpp"

#include <utility>

#include "api/page.hpp"

namespace sluice::api {
namespace {

json::value summary_of(const instance::deployed_instance& one) {
    return json::value::object({{"name", one.name},
                                {"customer", one.customer},
                                {"integration", one.integration},
                                {"version", one.version},
                                {"flowVersion", one.flow_version}});
}

}  // namespace

reply list_instances(const call& what, const instance::deployments& deployed) {
    auto given = read_query(what.query, {"customer", "limit", "cursor"});
    if (!given) return problem_of(given.error_value());
    base::result<int> limit = read_limit(*given);
    if (!limit) return problem_of(limit.error_value());
    const std::string customer = parameter(*given, "customer");
    const std::string cursor = parameter(*given, "cursor");
    json::value items = json::value::array();
    std::string last;
    for (const instance::deployed_instance& one : deployed.instances()) {
        if (one.name <= cursor || !what.view.sees(one.name)) continue;
        if (!customer.empty() && one.customer != customer) continue;
        if (items.size() == static_cast<std::size_t>(*limit)) {
            return json_reply(200, page_of(std::move(items), last));
        }
        items.push(summary_of(one));
        last = one.name;
    }
    return json_reply(200, page_of(std::move(items), ""));
}

reply show_instance(const call& what, const instance::deployments& deployed) {
    const std::string& name = what.path.find("name")->second;
    json::value out;
    for (const instance::deployed_instance& one : deployed.instances()) {
        if (one.name == name) out = summary_of(one);
    }
    json::value flows = json::value::array();
    for (const auto& bound : deployed.flows()) {
        if (bound->instance == name) flows.push(bound->flow->name);
    }
    out.set("flows", std::move(flows));
    if (what.caller.scopes.has(scope::secrets)) {
        json::value endpoints = json::value::array();
        for (const instance::endpoint& one : deployed.endpoints()) {
            const bool its_own = one.shared()
                                     ? one.integration() == out.string_or("integration", "")
                                     : one.instance == name;
            if (!its_own) continue;
            endpoints.push(json::value::object(
                {{"flow", one.flow}, {"url", deployed.public_url() + one.url_path()}}));
        }
        out.set("endpoints", std::move(endpoints));
    }
    return json_reply(200, out);
}

}  // namespace sluice::api
