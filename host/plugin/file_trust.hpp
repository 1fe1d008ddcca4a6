// Loading a library is running it: root loads nothing that anybody else can change.
#pragma once

#include <filesystem>
#include <optional>

#include "plugin/scan.hpp"

namespace sluice::plugin {

// For the file itself: a regular one, and for root: owned by root, writable by nobody else.
std::optional<refusal> check_file_trust(const std::filesystem::path& file);

// For the folder it stands in and all above it, when we are root: owned by root, and others may not
// put another file or folder in its place. Folders like /tmp, where everybody writes but nobody
// touches what is others', are fine: files of others are refused one by one.
std::optional<refusal> check_folder_trust(const std::filesystem::path& file);

}  // namespace sluice::plugin
