// Which texts of a connection are secret.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::instance {

// What a connector says of the fields of one of its connection types; nothing of some.
struct field_secrecy {
    std::vector<std::string> secret;    // marked `"secret": true`
    std::vector<std::string> harmless;  // marked `"secret": false`
};

// The same, when the connector is there. One that is not there counts every text but addresses as
// secret.
using secret_fields = std::function<std::optional<field_secrecy>(
    const std::string& connector, const manifest::version_constraint* wanted,
    const std::string& type)>;

// All texts of a connection that must not be in a log. Addresses may: they are no credentials, and
// a message without them helps nobody. So may what the file itself (`given`: its fields, with their
// references) has as a text in a field that the connector calls harmless; what a reference brings
// is hidden whatever its field.
void collect_logged(const json::value& fields, const json::value& given,
                    const std::string& connector, const manifest::version_constraint* wanted,
                    const secret_fields& known, std::vector<std::string>& into);

// What of a connection must not come to rest in records. A user name or a region is none of it:
// flows work with values like that.
void collect_secrets(const json::value& fields, const std::string& connector,
                     const manifest::version_constraint* wanted, const secret_fields& known,
                     std::vector<std::string>& into);

}  // namespace sluice::instance
