// From an address to a logged-in SSH connection.
#pragma once

#include <string>

#include "raii.hpp"
#include "settings.hpp"

namespace sluice::sftp {

struct logged_in {
    ssh_pointer ssh;
    std::string host_key;  // fingerprint of the server's
};

// SLUICE_AUTH when the server shows another key than the pinned ones, or refuses the credentials;
// nothing secret has been sent in the first case.
logged_in log_in(const settings& wanted);

}  // namespace sluice::sftp
