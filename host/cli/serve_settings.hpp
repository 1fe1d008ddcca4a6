// What the options of `sluice serve` mean. Everything here can be checked before anything is
// opened or written.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {

struct listen_address {
    std::string host;  // as net::http_server_options wants it: no brackets
    std::uint16_t port = 0;
};

// "HOST:PORT"; HOST is an IP address (IPv6 in brackets), localhost, or * for all.
base::result<listen_address> parse_listen(const std::string& text);

// Where the admin API may listen: its tokens must not cross a network in the clear.
base::result<void> check_admin_listen(const std::string& text, bool tls);

// Whether only programs on this machine reach it.
bool is_loopback(const listen_address& address);

// An entry of --allow-egress.
base::result<void> check_egress_entry(const std::string& entry);

// Events are refused while less than twice the reserve is free; without a reserve there is still a
// least amount: a disk that is really full corrupts nothing, but nothing can end on it either.
store::disk_limits disk_limits_of(std::int64_t reserve_mb);

}  // namespace sluice::cli
