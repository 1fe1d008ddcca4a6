// Values that fit a JSON Schema well enough for a connector to do something with them.
#pragma once

#include <string>
#include <string_view>

#include "sluice/json.hpp"

namespace sluice::checking {

struct sample_options {
    std::string folder;       // what fields that mean a folder get
    std::string secret;       // what secret fields begin with
    bool all_members = true;  // false: only those that are required
};

// The schema's own `const`, first of `enum`, `examples` or `default` where it has one. `name` is
// the property's: a port, an address or a folder is told by it.
json sample(const json& schema, std::string_view name, const sample_options& options);

}  // namespace sluice::checking
