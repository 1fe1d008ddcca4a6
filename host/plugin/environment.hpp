// What the plugin host stands on: handed in by whoever puts the host together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/log.hpp"
#include "plugin/call.hpp"
#include "plugin/http_port.hpp"
#include "plugin/isolated_connector.hpp"
#include "plugin/isolation.hpp"
#include "plugin/runner_link.hpp"
#include "store/store.hpp"

namespace sluice::plugin {

// A line a connector wrote to the log of an execution. Secrets are not yet redacted.
struct connector_log_line {
    base::log_level level = base::log_level::info;
    std::string connector;  // "github 0.1.0"
    std::string action;     // empty: written outside a call
    call_scope scope;
    std::string message;
    std::string fields_json;  // a JSON object or empty
};

// Everything here outlives the registry and all calls. A port that is null takes its service away
// (connectors that require it then fail in open).
struct host_ports {
    base::event_loop& loop;
    base::clock& clock;
    http_port* http = nullptr;      // sluice.http/1
    store::store* state = nullptr;  // sluice.state/1
    // Any thread. Empty: lines go to base::log.
    std::function<void(connector_log_line)> on_log;
};

struct host_options {
    std::filesystem::path folder;        // where connectors are dropped
    std::filesystem::path cache_folder;  // private copies; made when missing, readable by us only
    std::filesystem::path temporary_folder;  // blobs without a blob_folder; empty: the system's
    // Blobs are files in here that live as long as their execution's record; made when missing.
    // Empty: temporary files that go with the process.
    std::filesystem::path blob_folder;
    std::uint64_t blob_bytes_per_execution = 4ull << 30;
    // Empty, or why the disk takes no more bytes of blobs now. Any thread.
    std::function<std::string()> disk_shortage;
    std::int64_t rescan_ms = 1'000;
    std::int64_t grace_ms = 5'000;          // from cancel until the host gives a call up
    std::int64_t reopen_pause_ms = 10'000;  // after a failed load or open
    std::size_t blocking_threads = 16;      // per connector, started when needed
    std::size_t blocking_queue = 1'000;     // calls waiting for one of them
    isolation_policy isolation = {};        // nothing: all connectors run in this process
    start_runner runner = {};               // of connectors that do not
    // Holds a temporary folder for each of their processes, and nothing else: the first scan
    // empties it. Empty: the system's temporary folder.
    std::filesystem::path runner_folder = {};
    isolation_timing runner_timing = {};
};

}  // namespace sluice::plugin
