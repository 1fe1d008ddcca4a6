// The delivery of a result as a flow of its own: durable, tried again, visible like any other.
#pragma once

#include <string>
#include <string_view>

#include "manifest/integration.hpp"

namespace sluice::manifest {

// The built-in function that delivers; manifests cannot call it.
inline constexpr std::string_view callback_function = "callback.post";

// The name of the flow that delivers the results of `flow`.
std::string callback_flow_name(std::string_view flow);

// A flow that POSTs a result of `of`, which has callback rules, under their retry policy or the
// host's: eight tries in about two minutes, or later when the receiver asks for it. Its payload is
// {url, result}.
flow make_callback_flow(const flow& of);

}  // namespace sluice::manifest
