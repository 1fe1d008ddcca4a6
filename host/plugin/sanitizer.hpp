// Libraries that were built with a sanitizer end a process that was built without it.
#pragma once

#include <string_view>

namespace sluice::plugin {

// The sanitizer that a library was built with and this program was not ("address sanitizer"); empty
// when they get on.
std::string_view foreign_sanitizer(std::string_view library_bytes);

}  // namespace sluice::plugin
