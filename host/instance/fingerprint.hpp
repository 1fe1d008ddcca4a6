// What tells one deployment of an instance from another.
#pragma once

#include <filesystem>
#include <string>

#include "json/value.hpp"
#include "manifest/integration.hpp"

namespace sluice::instance {

// A hash of the integration's version, the instance's document and the address under which this
// host is reached (empty: not named). References count as they are written. Values that are secret
// do not count at all: those of secret config, and in connections every text that is no address;
// else the hash would let them be guessed.
std::string fingerprint_of(const manifest::integration& integration, const json::value& document,
                           const std::string& public_url);

// The document with each `{ $file: path }` made absolute, so that it means the same without the
// file that it stood in. `folder` is that file's.
json::value with_absolute_files(const json::value& document, const std::filesystem::path& folder);

}  // namespace sluice::instance
