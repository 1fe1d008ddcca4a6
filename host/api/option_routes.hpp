// What a picklist of an instance offers.
#pragma once

#include "api/call.hpp"
#include "api/ports.hpp"
#include "instance/option_lists.hpp"

namespace sluice::api {

// POST /instances/{name}/options: {variable, values?}. Loop thread.
void list_options(const api_ports& ports, const call& what, instance::option_lists& lists,
                  const answer_function& answer);

}  // namespace sluice::api
