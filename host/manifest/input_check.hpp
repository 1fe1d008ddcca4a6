#pragma once

#include <string_view>

#include "json/value.hpp"
#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

// Notes what in the `with` of `call` does not fit the action's input: missing and unknown fields,
// wrong types and values, as far as they are written out. What an expression gives is not known
// before it runs, so it is not looked at; a `$ref` counts with the type of its config variable. The
// host gives the member `given` itself.
void check_input(const cursor& call, const json::value& schema, const integration& of,
                 std::string_view given);

}  // namespace sluice::manifest
