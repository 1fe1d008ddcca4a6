// Where the requests of a description go. Inside the module only.
#pragma once

#include <string>

#include "base/result.hpp"
#include "manifest/openapi.hpp"
#include "manifest/openapi_document.hpp"

namespace sluice::manifest {

// What stands before an operation's path, without a slash at the end; may be empty.
base::result<std::string> server_of(const json::value& document, const api_operation& operation,
                                    const openapi_options& options);

}  // namespace sluice::manifest
