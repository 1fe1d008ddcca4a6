// Connectors are loaded from a copy that nobody overwrites: writing into a mapped library changes
// running code.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>

#include "base/result.hpp"
#include "plugin/scan.hpp"

namespace sluice::plugin {

// The path of a copy of `found.file` in `cache_folder`, named by its content; made when missing.
// `conflict`: the file is not what was scanned (it is being replaced; scan again). Blocks on disk.
base::result<std::filesystem::path> make_private_copy(const found_connector& found,
                                                      const std::filesystem::path& cache_folder);

// Removes copies of earlier hosts that nobody uses any more; how many. Blocks on disk.
std::size_t remove_other_copies(const std::filesystem::path& cache_folder,
                                const std::set<std::filesystem::path>& in_use);

}  // namespace sluice::plugin
