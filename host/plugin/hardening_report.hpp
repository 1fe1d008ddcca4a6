// What a runner gave up before it loaded its connector, as it tells the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"

namespace sluice::plugin {

struct hardening_report {
    bool no_new_privileges = false;
    bool no_capabilities = false;
    std::int64_t memory_mib = 0;  // 0: no limit
    std::int64_t open_files = 0;
    std::int64_t landlock = 0;  // its version; 0: none
    bool seccomp = false;
    bool network = true;
    bool exec = false;
    std::vector<std::string> refused;  // what this kernel did not do, and why
};

json::value to_json(const hardening_report& report);
// Nothing when it makes no sense. Texts and numbers of them are bounded.
std::optional<hardening_report> parse_hardening(std::string_view text);

}  // namespace sluice::plugin
