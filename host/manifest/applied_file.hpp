// What files of instances, customers and the organization have in common: values may be references,
// `{ $env: NAME }` or `{ $file: path }` (relative to the file, a last line break is dropped), so
// that files with secrets are not needed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

struct applied_file {
    std::string source;  // the file's path, for messages and relative paths
    json::value document;
    std::map<std::string, base::source_position, std::less<>> positions;  // by JSON pointer
};

// A problem with what stands at a JSON pointer of the file, at its place there.
base::error problem_at(const applied_file& file, const std::string& pointer, std::string message,
                       std::string hint = {});

// The kind of reference that `content` is: "$env", "$file", or empty.
std::string_view reference_kind(const json::value& content);

// All references in a document, by JSON pointer.
std::map<std::string, json::value> references_of(const json::value& document);

// The value of an environment variable, or nothing.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

}  // namespace sluice::manifest
