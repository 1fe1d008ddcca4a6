// What the caller of a synchronous flow gets.
#pragma once

#include "engine/execution.hpp"
#include "json/value.hpp"
#include "net/http_types.hpp"

namespace sluice::trigger {

// A flow's output as a response. An object of nothing but `status` (200 to 599), `headers` (an
// object) and `body` describes the response, provided it has the status; any other output is
// itself the body of a 200.
net::http_response response_of(const json::value& output);

// A failed execution: its problem object, with its status when that is one of an error.
net::http_response response_of(const engine::fault& failure);

}  // namespace sluice::trigger
