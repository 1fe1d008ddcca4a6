// Keeps requests that users and connectors ask for away from the machine's own network (SSRF).
//
// A host name is resolved once; every address is checked; the caller connects to one of exactly
// these addresses and never looks the name up again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "net/ip_address.hpp"
#include "net/resolver.hpp"

namespace sluice::net {

// What is reachable beside the public internet. Default: nothing.
class egress_policy {
  public:
    egress_policy() = default;

    // Entries: "app.internal" (that name, wherever it points), "127.0.0.1", "10.0.0.0/8",
    // "fd00::/8" (addresses, under whatever name), each with an optional port: "localhost:8080",
    // "127.0.0.1:8080", "[::1]:8080". Errors name the entry.
    static base::result<egress_policy> from_allow_list(const std::vector<std::string>& entries);

    // Whether a connection to `address`, found under `host` (a name or the address itself), may be
    // made. The error is invalid_input and says why and what to add to the allow list.
    base::result<void> check(std::string_view host, std::uint16_t port,
                             const ip_address& address) const;

  private:
    struct host_rule {
        std::string host;    // lower case
        std::uint16_t port;  // 0: any
    };
    struct network_rule {
        ip_address network;
        unsigned prefix_bits;
        std::uint16_t port;  // 0: any
    };
    std::vector<host_rule> hosts_;
    std::vector<network_rule> networks_;
};

// Loop's thread. Loop and resolver must outlive it.
class egress_guard {
  public:
    using done_function = std::function<void(base::result<std::vector<ip_address>>)>;

    egress_guard(base::event_loop& loop, resolver& names, egress_policy policy)
        : loop_(loop), names_(names), policy_(std::move(policy)) {}

    // The addresses to connect to, in order. One forbidden address among a name's addresses refuses
    // the name (invalid_input). `done` runs once, later, on the loop's thread; it must not be
    // assumed to run when loop or resolver go away before.
    void lookup(const std::string& host, std::uint16_t port, done_function done) const;

    const egress_policy& policy() const { return policy_; }

  private:
    base::event_loop& loop_;
    resolver& names_;
    egress_policy policy_;
};

}  // namespace sluice::net
