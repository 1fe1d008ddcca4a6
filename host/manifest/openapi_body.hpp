// The body of a request. Inside the module only.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "manifest/openapi.hpp"
#include "manifest/openapi_document.hpp"

namespace sluice::manifest {

// What an operation takes as its body.
struct body_rules {
    std::string name;          // what a parameter with the whole body is called; empty: no body
    std::string content_type;  // the one that is used
    bool required = false;
};

// OpenAPI's requestBody, or Swagger's body and formData parameters. Refuses a body of which no
// form is known.
base::result<body_rules> body_of(const json::value& document, const api_operation& operation,
                                 const std::vector<api_parameter>& parameters);

// Writes `content` into the request.
base::result<void> write_body(const body_rules& rules, const json::value& content,
                              openapi_request& into);

}  // namespace sluice::manifest
