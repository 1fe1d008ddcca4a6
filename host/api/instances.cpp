#include "api/instances.hpp"

#include <map>
#include <utility>
#include <vector>

#include "api/page.hpp"
#include "base/ids.hpp"
#include "manifest/config_value.hpp"

namespace sluice::api {
namespace {

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

// As it stands in the document, and what counts where nothing stands. Secrets show their reference
// alone; what only the organization sets is not for customers.
json::value config_of(const manifest::integration& integration, const json::value& written,
                      bool for_customer) {
    using audience = manifest::config_declaration::audience;
    json::value out = json::value::object();
    for (const auto& [name, declared] : integration.config) {
        if (for_customer && declared.visibility == audience::organization) continue;
        const json::value* const given = manifest::given_value(integration, written, name);
        if (given == nullptr) {
            if (!declared.secret()) out.set(name, declared.default_value.value_or(json::value()));
        } else if (!declared.secret() || !manifest::reference_kind(*given).empty()) {
            out.set(name, *given);
        }
    }
    return out;
}

json::value runs_of(const instance::deployment_record& record) {
    json::value out = json::value::array();
    for (const instance::deployment_record::run& one : record.runs) {
        out.push(json::value::object({{"flow", one.flow},
                                      {"execution", base::execution_id_text(one.execution)},
                                      {"state", one.state}}));
    }
    return out;
}

// What is in the page of a list that goes by name.
struct page_request {
    std::size_t limit = 0;
    std::string cursor;
    std::string customer;
};

base::result<page_request> read_page(const call& what,
                                     std::initializer_list<std::string_view> known) {
    auto given = read_query(what.query, known);
    if (!given) return std::move(given).error_value();
    base::result<int> limit = read_limit(*given);
    if (!limit) return std::move(limit).error_value();
    return page_request{static_cast<std::size_t>(*limit), parameter(*given, "cursor"),
                        parameter(*given, "customer")};
}

}  // namespace

json::value summary_of(const instance::deployed_instance& one, const instance::lifecycle& states) {
    const instance::deployment_record* const record = states.record(one.name);
    json::value out = json::value::object({{"name", one.name},
                                           {"customer", one.customer},
                                           {"integration", one.integration},
                                           {"version", one.version},
                                           {"flowVersion", one.flow_version},
                                           {"previousVersion", text_or_null(one.previous)},
                                           {"paused", one.paused},
                                           {"state", json::value()},
                                           {"error", json::value()}});
    if (!one.problem.empty()) {
        out.set("state", "failed");
        out.set("error", "it does not run: " + one.problem);
        return out;
    }
    if (record == nullptr) return out;
    out.set("state", to_string(record->state));
    out.set("error", text_or_null(record->error));
    return out;
}

reply list_instances(const call& what, const instance::deployments& deployed,
                     const instance::lifecycle& states) {
    const base::result<page_request> page = read_page(what, {"customer", "limit", "cursor"});
    if (!page) return problem_of(page.error_value());
    json::value items = json::value::array();
    std::string last;
    for (const instance::deployed_instance& one : deployed.instances()) {
        if (one.name <= page->cursor || !what.view.sees(one.name)) continue;
        if (!page->customer.empty() && one.customer != page->customer) continue;
        if (items.size() == page->limit) return json_reply(200, page_of(std::move(items), last));
        items.push(summary_of(one, states));
        last = one.name;
    }
    return json_reply(200, page_of(std::move(items), ""));
}

reply show_instance(const call& what, const instance::deployments& deployed,
                    const instance::lifecycle& states) {
    const std::string& name = what.path.find("name")->second;
    json::value out = summary_of(*deployed.find_instance(name), states);
    const std::vector<instance::flow_ptr> all = deployed.flows_of(name);
    json::value flows = json::value::array();
    for (const instance::flow_ptr& bound : all)
        flows.push(bound->flow->name);
    out.set("flows", std::move(flows));
    // Which of the values are secret, only a version that runs tells.
    out.set("config", all.empty() ? json::value::object()
                                  : config_of(*all.front()->integration,
                                              deployed.kept(name)->file.document.get("config"),
                                              what.caller.bound()));
    json::value connections = json::value::array();
    for (const auto& [connection, given] : deployed.kept(name)->file.connections) {
        connections.push(
            json::value::object({{"name", connection}, {"shared", text_or_null(given.shared)}}));
    }
    out.set("connections", std::move(connections));
    const instance::deployment_record* const record = states.record(name);
    out.set("runs", record == nullptr ? json::value::array() : runs_of(*record));
    if (what.caller.scopes.has(scope::secrets)) {
        json::value endpoints = json::value::array();
        const std::string owner =
            all.empty() ? name : instance::address_owner(name, *all.front()->integration);
        for (const instance::endpoint& one : deployed.endpoints(owner)) {
            endpoints.push(json::value::object(
                {{"flow", one.flow}, {"url", deployed.public_url() + one.url_path()}}));
        }
        out.set("endpoints", std::move(endpoints));
    }
    return json_reply(200, out);
}

reply list_integrations(const call& what, const instance::deployments& deployed) {
    const base::result<page_request> page = read_page(what, {"limit", "cursor"});
    if (!page) return problem_of(page.error_value());
    std::map<std::string, json::value> instances;
    for (const instance::deployed_instance& one : deployed.instances()) {
        if (!what.view.sees(one.name)) continue;
        instances.try_emplace(one.integration, json::value::array())
            .first->second.push(
                json::value::object({{"name", one.name}, {"version", one.version}}));
    }
    json::value items = json::value::array();
    std::string last;
    for (const auto& [id, list] : deployed.releases()) {
        const auto its = instances.find(id);
        const bool hidden = what.caller.bound() && its == instances.end();
        if (id <= page->cursor || hidden) continue;
        if (items.size() == page->limit) return json_reply(200, page_of(std::move(items), last));
        json::value versions = json::value::array();
        for (const instance::release& one : list.all()) {
            versions.push(
                json::value::object({{"version", one.version}, {"flowVersion", one.hash}}));
        }
        items.push(json::value::object(
            {{"name", id},
             {"versions", std::move(versions)},
             {"instances", its == instances.end() ? json::value::array() : its->second}}));
        last = id;
    }
    return json_reply(200, page_of(std::move(items), ""));
}

}  // namespace sluice::api
