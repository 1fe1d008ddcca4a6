// The delivery of a result or an alert as a flow of its own: durable, tried again, visible like any
// other.
#pragma once

#include <string>
#include <string_view>

#include "manifest/integration.hpp"

namespace sluice::manifest {

// The built-in function that delivers; manifests cannot call it.
inline constexpr std::string_view callback_function = "callback.post";

// The name of the flow that delivers the results of `flow`, and of the one that tells an alert.
std::string callback_flow_name(std::string_view flow);
std::string alert_flow_name(std::string_view alert);

// A flow that POSTs a result of `of`, which has callback rules, under their retry policy or the
// host's: eight tries in about two minutes, or later when the receiver asks for it. Its payload is
// {url, result}.
flow make_callback_flow(const flow& of);

// The same for an alert. Its address is that of the time of the delivery; its payload is
// {message, alert}.
flow make_alert_flow(const alert& of);

}  // namespace sluice::manifest
