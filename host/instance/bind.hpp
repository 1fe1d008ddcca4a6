// An instance's values as its flows use them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::instance {

// The fields of a connector's connection type that are secret, when the connector is there. One
// that is not there counts every text but addresses as secret.
using secret_fields = std::function<std::optional<std::vector<std::string>>(
    const std::string& connector, const manifest::version_constraint* wanted,
    const std::string& type)>;

// Everything that is the same for all flows of an instance; `flow` is left null, and `webhooks` in
// instance_info is empty. Reads the environment and files that the values refer to (blocks), and
// hides them from logs; secrets are hidden from records, too (bound_flow::hidden). The error is the
// last problem, with its place; the others go to `more`.
base::result<engine::bound_flow> bind_instance(
    const manifest::instance_file& instance,
    std::shared_ptr<const manifest::integration> integration, const manifest::environment& lookup,
    const secret_fields& known = {}, std::vector<base::error>* more = nullptr);

// All flows of one instance in one version of its integration, by name.
using flow_ptr = std::shared_ptr<const engine::bound_flow>;
using bound_version = std::map<std::string, flow_ptr, std::less<>>;

// The same for all flows, complete; `webhooks` is what they see as $instance.webhooks. Errors as
// above.
base::result<bound_version> bind_flows(const manifest::instance_file& instance,
                                       std::shared_ptr<const manifest::integration> integration,
                                       const manifest::environment& lookup,
                                       const secret_fields& known, json::value webhooks,
                                       std::vector<base::error>* more = nullptr);

}  // namespace sluice::instance
