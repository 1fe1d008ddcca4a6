// Single records of the configuration, and the version that a change of one has to name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace sluice::store {

// The record with this key; nothing when there is none. Blocks.
base::result<std::optional<config_record>> read_record(reader& from, const std::string& kind,
                                                       const std::string& key);

// Puts the stored version into each of the changes. Blocks.
base::result<void> number_changes(reader& from, std::vector<config_change>& changes);

}  // namespace sluice::store
