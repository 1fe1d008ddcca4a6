// What the verifiers say about a request that is genuine, as their input asks for it.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::http {

// {"verified": true}, with an event for each item of the body's list when the input has "split"
// ({"list", "dedupe", "key"}: where they stand), and with its "acknowledge".
json verified(const json& input);

}  // namespace sluice::http
