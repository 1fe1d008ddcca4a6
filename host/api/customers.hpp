// /customers: for whom this host runs integrations.
#pragma once

#include "api/call.hpp"
#include "api/ports.hpp"
#include "api/token.hpp"

namespace sluice::api {

// By name; those that have no document and are only named by instances, too. Loop thread, as the
// following.
reply list_customers(const call& what, const instance::deployments& deployed);
// Its instances and its shared connections with who uses them, too.
reply show_customer(const call& what, const instance::deployments& deployed);
// 204: its document, the tokens of its connections and its key are gone, and nobody gets in any
// more with a token of the API that is bound to it. 409 while it has instances.
void remove_customer(const api_ports& ports, token_list& tokens, const call& what,
                     const answer_function& answer);

}  // namespace sluice::api
