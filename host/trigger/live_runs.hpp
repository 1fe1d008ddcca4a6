// Executions of an earlier process that triggers have to know of.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"

namespace sluice::trigger {

// Every execution that has not ended, by id. Blocks.
base::result<void> read_live_runs(store::store& store,
                                  const std::function<void(const store::ready_event&)>& found);

}  // namespace sluice::trigger
