// A manifest that a command needs whole.
#pragma once

#include <filesystem>
#include <optional>

#include "manifest/integration.hpp"

namespace sluice::cli {

// Nothing, after its problems have been printed, when the file cannot be read.
std::optional<manifest::integration> read_manifest(const std::filesystem::path& file);

}  // namespace sluice::cli
