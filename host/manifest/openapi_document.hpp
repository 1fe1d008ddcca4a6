// An API description with its references and the parameters of an operation, in one form for both
// versions. Inside the module only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

// `content` itself, or what its $ref leads to inside `document`.
base::result<json::value> follow_reference(const json::value& document, json::value content);

// One operation, its references on the upper levels followed.
struct api_operation {
    std::string id;
    std::string method;  // "GET"
    std::string path;    // "/pets/{petId}"
    json::value path_item;
    json::value content;
};

enum class api_place { path, query, header, cookie, body, form };

struct api_parameter {
    std::string name;
    api_place place = api_place::query;
    bool required = false;
    // OpenAPI's style; Swagger's collectionFormat becomes one of them, or "tabDelimited".
    std::string style;
    bool explode = false;
    bool allow_reserved = false;
    bool as_json = false;  // `content` instead of `schema`
};

std::string_view to_string(api_place place);

bool is_swagger(const json::value& document);

// Those of the path and of the operation, which replace the path's of the same name and place.
base::result<std::vector<api_parameter>> parameters_of(const json::value& document,
                                                       const api_operation& operation);

}  // namespace sluice::manifest
