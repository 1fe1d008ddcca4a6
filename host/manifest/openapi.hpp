// API descriptions (OpenAPI 3.x, Swagger 2.0): from the name of an operation and its parameters to
// the HTTP request. Nothing is sent here.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

struct openapi_request {
    std::string method;  // "GET"
    // With scheme and host where the description or the options know them; else from "/" on.
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  // cookies in one "Cookie"
    std::string body;
    std::string content_type;  // empty: no body
};

struct openapi_options {
    // Where the description came from; what it says about its server may be relative to that.
    std::string document_url;
    // Values of server variables; the description's defaults for the others.
    std::map<std::string, std::string, std::less<>> server_variables;
};

// A description, read. Immutable; copies share it; any thread.
class openapi {
  public:
    // Refuses what is neither OpenAPI 3 nor Swagger 2.0. What is wrong inside an operation is found
    // by request(). Operations without an operationId cannot be asked for.
    static base::result<openapi> read(const json::value& document);

    // In the order of the description.
    const std::vector<std::string>& operation_ids() const;

    // `parameters` is an object (or null): each parameter by its name. A body is given as "body"
    // (in Swagger by the body parameter's name), or its members are given beside the parameters.
    // Null is the same as not given. Errors: not_found for an unknown operation, with what was
    // probably meant; invalid_input for missing or unknown parameters and references that lead
    // nowhere; unsupported for bodies that are neither JSON, text nor form-urlencoded. All name the
    // operation.
    base::result<openapi_request> request(std::string_view operation_id,
                                          const json::value& parameters,
                                          const openapi_options& options = {}) const;

  private:
    struct content;
    explicit openapi(std::shared_ptr<const content> held);
    std::shared_ptr<const content> held_;
};

}  // namespace sluice::manifest
