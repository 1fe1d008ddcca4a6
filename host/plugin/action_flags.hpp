// The flags that an action's descriptor may have.
#pragma once

#include <string_view>

namespace sluice::plugin {

// Others may come from a later minor version.
bool is_known_flag(std::string_view flag);

}  // namespace sluice::plugin
