// From an address to a logged-in SSH connection.
#pragma once

#include <memory>
#include <string>

#include "raii.hpp"
#include "settings.hpp"
#include "watchdog.hpp"

namespace sluice::sftp {

struct logged_in {
    ssh_pointer ssh;
    std::string host_key;                        // fingerprint of the server's
    std::unique_ptr<watchdog::watched> watched;  // for the call, from the first byte on
};

// SLUICE_AUTH when the server shows another key than the pinned ones, or refuses the credentials;
// nothing secret has been sent in the first case. SLUICE_CANCELLED soon after the host asks the
// call to end.
logged_in log_in(const settings& wanted, const context& ctx, const std::shared_ptr<watchdog>& dog);

}  // namespace sluice::sftp
