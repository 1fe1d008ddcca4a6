// Functions that a `call` may name without a connector: state.get, state.put, state.delete, log.
#pragma once

#include <functional>
#include <string>

#include "engine/execution.hpp"

namespace sluice::engine {

// Runs one. `done` runs later on the loop, once.
void call_builtin(surroundings& host, const start_of_execution& of, const std::string& name,
                  json::value input, std::function<void(plugin::call_outcome)> done);

}  // namespace sluice::engine
