#pragma once

#include <string>
#include <vector>

#include "manifest/connector_catalog.hpp"
#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

// One place where a manifest calls an action of a connector: a task, or `webhook.verify`.
struct call_site {
    cursor at;  // has `call` and maybe `with`
    std::string connector;
    std::string action;
    std::string connection;  // may be empty
    bool verifies = false;
};

// Notes connectors that are not there in a version that the manifest accepts. `at` is `connectors`.
void check_connectors(const cursor& at, const integration& of, const connector_catalog& known);
// Notes calls that the connectors do not have, and input that does not fit their schemas.
void check_calls(const std::vector<call_site>& calls, const integration& of,
                 const connector_catalog& known);
// Notes connections of types that their connectors do not have. `at` is `connections`.
void check_connections(const cursor& at, const integration& of, const connector_catalog& known);

}  // namespace sluice::manifest
