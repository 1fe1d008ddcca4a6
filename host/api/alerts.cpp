#include "api/alerts.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "api/page.hpp"
#include "base/clock.hpp"
#include "instance/alert_records.hpp"

namespace sluice::api {
namespace {

using instance::raised_alert;

struct wanted {
    std::string instance;
    std::string customer;
    std::string cursor;
    std::size_t limit = 0;
    tenant_view view;
};

reply page_of_alerts(const std::vector<raised_alert>& all, const wanted& asked,
                     const instance::deployments& deployed) {
    json::value items = json::value::array();
    std::string last;
    for (const raised_alert& one : all) {
        if (one.key <= asked.cursor || !asked.view.sees(one.instance)) continue;
        if (!asked.instance.empty() && one.instance != asked.instance) continue;
        const auto of = deployed.find_instance(one.instance);
        if (!of || (!asked.customer.empty() && of->customer != asked.customer)) continue;
        if (items.size() == asked.limit) return json_reply(200, page_of(std::move(items), last));
        items.push(alert_json(one, of->customer, of->integration, of->version));
        last = one.key;
    }
    return json_reply(200, page_of(std::move(items), ""));
}

}  // namespace

json::value alert_json(const raised_alert& one, const std::string& customer,
                       const std::string& integration, const std::string& version) {
    return json::value::object(
        {{"alert", one.alert},
         {"kind", one.kind},
         {"instance", one.instance},
         {"customer", customer},
         {"integration", integration},
         {"version", version},
         {one.kind == "connection" ? "connection" : "flow", one.about},
         {"since", base::to_rfc3339(one.since_ms)},
         {"last", base::to_rfc3339(one.last_ms)},
         {"count", one.count},
         {"execution", one.execution.empty() ? json::value() : json::value(one.execution)},
         {"error", one.error},
         {"what", instance::sentence_of(one)},
         {"advice", instance::advice_on(one)}});
}

void list_alerts(const api_ports& ports, const call& what, const answer_function& answer) {
    auto given = read_query(what.query, {"instance", "customer", "limit", "cursor"});
    if (!given) return answer(problem_of(given.error_value()));
    const base::result<int> limit = read_limit(*given);
    if (!limit) return answer(problem_of(limit.error_value()));
    wanted asked{parameter(*given, "instance"), parameter(*given, "customer"),
                 parameter(*given, "cursor"), static_cast<std::size_t>(*limit), what.view};
    ports.run_blocking([&ports, asked = std::move(asked), answer] {
        auto found = std::make_shared<base::result<std::vector<raised_alert>>>(
            instance::read_alerts(ports.store));
        ports.loop.post([&ports, found, asked, answer] {
            if (!*found) return answer(problem_of(found->error_value()));
            answer(page_of_alerts(found->value(), asked, ports.deployments));
        });
    });
}

}  // namespace sluice::api
