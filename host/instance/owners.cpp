#include "instance/owners.hpp"

#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::instance {

owner_ptr bind_owner(manifest::owner_file file, const manifest::environment& lookup,
                     const secret_fields& known, std::vector<base::error>& problems) {
    auto made = std::make_shared<owner>();
    auto secrets = std::make_shared<engine::bound_flow>();
    auto hidden = std::make_shared<base::log_secrets>();
    for (auto& [name, fields] : manifest::resolve_connections(file, lookup, problems)) {
        if (!fields) {
            made->connections.emplace(name, fields.error_value());
            continue;
        }
        std::vector<std::string> logged;
        std::vector<std::string> secret;
        const auto& given = file.connections.at(name);
        collect_logged(*fields, given.fields, given.connector, nullptr, known, logged);
        collect_secrets(*fields, given.connector, nullptr, known, secret);
        for (const std::string& text : logged)
            base::add_log_secret(text);
        for (const std::string& text : secret) {
            base::add_log_secret(text);
            hidden->add(text);
        }
        made->connections.emplace(name, json::to_text(*fields));
    }
    secrets->instance = owner_id(file);
    secrets->hidden = std::move(hidden);
    made->secrets = std::move(secrets);
    made->file = std::move(file);
    return made;
}

const owner* find_owner(const owner_map& all, const std::string& id) {
    const auto found = all.find(id);
    return found == all.end() ? nullptr : found->second.get();
}

manifest::sharing sharing_of(const owner_map& all, const std::string& customer) {
    const owner* const its = find_owner(all, customer_owner(customer));
    const owner* const everybodys = find_owner(all, organization_owner);
    return {its == nullptr ? nullptr : &its->file,
            everybodys == nullptr ? nullptr : &everybodys->file, true};
}

engine::shared_connection origin_of(const manifest::instance_file& instance,
                                    const manifest::shared_reference& of) {
    return {of.of_organization ? organization_owner : customer_owner(instance.customer), of.name};
}

bool uses(const manifest::instance_file& instance, const std::string& owner) {
    for (const auto& [name, given] : instance.connections) {
        const auto of = manifest::parse_shared(given.shared);
        if (of && origin_of(instance, *of).owner == owner) return true;
    }
    return false;
}

json::value with_shared(const manifest::instance_file& instance, const owner_map& owners) {
    if (!instance.shares()) return instance.document;
    json::value connections = instance.document.get("connections");
    for (const auto& [name, given] : instance.connections) {
        const auto of = manifest::parse_shared(given.shared);
        if (!of) continue;
        const engine::shared_connection from = origin_of(instance, *of);
        const owner* const its = find_owner(owners, from.owner);
        if (its == nullptr) continue;
        const json::value* const there = its->file.document.get("connections").find(from.name);
        if (there == nullptr) continue;
        json::value fields = *there;
        fields.erase("connector");
        connections.set(name, std::move(fields));
    }
    json::value out = instance.document;
    out.set("connections", std::move(connections));
    return out;
}

}  // namespace sluice::instance
