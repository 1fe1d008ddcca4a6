// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>

#include "proxy_testing.hpp"
#include "sshd_testing.hpp"

namespace sluice::sftp::testing {

using sluice::testing::call_options;
using sluice::testing::call_result;
using sluice::testing::mock_host;

inline json connection(const testing_server& server) {
    return json{{"type", "privateKey"},
                {"host", "127.0.0.1"},
                {"port", server.port()},
                {"username", server.user()},
                {"privateKey", keys().private_key("ed25519")},
                {"hostKey", keys().fingerprint("host")}};
}

inline json connection(const testing_server& server, const tcp_proxy& proxy) {
    json through = connection(server);
    through.set("port", proxy.port());
    return through;
}

inline call_options step(const std::string& key) {
    call_options options;
    options.idempotency_key = key;
    return options;
}

// Bytes that do not repeat soon, so that a wrong offset shows.
inline std::string some_bytes(std::size_t size, std::uint32_t seed = 1) {
    std::string bytes(size, '\0');
    std::uint32_t state = seed;
    for (char& byte : bytes) {
        state = state * 1664525u + 1013904223u;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

}  // namespace sluice::sftp::testing
