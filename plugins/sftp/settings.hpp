// What a connection says, checked.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <vector>

#include "host_key.hpp"

namespace sluice::sftp {

struct settings {
    std::string host;
    unsigned port = 22;
    std::string username;
    std::string password;     // of type `password`
    std::string private_key;  // of type `privateKey`: OpenSSH or PEM text
    std::string passphrase;   // empty: the key is not encrypted
    std::vector<pinned_key> host_keys;
    unsigned timeout_seconds = 30;  // for one answer of the server
};

settings read_settings(const context& ctx);
// "sftp.example.com:22"
std::string address_of(const settings& wanted);

}  // namespace sluice::sftp
