// `sluice serve`: the host itself, put together and run until a signal ends it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/isolation_settings.hpp"
#include "instance/master_keys.hpp"

namespace sluice::cli {

struct serve_options {
    std::filesystem::path data;
    std::filesystem::path plugins;
    std::vector<std::filesystem::path> apply;
    std::vector<std::string> remove;         // instances
    bool new_admin_token = false;            // although there are some
    instance::master_key_source master_key;  // nothing given: master.key in the data folder
    std::string listen = "127.0.0.1:8080";
    std::string admin_listen = "127.0.0.1:8181";
    std::string public_url;                 // empty: http(s):// and the listening address
    std::vector<std::string> allow_egress;  // see net::egress_policy
    std::string ca_file;                    // for outgoing TLS; empty: the system's
    std::string tls_certificate;
    std::string tls_key;
    std::int64_t drain_s = 25;
    std::int64_t disk_reserve_mb = 256;
    std::size_t connections_per_source = 100;
    std::uint64_t max_upload = 2ull << 30;  // bytes of a `body: blob` webhook
    std::int64_t blob_quota_mb = 4096;      // all files of one execution
    std::int64_t keep_days = 30;            // records and files of finished executions; 0: for ever
    std::size_t requests_per_endpoint = 64;  // at once
    int running = 10'000;                    // executions at once
    int running_per_instance = 2'500;
    std::size_t sleeping = 20'000;           // executions asleep in memory; the others are parked
    std::size_t connections_per_host = 256;  // outgoing, in use at once
    bool metrics_open = false;               // /metrics needs no token
    isolation_settings isolation;            // of connectors
};

// Prints "ready URL" as the first line on standard output when it accepts requests, then one line
// "hook INSTANCE FLOW URL" for each webhook, "schedule INSTANCE FLOW TIME" for each schedule,
// "admin-token TOKEN" when one had to be made, "admin URL", and "instance INSTANCE STATE" for each
// instance, again when its state changes. Returns after SIGTERM or SIGINT; the exit code.
int serve(const serve_options& options);

}  // namespace sluice::cli
