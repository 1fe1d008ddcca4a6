// The addresses under which an instance's webhooks are reached.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/integration.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of these records in the store's configuration; the key is "INSTANCE/FLOW".
inline constexpr const char* endpoint_kind = "endpoint";

// The address of a webhook flow of one instance, or of the preprocess flow that chooses between all
// of them (endpoint: scope: instance). One that all instances of an integration share (scope:
// shared) has "*" and the integration's name in place of an instance's. The token is a capability:
// whoever knows it may send. It is kept across restarts and upgrades of the integration.
struct endpoint {
    std::string token;
    std::string instance;
    std::string flow;
    std::string url_path() const { return "/hooks/" + token; }
    bool shared() const { return instance.starts_with('*'); }
    // Of a shared one: "namespace/name".
    std::string_view integration() const { return std::string_view(instance).substr(1); }
};

// endpoint::instance of the addresses under which an instance is reached.
std::string address_owner(const std::string& instance, const manifest::integration& of);

// Those of one owner, by flow. Immutable once it is shared.
using addresses = std::map<std::string, endpoint, std::less<>>;
using addresses_ptr = std::shared_ptr<const addresses>;

// All of them, by owner. Blocks.
base::result<std::map<std::string, addresses_ptr>> read_addresses(store::reader& from);

// What makes the store keep a new one.
store::config_change record_of(const endpoint& fresh);

// $instance.webhooks: by the name of each webhook flow; where one address serves all of them, also
// by that of the flow that chooses. `public_url`: where webhooks reach this host.
json::value webhooks_of(const manifest::integration& of, const addresses& its,
                        const std::string& public_url);

}  // namespace sluice::instance
