#pragma once

#include "manifest/connector_catalog.hpp"
#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

// The whole document as an integration; what is wrong goes into the cursor's findings. Calls are
// checked against `connectors` unless it is null.
integration read_integration(const cursor& root, const connector_catalog* connectors);

// SHA-256 in hex of the canonical content.
std::string content_hash(const json::value& content);

// Letters, digits and dashes as names in URLs have them: [a-z0-9] and, inside, "-".
bool is_slug(std::string_view text);

}  // namespace sluice::manifest
