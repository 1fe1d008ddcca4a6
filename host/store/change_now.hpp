// Changes of configuration that somebody waits for.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace sluice::store {

// store::change_config, and the wait until it is durable. Blocks: for starts and pool threads, not
// for a loop that runs.
base::result<void> change_config_now(store& store, std::vector<config_change> changes);

}  // namespace sluice::store
