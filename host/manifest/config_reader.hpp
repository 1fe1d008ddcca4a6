#pragma once

#include <string_view>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

void read_config(const cursor& at, integration& into);

// Whether `content` fits a config variable of that type; the type's name for messages.
bool fits(config_declaration::kind type, const json::value& content);
std::string_view kind_name(config_declaration::kind type);

}  // namespace sluice::manifest
