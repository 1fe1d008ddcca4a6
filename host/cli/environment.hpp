// The process environment, for `{ $env: NAME }` in instance files.
#pragma once

#include <optional>
#include <string>

namespace sluice::cli {

std::optional<std::string> environment_variable(const std::string& name);

}  // namespace sluice::cli
