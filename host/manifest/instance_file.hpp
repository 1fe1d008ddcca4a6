// One deployment of an integration for one customer, as its file declares it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

// Values may be references, `{ $env: NAME }` or `{ $file: path }` (relative to the file, a last
// line break is dropped), so that files with secrets are not needed; resolve_values() reads them.
struct instance_file {
    struct connection {
        std::string type;    // may be empty when the integration names it
        json::value fields;  // object without `type`
    };

    std::string name;  // [a-z0-9-]+, unique in the host
    std::string customer;
    std::string integration;  // "namespace/name"
    json::value config;       // object
    std::map<std::string, connection, std::less<>> connections;
    std::string source;
    json::value document;
    std::map<std::string, base::source_position, std::less<>> positions;  // by JSON pointer
};

// The kind of reference that `content` is: "$env", "$file", or empty.
std::string_view reference_kind(const json::value& content);

// All references in a document, by JSON pointer.
std::map<std::string, json::value> references_of(const json::value& document);

// Everything in `instance` that does not fit `to`: unknown and missing names, wrong types.
// References count as fitting.
std::vector<base::error> check_instance(const instance_file& instance, const integration& to);

// One for each variable that `instance` gives under the name it had in an earlier version.
std::vector<base::error> rename_warnings(const instance_file& instance, const integration& to);

// The value of an environment variable, or nothing.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

struct instance_values {
    json::value config;  // object: every declared name; defaults filled in, absent ones null
    std::map<std::string, json::value, std::less<>> connections;  // name -> {"type": .., fields..}
};

// All problems at once: each reference that cannot be read is one.
struct values_outcome {
    instance_values values;  // meaningful without problems only
    std::vector<base::error> problems;
};
values_outcome resolve_values(const instance_file& instance, const integration& of,
                              const environment& lookup);

}  // namespace sluice::manifest
