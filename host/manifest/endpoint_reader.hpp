// `endpoint`: the addresses of an integration's webhooks. Inside the module only.
#pragma once

#include <optional>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/reading.hpp"

namespace sluice::manifest {

void read_endpoint(const cursor& at, const reading& shared, integration& into);

// `keys` of an endpoint or a webhook.
std::optional<key_rule> read_key_rule(const cursor& at);

}  // namespace sluice::manifest
