// Paths on the server: separated by '/', relative ones begin where a log-in lands.
#pragma once

#include <sluice/json.hpp>
#include <string>
#include <string_view>

namespace sluice::sftp {

// A path of the input; SLUICE_INVALID_INPUT when missing, empty, too long or with a NUL in it.
std::string required_path(const json& input, std::string_view key);
// The same; the fallback when missing.
std::string path_or(const json& input, std::string_view key, std::string_view fallback);
// A name without '/', that is not "." or ".."; the fallback when missing.
std::string name_or(const json& input, std::string_view key, std::string_view fallback);

std::string join(std::string_view folder, std::string_view name);
std::string_view folder_of(std::string_view path);  // "." when there is none
std::string_view name_of(std::string_view path);

// Whether a name that a server gave can be used: UTF-8 (JSON holds nothing else), and inside its
// folder.
bool is_usable_name(std::string_view name);

}  // namespace sluice::sftp
