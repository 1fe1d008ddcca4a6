// Which connectors run in a process of their own, and what is known about those that do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plugin/hardening_report.hpp"

namespace sluice::plugin {

enum class isolation_mode : std::uint8_t { none, process };

// What a runner may take and do.
struct isolation_limits {
    std::uint64_t memory_mib = 2048;  // address space
    bool network = true;              // sockets of its own; requests through the host stay allowed
    bool exec = false;                // other programs
};

struct isolation_rule {
    isolation_mode mode = isolation_mode::none;
    isolation_limits limits;
};

struct isolation_policy {
    isolation_rule rule_for(std::string_view id, const std::string& sha256) const;

    // By connector id; stands before everything else.
    std::map<std::string, isolation_rule, std::less<>> named;
    // SHA-256 (hex) of files that run in the host's own process.
    std::set<std::string> trusted;
    isolation_rule for_trusted;  // whatever is on the list
    isolation_rule for_others;   // and what is not
};

// "none", or "process" with ",no-network", ",exec" and ",memory=MIB" behind it.
base::result<isolation_rule> parse_isolation_rule(std::string_view text);
// "NAME=RULE" or "RULE" (for all connectors that no NAME is given for, trusted or not).
base::result<void> add_isolation(isolation_policy& policy, std::string_view text);
// The format of sha256sum: "HEX  NAME" a line; `#` begins a comment.
base::result<std::set<std::string>> parse_trusted(std::string_view text);

// For `doctor` and people.
struct isolation_facts {
    isolation_mode mode = isolation_mode::none;
    int pid = 0;               // 0: no runner now
    std::uint64_t deaths = 0;  // since the host's start
    std::uint64_t starts = 0;  // of runners
    bool quarantined = false;
    std::string last_death;   // "signal 11 (...)"; empty: none
    std::string start_error;  // why the last start failed; empty: it did not
    // What the last runner said of itself before it loaded the connector; none: not started yet.
    std::optional<hardening_report> hardening;
};

}  // namespace sluice::plugin
