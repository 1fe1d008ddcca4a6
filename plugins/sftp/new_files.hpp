// Which of the files in a folder are new.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "file_info.hpp"
#include "seen_files.hpp"

namespace sluice::sftp {

struct look_options {
    std::string folder;
    std::size_t limit = 100;
    // A file that has not changed for so long is whole. Without: one that is the same in two looks.
    std::optional<std::int64_t> min_age_seconds = std::nullopt;
    std::int64_t now = 0;  // seconds since 1970
};

struct look_result {
    std::vector<file_info> items;  // oldest first
    seen_files seen;
    bool more = false;  // others could be given at once
};

// One look at a folder. `found`: the files of interest, in any order. What has been given is
// remembered as long as it is there. SLUICE_CONFLICT when so many given ones are in the way that
// new ones cannot be told from them.
look_result look(std::vector<file_info> found, const seen_files& before,
                 const look_options& options);

}  // namespace sluice::sftp
