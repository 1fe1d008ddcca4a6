// An instance's values as its flows use them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "instance/owners.hpp"
#include "instance/secret_fields.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::instance {

// Everything that is the same for all flows of an instance; `flow` is left null, and `webhooks` in
// instance_info is empty. Reads the environment and files that the values refer to (blocks), and
// hides them from logs; secrets are hidden from records, too (bound_flow::hidden). The error is the
// last problem, with its place; the others go to `more`. Shared connections come from `owners`,
// which are bound; null: offline, and such a connection has its type and nothing else.
base::result<engine::bound_flow> bind_instance(
    const manifest::instance_file& instance,
    std::shared_ptr<const manifest::integration> integration, const owner_map* owners,
    const manifest::environment& lookup, const secret_fields& known = {},
    std::vector<base::error>* more = nullptr);

// All flows of one instance in one version of its integration, by name.
using flow_ptr = std::shared_ptr<const engine::bound_flow>;
using bound_version = std::map<std::string, flow_ptr, std::less<>>;

// The same for all flows, complete; `webhooks` is what they see as $instance.webhooks. Errors as
// above.
base::result<bound_version> bind_flows(const manifest::instance_file& instance,
                                       std::shared_ptr<const manifest::integration> integration,
                                       const owner_map& owners, const manifest::environment& lookup,
                                       const secret_fields& known, json::value webhooks,
                                       std::vector<base::error>* more = nullptr);

}  // namespace sluice::instance
