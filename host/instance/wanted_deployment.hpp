// An instance as it should be: what deployments knows and lifecycle brings about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/bound_flow.hpp"

namespace sluice::instance {

struct wanted_deployment {
    std::string instance;
    std::string customer;
    std::string fingerprint;  // fingerprint.hpp
    bool remove = false;      // it is to go
    // All flows of the instance in its newest version; at least one.
    std::vector<std::shared_ptr<const engine::bound_flow>> flows;
};

}  // namespace sluice::instance
