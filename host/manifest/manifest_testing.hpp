// Manifests for tests: a small valid one, with parts exchanged.
#pragma once

#include <string>
#include <string_view>

#include "manifest/load.hpp"

namespace sluice::manifest {

// A whole integration "acme/tickets" around `tasks`, the text of one `do` list (its items indented
// by six spaces). Connectors: app and github; connections: app (of app) and gh (of github); config:
// token (secret), region, limit (integer).
std::string integration_with(std::string_view tasks);

// A whole integration "acme/flows" with these `flows`, the text of the flows' map (its items
// indented by two spaces); connectors, connections and config as above.
std::string integration_of(std::string_view flows);

// What a text without problems becomes. Fails the test otherwise.
integration loaded(const std::string& text);

// All problems as "line:column: message (hint)", one per line; "" when there are none.
std::string problems_of(const std::string& text);
// The warnings in the same form.
std::string warnings_of(const std::string& text);

}  // namespace sluice::manifest
