// The keys by which a server is recognised. Without one there is no connection: who answers first
// would get the password and the files.
#pragma once

#include <libssh/libssh.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::sftp {

struct pinned_key {
    std::string fingerprint;  // SHA256:...
    std::string algorithms;   // host key algorithms to ask for; empty: unknown, pinned by
                              // fingerprint alone
};

// One a line: SHA256:..., a public key (ssh-ed25519 AAAA...), or a line of known_hosts. Several
// stand for a server whose key is being replaced. SLUICE_INVALID_INPUT when one is none of these.
std::vector<pinned_key> parse_pinned_keys(std::string_view text);

std::string fingerprint_of(ssh_key key);

}  // namespace sluice::sftp
