// What is known about the connectors that flows call. The loader checks calls against it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "json/value.hpp"

namespace sluice::manifest {

struct action_facts {
    json::value input_schema;  // JSON Schema; null when the connector has none
    bool verifier = false;     // may be named in `webhook.verify`
    bool needs_connection = false;
};

struct connector_facts {
    std::string id;
    std::string version;  // "major.minor.patch"
    std::map<std::string, action_facts, std::less<>> actions;
    std::vector<std::string> connection_types;
};

// Of several versions that a manifest accepts the last one counts: put the newest at the end.
using connector_catalog = std::vector<connector_facts>;

}  // namespace sluice::manifest
