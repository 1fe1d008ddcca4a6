// How the connectors of a running host are isolated, for people.
#pragma once

#include <string>
#include <vector>

#include "api/findings.hpp"
#include "json/value.hpp"
#include "plugin/registry.hpp"

namespace CLI {
class App;
}

namespace sluice::cli {

// A table of what GET /connectors answers.
std::string isolation_text(const json::value& connectors);

// Rules that no connector is called by the name of: mostly a mistyped one, which would otherwise
// run in another way than somebody believes.
std::vector<api::finding> unmatched_rules(const plugin::registry& registry);

// Connectors that say they cannot work in a process of their own, and run in one.
std::vector<api::finding> misplaced_connectors(const plugin::registry& registry);

// `status` and `release` below `sluice connector`.
void add_live_connector_commands(CLI::App& group, int& code);

}  // namespace sluice::cli
