// A TCP connection that is made while the host may still ask the call to end.
#pragma once

#include <sluice/connector.hpp>
#include <sluice/file_descriptor.hpp>

#include "settings.hpp"

namespace sluice::sftp {

// Connected, and without delay for small pieces; it does not block. SLUICE_UNAVAILABLE,
// SLUICE_TIMEOUT, or SLUICE_CANCELLED when the host asks the call to end. (Only looking up a name
// is not ended: the system's resolver has a timeout of its own.)
file_descriptor connect_socket(const settings& wanted, const context& ctx);
// SLUICE_CANCELLED when the host asks the call to end.
void stop_if_cancelled(const context& ctx);

}  // namespace sluice::sftp
