#include "instance/endpoint.hpp"

#include <utility>
#include <variant>

#include "json/text.hpp"

namespace sluice::instance {
namespace {

bool is_webhook(const manifest::flow& flow) {
    return std::holds_alternative<manifest::webhook_trigger>(flow.trigger);
}

}  // namespace

std::string address_owner(const std::string& instance, const manifest::integration& of) {
    const bool shared = of.endpoint.scope == manifest::endpoint_rules::scope_kind::shared;
    return shared ? "*" + of.id : instance;
}

base::result<std::map<std::string, addresses_ptr>> read_addresses(store::reader& from) {
    const base::result<std::vector<store::config_record>> records = from.config(endpoint_kind);
    if (!records) return records.error_value();
    std::map<std::string, addresses> found;
    for (const store::config_record& record : *records) {
        const base::result<json::value> content = json::parse(record.value_json);
        if (!content) return content.error_value();
        endpoint one{content->string_or("token", ""), content->string_or("instance", ""),
                     content->string_or("flow", "")};
        std::string flow = one.flow;
        found[one.instance].insert_or_assign(std::move(flow), std::move(one));
    }
    std::map<std::string, addresses_ptr> out;
    for (auto& [name, its] : found)
        out.emplace(name, std::make_shared<const addresses>(std::move(its)));
    return out;
}

store::config_change record_of(const endpoint& fresh) {
    const json::value content = json::value::object(
        {{"token", fresh.token}, {"instance", fresh.instance}, {"flow", fresh.flow}});
    return {{endpoint_kind, fresh.instance + "/" + fresh.flow, json::to_text(content), 0}, false};
}

json::value webhooks_of(const manifest::integration& of, const addresses& its,
                        const std::string& public_url) {
    json::value out = json::value::object();
    for (const std::string& flow : flows_with_address(of)) {
        const auto found = its.find(flow);
        if (found == its.end()) continue;
        const std::string url = public_url + found->second.url_path();
        out.set(flow, url);
        if (of.endpoint.preprocess.empty()) continue;
        for (const manifest::flow& other : of.flows) {
            if (is_webhook(other)) out.set(other.name, url);
        }
    }
    return out;
}

}  // namespace sluice::instance
