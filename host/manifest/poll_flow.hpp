// What a `poll` or `queue` trigger asks, as flows of which nothing is kept.
#pragma once

#include <string>
#include <string_view>

#include "manifest/integration.hpp"

namespace sluice::manifest {

// The names of the flows that ask for what is new for `flow`, and take it off its queue.
std::string fetch_flow_name(std::string_view flow);
std::string acknowledge_flow_name(std::string_view flow);

// The flow that asks: its payload is {cursor}, its output {items, cursor, more}. `of` has a
// poll_trigger with a `fetch`.
flow make_fetch_flow(const flow& of);
// The flow that acknowledges: its payload is {items}. `of` has a poll_trigger with `acknowledge`.
flow make_acknowledge_flow(const flow& of);

}  // namespace sluice::manifest
