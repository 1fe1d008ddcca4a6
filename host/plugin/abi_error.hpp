// base::error and sluice_error carry the same facts; here they change sides.
#pragma once

#include "base/error.hpp"
#include "plugin/call.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

// Views into `source`, which must outlive the result.
sluice_error to_abi_error(const base::error& source);

// Copies. `given` comes from a connector: a null pointer, unknown codes, code 0 and details that
// are not a JSON object are mended. `connector` names who failed when there is no message.
struct received_error {
    base::error failure;
    int http_status = 0;
};
received_error from_abi_error(const sluice_error* given, std::string_view connector);

}  // namespace sluice::plugin
