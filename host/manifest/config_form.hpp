// What an instance of an integration is asked for, as data for a form.
#pragma once

#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

// {integration, version, title, pages: [{title, description, variables: [...]}]}: the variables in
// the order of the pages, what is on no page at the end in the manifest's order. For a customer,
// what only the organization sets is left out. A picklist has `options`, or a `source` with the
// names of the variables and the connection that its options depend on.
json::value config_form(const integration& of, config_declaration::audience reader);

}  // namespace sluice::manifest
