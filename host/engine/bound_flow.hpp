// A flow as one instance runs it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/log_secrets.hpp"
#include "base/result.hpp"
#include "engine/fetched_secrets.hpp"
#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::engine {

// Whose a connection is that an instance shares with others, and what it is called there.
struct shared_connection {
    std::string owner;  // instance/owner_id.hpp; empty: it is the instance's own
    std::string name;
};

// Immutable once it is shared: an execution keeps the one it started with.
struct bound_flow {
    std::shared_ptr<const manifest::integration> integration;
    const manifest::flow* flow = nullptr;  // of that integration
    std::string instance;
    json::value config;         // $config: no secrets in it
    json::value instance_info;  // $instance
    // Values of secret config variables, by name.
    std::map<std::string, json::value, std::less<>> secrets;
    // JSON text of each connection, secrets included, by the manifest's name for it.
    std::map<std::string, std::string, std::less<>> connections;
    // Of these, those that belong to the instance's customer or the organization.
    std::map<std::string, shared_connection, std::less<>> shared;
    // Texts that must not come to rest anywhere (hide_secrets.hpp); null: there are none. Of this
    // instance alone, and without the addresses of its webhooks, which flows compare.
    std::shared_ptr<const base::log_secrets> hidden;
    // The same for what is fetched while flows run; all flows of the instance share it. Never null.
    std::shared_ptr<fetched_secrets> fetched = std::make_shared<fetched_secrets>();

    // The version of the connector that the manifest accepts; null when it names none.
    const manifest::version_constraint* constraint(std::string_view connector) const;
    // The JSON text of a connection; empty for an empty name. auth when the instance has none.
    base::result<std::string> connection(const std::string& name) const;
    // Whose it is.
    shared_connection origin_of(const std::string& connection) const;
    // `evaluated` as a connector may see it: with secrets in the places of references.
    json::value resolve(const manifest::template_value& code, json::value evaluated) const;
};

}  // namespace sluice::engine
