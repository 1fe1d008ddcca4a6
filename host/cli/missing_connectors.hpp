// Flows that are deployed and need a connector that is not there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/bound_flow.hpp"

namespace sluice::cli {

// Nothing when a version that fits is there, else why there is none.
using connector_look = std::function<std::optional<base::error>(
    const std::string& connector, const manifest::version_constraint* wanted)>;

// One warning for each flow of an integration and connector, however many instances run it.
std::vector<base::error> missing_connectors(
    const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
    const connector_look& look);

}  // namespace sluice::cli
