// What is wrong with a host, in sentences with what to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::api {

struct finding {
    std::string what;    // "3 executions of acme/import are quarantined"
    std::string advice;  // "sluice dead list ..."
};

// What the store tells, also when no host runs: disk, deployments that failed, executions that are
// dead, events that wait for too long. Blocks.
std::vector<finding> findings_of(store::reader& from, std::int64_t now_ms);

// {healthy, findings: [{what, advice}]}.
json::value findings_json(const std::vector<finding>& all);

}  // namespace sluice::api
