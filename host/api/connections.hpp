// /instances/{name}/connections: their states, and what an operator does with one. Loop thread.
#pragma once

#include "api/call.hpp"
#include "instance/connections.hpp"

namespace sluice::api {

reply list_connections(const call& what, const instance::connections& all);
// An address for a person's browser. Whoever opens it decides whose account the instance works
// with.
reply authorize_connection(const call& what, instance::connections& all);
// 200 also when the third party refuses: that is what was asked.
void test_connection(const call& what, instance::connections& all, const answer_function& answer);
void disconnect_connection(const call& what, instance::connections& all,
                           const answer_function& answer);

}  // namespace sluice::api
