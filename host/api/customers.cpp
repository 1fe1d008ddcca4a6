#include "api/customers.hpp"

#include <utility>
#include <vector>

#include "api/changes.hpp"
#include "api/page.hpp"
#include "instance/owner_id.hpp"

namespace sluice::api {
namespace {

const std::string& name_of(const call& what) { return what.path.find("name")->second; }

json::value list_of(const std::vector<std::string>& texts) {
    json::value out = json::value::array();
    for (const std::string& text : texts)
        out.push(text);
    return out;
}

json::value summary_of(const std::string& name, const std::vector<std::string>& instances,
                       const instance::deployments& deployed) {
    const instance::owner* const its = deployed.find_owner(instance::customer_owner(name));
    const bool titled = its != nullptr && !its->file.title.empty();
    return json::value::object(
        {{"name", name},
         {"title", titled ? json::value(its->file.title) : json::value()},
         {"labels", its == nullptr ? json::value::object() : its->file.labels},
         {"recorded", its != nullptr},
         {"instances", list_of(instances)}});
}

}  // namespace

reply list_customers(const call& what, const instance::deployments& deployed) {
    auto given = read_query(what.query, {"limit", "cursor"});
    if (!given) return problem_of(given.error_value());
    const base::result<int> limit = read_limit(*given);
    if (!limit) return problem_of(limit.error_value());
    const std::string cursor = parameter(*given, "cursor");
    json::value items = json::value::array();
    std::string last;
    auto instances = deployed.instances_by_customer();
    for (const std::string& name : deployed.customers()) {
        if (name <= cursor || !what.view.sees_customer(name)) continue;
        if (items.size() == static_cast<std::size_t>(*limit)) {
            return json_reply(200, page_of(std::move(items), last));
        }
        items.push(summary_of(name, instances[name], deployed));
        last = name;
    }
    return json_reply(200, page_of(std::move(items), ""));
}

reply show_customer(const call& what, const instance::deployments& deployed) {
    const std::string& name = name_of(what);
    json::value out = summary_of(name, deployed.instances_of(name), deployed);
    json::value connections = json::value::array();
    const std::string id = instance::customer_owner(name);
    if (const instance::owner* const its = deployed.find_owner(id)) {
        auto users = deployed.users();
        for (const auto& [connection, described] : its->file.connections) {
            connections.push(json::value::object({{"name", connection},
                                                  {"connector", described.connector},
                                                  {"type", described.type},
                                                  {"usedBy", list_of(users[{id, connection}])}}));
        }
    }
    out.set("connections", std::move(connections));
    return json_reply(200, out);
}

void remove_customer(const api_ports& ports, token_list& tokens, const call& what,
                     const answer_function& answer) {
    instance::change_request request;
    request.remove_customer = name_of(what);
    const std::vector<std::string> bound = tokens.bound_to(name_of(what));
    request.together = token_list::removals(bound);
    ports.changes.make(std::move(request),
                       [&tokens, bound, answer](const instance::change_result& result) {
                           if (!result.ok()) {
                               const base::error& why = result.problems.front();
                               const bool is_gone = why.code == base::error_code::not_found;
                               return answer(is_gone ? problem_of(why) : refused(result.problems));
                           }
                           tokens.forget(bound);
                           reply gone;
                           gone.response.status = 204;
                           answer(std::move(gone));
                       });
}

}  // namespace sluice::api
