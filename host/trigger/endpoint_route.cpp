#include "trigger/endpoint_route.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "json/text.hpp"

namespace sluice::trigger {
namespace {

using flow_ptr = std::shared_ptr<const engine::bound_flow>;

constexpr std::size_t longest_shown = 100;

// What the integration's rule gives for one payload; each version is asked once.
class route_names {
  public:
    explicit route_names(const json::value& payload) : payload_(payload) {}

    const std::string& of(const manifest::integration& integration) {
        const auto known = names_.find(&integration);
        if (known != names_.end()) return known->second;
        const std::vector<expression::binding> variables = {{"trigger", payload_}};
        const base::result<json::value> said =
            integration.endpoint.route->evaluate(payload_, variables);
        std::string name;
        if (!said) {
            why = said.error_value().message;
        } else if (said->is_string()) {
            name = said->as_string();
        } else if (said->is_number()) {
            name = json::to_text(*said);
        }
        if (!name.empty()) {
            std::string shown = name.substr(0, longest_shown);
            shown.resize(base::valid_utf8_length(shown));
            why = "nobody is called \"" + shown + "\"";
        }
        return names_.emplace(&integration, std::move(name)).first->second;
    }

    std::string why = "the route gives no name";

  private:
    const json::value& payload_;
    std::map<const manifest::integration*, std::string> names_;
};

}  // namespace

base::result<flow_ptr> find_addressee(const instance::deployments& deployed,
                                      const instance::endpoint& address,
                                      const json::value& payload) {
    route_names names(payload);
    flow_ptr of_customer;
    flow_ptr of_name;
    std::size_t of_customer_count = 0;
    deployed.each_sharing(address, [&](const flow_ptr& flow, const std::string& customer) {
        const std::string& name = names.of(*flow->integration);
        if (name.empty()) return;
        if (name == flow->instance) of_name = flow;
        if (name != customer) return;
        of_customer = flow;
        ++of_customer_count;
    });
    if (of_customer_count == 1) return of_customer;
    if (of_name) return of_name;
    if (of_customer_count > 1) {
        names.why = "the customer has several instances, and none of this name";
    }
    return base::make_error(base::error_code::not_found, std::move(names.why));
}

}  // namespace sluice::trigger
