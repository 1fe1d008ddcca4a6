// Which texts of a connection are secret.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::instance {

// The fields of a connector's connection type that are secret, when the connector is there. One
// that is not there counts every text but addresses as secret.
using secret_fields = std::function<std::optional<std::vector<std::string>>(
    const std::string& connector, const manifest::version_constraint* wanted,
    const std::string& type)>;

// All texts of a connection but addresses: those are not credentials, and a message without them
// helps nobody. They must not be in a log.
void collect_texts(const json::value& fields, std::vector<std::string>& into);

// What of a connection must not come to rest in records. A user name or a region is none of it:
// flows work with values like that.
void collect_secrets(const json::value& fields, const std::string& connector,
                     const manifest::version_constraint* wanted, const secret_fields& known,
                     std::vector<std::string>& into);

}  // namespace sluice::instance
