// A host around connectors, for tests of this and later modules: the test turns the loop's crank
// and owns the time, the network is scripted, connectors are the fixtures of tests/connectors.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base_testing.hpp"
#include "base/manual_loop.hpp"
#include "plugin/registry.hpp"
#include "probe.h"

namespace sluice::plugin {

// Path of a fixture connector, for example fixture("probe").
std::filesystem::path fixture(std::string_view name);

// Test code that runs as a connector's action (see tests/connectors/probe.h). Must outlive its
// call.
class probe_code : public ::probe {
  public:
    using start_function =
        std::function<void(const sluice_host*, sluice_call*, const sluice_request*)>;
    using cancel_function = std::function<void(const sluice_host*, sluice_call*)>;

    explicit probe_code(start_function on_start, cancel_function on_cancel = {});
    probe_code(const probe_code&) = delete;
    probe_code& operator=(const probe_code&) = delete;

    std::string input_json() const;  // for actions `run` and `runBlocking` of `probe`

  private:
    start_function on_start_;
    cancel_function on_cancel_;
};

inline sluice_str view(std::string_view text) { return {text.data(), text.size()}; }
inline std::string text_of(sluice_str text) {
    return text.data ? std::string(text.data, text.size) : std::string();
}

// The result, or "error: " and what went wrong.
std::string output_of(const call_outcome& outcome);
base::error_code code_of(const call_outcome& outcome);

// Keeps requests until the test answers them.
class scripted_http final : public http_port {
  public:
    struct waiting {
        std::uint64_t operation;
        net::client_request request;
        done finished;
    };
    explicit scripted_http(base::event_loop& loop) : loop_(loop) {}

    std::uint64_t send(net::client_request request, done finished) override;
    void cancel(std::uint64_t operation) override;
    // Answers the oldest request; a streamed body of it is read first.
    void answer(base::result<net::client_response> response);

    std::vector<waiting> requests;
    int cancelled = 0;
    std::string last_source_body;

  private:
    void deliver(const net::client_request& request, net::client_response response, done finished);

    base::event_loop& loop_;
    std::uint64_t last_ = 0;
};

struct plugin_world_options {
    store::store* state = nullptr;
    std::int64_t grace_ms = 5'000;
    std::size_t blocking_threads = 16;
    std::size_t blocking_queue = 1'000;
    bool durable_blobs = false;  // in root/blobs
    std::uint64_t blob_quota = 4ull << 30;
    std::function<std::string()> disk_shortage = {};
    // Of connectors in a process of their own: how it is started; empty: in this process.
    start_runner runner = {};
    isolation_timing runner_timing = {};
    isolation_limits runner_limits = {};
    std::filesystem::path runner_folder = {};
};

// When set, every plugin_world runs its connectors through what this makes for its loop: how the
// tests of this module are run a second time, through a runner (host/runner).
std::function<start_runner(base::event_loop&, base::clock&)>& runner_of_tests();

class plugin_world {
  public:
    explicit plugin_world(plugin_world_options options = {});
    // Closes the connectors.
    ~plugin_world();

    // Copies a fixture into the connectors folder (in one step, under `as`) and rescans.
    void install(std::string_view name, std::string as = {});
    std::filesystem::path folder() const { return root.path() / "connectors"; }

    // Runs the loop until `condition` holds; fails the test when it does not in 10 s of real time.
    bool run_until(const std::function<bool()>& condition);
    // Starts a call of `id` and runs the loop until it is done.
    call_outcome call(std::string_view id, std::string action, std::string input_json);
    call_outcome call(connector& subject, call_request request);
    // Runs the test's code as an action of the installed fixture `probe`.
    call_outcome run(probe_code& code, call_request request = {}, const char* action = "run");

    // Counters of one action, over all versions.
    action_counters count(std::string_view action) const;

    base::temporary_folder root;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    scripted_http http{loop};
    std::vector<connector_log_line> log_lines;
    std::mutex log_mutex;
    std::optional<registry> connectors;
};

}  // namespace sluice::plugin
