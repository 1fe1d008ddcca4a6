// How the connectors of a running host are isolated, for people.
#pragma once

#include <string>

#include "json/value.hpp"

namespace CLI {
class App;
}

namespace sluice::cli {

// A table of what GET /connectors answers.
std::string isolation_text(const json::value& connectors);

// `status` and `release` below `sluice connector`.
void add_live_connector_commands(CLI::App& group, int& code);

}  // namespace sluice::cli
