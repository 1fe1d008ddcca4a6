// How values of parameters are written (RFC 6570, as OpenAPI uses it). Inside the module only.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.hpp"
#include "manifest/openapi_document.hpp"

namespace sluice::manifest {

// All but letters, digits and -._~ as %XX; with `allow_reserved` also what delimits parts of a URL
// stays.
std::string percent_encode(std::string_view text, bool allow_reserved = false);

// Text as it is, anything else as JSON.
std::string plain_text(const json::value& content);

using name_and_value = std::pair<std::string, std::string>;

// For queries, forms and cookies: percent-encoded pairs.
std::vector<name_and_value> write_pairs(const api_parameter& as, const json::value& content);
// "a=1&b=2"
std::string join_pairs(const std::vector<name_and_value>& pairs, std::string_view between);

// For a path: percent-encoded, by the styles simple, label, matrix.
std::string write_segment(const api_parameter& as, const json::value& content);
// For a header: as it is, by style simple.
std::string write_header(const api_parameter& as, const json::value& content);

}  // namespace sluice::manifest
