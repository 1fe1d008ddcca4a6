// An instance's values as its flows use them.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::instance {

// Everything that is the same for all flows of an instance; `flow` is left null, and `webhooks` in
// instance_info is empty. Reads the environment and files that the values refer to (blocks), and
// hides them from logs. The error is the first problem, with its place.
base::result<engine::bound_flow> bind_instance(
    const manifest::instance_file& instance,
    std::shared_ptr<const manifest::integration> integration, const manifest::environment& lookup);

}  // namespace sluice::instance
