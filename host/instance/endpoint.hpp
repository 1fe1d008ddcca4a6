// The addresses under which an instance's webhooks are reached.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/integration.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of these records in the store's configuration; the key is "INSTANCE/FLOW".
inline constexpr const char* endpoint_kind = "endpoint";

// The address of a webhook flow of one instance, or of the preprocess flow that chooses between all
// of them (endpoint: scope: instance). The token is a capability: whoever knows it may
// send. It is kept across restarts and upgrades of the integration.
struct endpoint {
    std::string token;
    std::string instance;
    std::string flow;
    std::string url_path() const { return "/hooks/" + token; }
};

// Those of one instance, by flow. Immutable once it is shared.
using addresses = std::map<std::string, endpoint, std::less<>>;
using addresses_ptr = std::shared_ptr<const addresses>;

// All of them, by instance. Blocks.
base::result<std::map<std::string, addresses_ptr>> read_addresses(store::reader& from);

// What makes the store keep a new one.
store::config_change record_of(const endpoint& fresh);

// The flows that have an address of their own.
std::vector<std::string> flows_with_address(const manifest::integration& of);

// $instance.webhooks: by the name of each webhook flow; where one address serves all of them, also
// by that of the flow that chooses. `public_url`: where webhooks reach this host.
json::value webhooks_of(const manifest::integration& of, const addresses& its,
                        const std::string& public_url);

}  // namespace sluice::instance
