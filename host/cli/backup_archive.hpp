// A data folder in one file (tar), and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace sluice::cli {

struct archived_file {
    std::string name;  // in the archive: "blobs/x.../b1"
    std::filesystem::path from;
};

// Writes `to`, durable, readable by its owner alone, in one step: a file that is there already is
// an error, and nothing is left of one that could not be finished. A file that has vanished
// meanwhile, and is not the first, is left out.
base::result<void> pack_files(const std::filesystem::path& to,
                              const std::vector<archived_file>& files);

// Unpacks into a folder that is there: plain files alone, none outside of it, each as it was packed
// (SHA-256). conflict: it is damaged.
base::result<void> unpack_files(const std::filesystem::path& from,
                                const std::filesystem::path& folder);

}  // namespace sluice::cli
