// Whether what was recorded in one version of a flow stands for the same step in another one.
#pragma once

#include "engine/bound_flow.hpp"
#include "store/types.hpp"

namespace sluice::engine {

// `but_its_output`: how its output is shaped, and what follows it, may differ.
bool same_step(const bound_flow& before, const bound_flow& after, const store::step_record& step,
               bool but_its_output);

}  // namespace sluice::engine
