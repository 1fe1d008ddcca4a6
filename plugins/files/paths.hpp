// Paths below the root of a connection: names with slashes between them, "" is the root itself.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace files {

using sluice::json;

// Without slashes at its ends. SLUICE_INVALID_INPUT when a name is empty, "." or "..", longer than
// 255 bytes or has a NUL. `""` and "/" are the root.
std::string checked_path(std::string_view text, std::string_view key);
// The member of the input; not the root.
std::string required_path(const json& input, std::string_view key);
// The root when it is missing.
std::string path_option(const json& input, std::string_view key);
// One name; the fallback when it is missing.
std::string name_option(const json& input, std::string_view key, std::string_view fallback);

std::string join(std::string_view folder, std::string_view name);
std::string_view name_of(std::string_view path);
std::string_view folder_of(std::string_view path);
std::vector<std::string> names_in(std::string_view path);

// A pattern as of a shell. Names that begin with a point match only patterns that do.
bool matches(const std::string& pattern, const std::string& name);
std::string pattern_option(const json& input);

}  // namespace files
