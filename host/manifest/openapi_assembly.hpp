// From an operation and its parameters to the request. Inside the module only.
#pragma once

#include "base/result.hpp"
#include "manifest/openapi.hpp"
#include "manifest/openapi_document.hpp"

namespace sluice::manifest {

base::result<openapi_request> assemble(const json::value& document, const api_operation& operation,
                                       const json::value& parameters,
                                       const openapi_options& options);

}  // namespace sluice::manifest
