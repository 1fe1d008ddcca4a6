// Connections of instances, customers and the organization: their states, and what an operator does
// with one. Loop thread. `owner` is whose they are (instance/owner_id.hpp).
#pragma once

#include <string>

#include "api/call.hpp"
#include "instance/connections.hpp"

namespace sluice::api {

reply list_connections(const call& what, const std::string& owner,
                       const instance::connections& all);
// An address for a person's browser. Whoever opens it decides whose account the instances work
// with.
reply authorize_connection(const call& what, const std::string& owner, instance::connections& all);
// 200 also when the third party refuses: that is what was asked.
void test_connection(const call& what, const std::string& owner, instance::connections& all,
                     const answer_function& answer);
void disconnect_connection(const call& what, const std::string& owner, instance::connections& all,
                           const answer_function& answer);

}  // namespace sluice::api
