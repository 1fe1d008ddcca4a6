#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace files {

// What an errno of the system means for a step on this path.
sluice::failure failure_of(int error, std::string_view what, std::string_view path);

}  // namespace files
