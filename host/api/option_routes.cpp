#include "api/option_routes.hpp"

#include <string>
#include <utility>

#include "api/page.hpp"
#include "manifest/config_option.hpp"

namespace sluice::api {
namespace {

reply refusal_of(const base::error& why) {
    const std::string text = why.hint.empty() ? why.message : why.message + "; " + why.hint;
    if (why.code == base::error_code::unavailable) return problem(502, text);
    if (why.code == base::error_code::not_found) return problem(404, text);
    return problem_of(why);
}

bool is_the_organizations(const manifest::integration& of, const std::string& variable) {
    const auto declared = of.config.find(manifest::current_config_name(of, variable));
    return declared != of.config.end() &&
           declared->second.visibility == manifest::config_declaration::audience::organization;
}

}  // namespace

void list_options(const api_ports& ports, const call& what, instance::option_lists& lists,
                  const answer_function& answer) {
    if (!what.body.is_object() || !what.body.get("variable").is_string())
        return answer(problem(400, "the body is {variable, values}"));
    if (auto known = only_members(what.body, {"variable", "values"}); !known)
        return answer(problem_of(known.error_value()));
    const json::value& values = what.body.get("values");
    if (!values.is_object() && !values.is_null())
        return answer(problem(400, "values is an object: {NAME: value}"));
    const std::string name = what.path.find("name")->second;
    const auto flows = ports.deployments.flows_of(name);
    if (flows.empty()) {
        return answer(problem(409, "the instance " + name +
                                       " does not run; `sluice instance show " + name +
                                       "` tells why"));
    }
    const std::string variable = what.body.get("variable").as_string();
    if (what.caller.bound() && is_the_organizations(*flows.front()->integration, variable))
        return answer(problem(404, "there is no variable " + variable));
    lists.list(flows.front(), variable, values,
               [answer, variable](base::result<instance::option_lists::options> found) {
                   if (!found) return answer(refusal_of(found.error_value()));
                   answer(json_reply(
                       200, json::value::object({{"variable", variable},
                                                 {"options", manifest::options_json(*found)}})));
               });
}

}  // namespace sluice::api
