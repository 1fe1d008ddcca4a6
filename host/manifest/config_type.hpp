// The types of config variables by name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/config_declaration.hpp"

namespace sluice::manifest {

struct config_type {
    config_declaration::kind kind;
    std::string_view name;       // in the manifest
    std::string_view phrase;     // "a whole number"
    std::string_view json_type;  // of its values, as JSON Schema names it; empty: several

    // A text of characters that may have a length and a pattern.
    bool is_text() const;
};

std::span<const config_type> config_types();
const config_type& config_type_of(config_declaration::kind kind);
std::vector<std::string> config_type_names();

}  // namespace sluice::manifest
