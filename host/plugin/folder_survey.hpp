// A look at the connectors folder, with private copies of what can be used.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin/environment.hpp"
#include "plugin/scan.hpp"

namespace sluice::plugin {

struct folder_survey {
    // What to load, and the copy to load it from.
    std::vector<std::pair<found_connector, std::filesystem::path>> usable;
    std::vector<refusal> refused;  // by file name
};

// Remembers, so that a look at an unchanged folder reads no file. One thread at a time.
class folder_observer {
  public:
    // The clock must outlive it.
    folder_observer(base::clock& time, const host_options& options)
        : scanner_(time, [trusted = options.isolation.trusted](
                             const std::string& sha256) { return trusted.contains(sha256); }),
          folder_(options.folder),
          cache_folder_(options.cache_folder) {}

    // An error when there is no folder to look at. Blocks on disk.
    base::result<folder_survey> look();

  private:
    base::result<std::filesystem::path> copy_of(const found_connector& found);

    scanner scanner_;
    const std::filesystem::path folder_;
    const std::filesystem::path cache_folder_;
    std::map<std::string, std::filesystem::path> copies_;  // by the content's hash
};

}  // namespace sluice::plugin
