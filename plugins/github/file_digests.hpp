// Hashes by which GitHub names content.
#pragma once

#include <sluice/blob.hpp>
#include <sluice/task.hpp>
#include <string>
#include <string_view>

namespace sluice::github {

// The id that Git gives to a file with these bytes (SHA-1).
std::string git_file_id(std::string_view bytes);

// "sha256:..." of a blob, as GitHub says it of a release's asset; read in pieces.
task<std::string> asset_digest(blob content);

}  // namespace sluice::github
