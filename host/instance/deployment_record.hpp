// What has become of an instance: the durable record that its lifecycle goes by.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The kind of these records in the store's configuration; the key is the instance's name.
inline constexpr const char* deployment_kind = "deployment";

struct deployment_record {
    enum class state_kind { deploying, deployed, failed, undeploying, removed };
    // One flow with the trigger `deploy` or `undeploy`, in this attempt.
    struct run {
        std::string flow;
        store::event_id execution = 0;
        // "running" until its end is known here, then the state in which it ended.
        std::string state = "running";
    };

    std::string customer;
    std::string integration;  // "namespace/name"
    std::string release;      // of the integration, "1.2.0"
    std::string version;      // hash of the manifest
    std::string fingerprint;  // of version, document and public address; no secret's value in it
    state_kind state = state_kind::deploying;
    bool removing = false;     // it is to go: `failed` is then a failed undeploy
    std::int64_t attempt = 0;  // of this fingerprint, from 1
    std::string reason;        // what the flows are told: "new", "changed", "removed" or "retry"
    std::string previous_release;  // the one that was deployed before this one; empty: none
    std::string error;             // failed: what the first flow that failed said
    std::vector<run> runs;
    std::int64_t changed_ms = 0;  // when it came to this state

    json::value to_json() const;
    static base::result<deployment_record> parse(const std::string& text);
};

const char* to_string(deployment_record::state_kind state);

// All records by instance. Blocks.
base::result<std::map<std::string, deployment_record>> read_deployments(store::reader& from);

}  // namespace sluice::instance
