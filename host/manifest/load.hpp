// Reading manifests: every problem at once, each with its place.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/connector_catalog.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/integration.hpp"
#include "manifest/owner_file.hpp"

namespace sluice::manifest {

template <class T>
struct load_outcome {
    std::optional<T> content;           // present exactly when there are no problems
    std::vector<base::error> problems;  // sorted by place
    std::vector<base::error> warnings;

    bool ok() const { return content.has_value(); }
};

// With `connectors` it is also a problem when a call does not fit them.
load_outcome<integration> load_integration(const std::filesystem::path& file,
                                           const connector_catalog* connectors = nullptr);
load_outcome<instance_file> load_instance(const std::filesystem::path& file);
load_outcome<owner_file> load_owner(const std::filesystem::path& file);

// A document of the Open Workflow Specification 1.0 without our envelope, as an integration of one
// flow; every document of the same folder that it runs (`run: workflow`) is one more. What only we
// restrict is allowed here; there are no connectors, no connections and no config.
load_outcome<integration> load_plain(const std::filesystem::path& file);

// The same from memory; `name` stands for the file in messages.
load_outcome<integration> parse_integration(std::string_view text, const std::string& name,
                                            const connector_catalog* connectors = nullptr);
load_outcome<instance_file> parse_instance(std::string_view text, const std::string& name);
load_outcome<owner_file> parse_owner(std::string_view text, const std::string& name);

enum class file_kind { integration, instance, owner, plain };
// By the top-level key: `instance`, `integration`, `customer` or `organization` of an owner, or
// `document` of a plain one.
base::result<file_kind> kind_of_file(const std::filesystem::path& file);
base::result<file_kind> kind_of_text(std::string_view text, const std::string& name);

// Whether all keys are those of a file of a customer or the organization, or mistyped ones: much
// else has a key `customer` or `organization`, as samples of webhooks do.
bool is_like_owner(const json::value& content);

// Any YAML or JSON file as a value.
base::result<json::value> read_plain(const std::filesystem::path& file);

// Where the value at a JSON pointer of a file stands; line 0 when it cannot be told.
base::source_position place_in_file(const std::filesystem::path& file, const std::string& pointer);

}  // namespace sluice::manifest
