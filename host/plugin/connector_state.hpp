// The inside of `connector`: loading, opening, starting calls and watching over their end.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/thread.hpp"
#include "plugin/action_stats.hpp"
#include "plugin/blob_registry.hpp"
#include "plugin/blob_stream.hpp"
#include "plugin/call.hpp"
#include "plugin/connector.hpp"
#include "plugin/environment.hpp"
#include "plugin/library.hpp"
#include "plugin/live_call.hpp"
#include "plugin/scan.hpp"
#include "plugin/session_cache.hpp"

namespace sluice::plugin {

// What all connectors of a registry share. Outlives the registry while anyone holds a connector.
struct environment {
    environment(host_ports given_ports, host_options given_options);
    ~environment() { blobs->stop(); }

    host_ports ports;
    host_options options;
    const std::shared_ptr<blob_registry> blobs;
    // The host's own disk work for connectors. Apart from their pools, where it could wait for
    // actions that wait for it.
    base::blocking_pool io;

    blob_access access() { return {blobs, io, ports.loop}; }
};

// Loop thread unless said otherwise.
class connector_state : public std::enable_shared_from_this<connector_state> {
  public:
    // `copy`: the private copy that is loaded.
    connector_state(std::shared_ptr<environment> shared, found_connector found,
                    std::filesystem::path copy);
    ~connector_state();

    const std::shared_ptr<environment> shared;
    const found_connector found;
    const std::string name;  // "github 0.1.0"
    const isolation_rule isolation;
    const std::filesystem::path& copy() const { return copy_; }

    call_handle start(call_request request, call_done done);
    void cancel(call_handle call);

    load_status status() const { return status_; }
    base::result<void> load_error() const;
    std::size_t live_calls() const { return live_calls_; }
    std::vector<action_counters> counters() const;  // any thread

    isolation_facts isolation_now() const;
    void release();
    // Its file is there, or it only serves those who still ask for it.
    void set_present(bool present);

    // No new calls; running ones are asked to end; `done` runs on the loop after the connector is
    // closed, never when a call does not end.
    void close_when_idle(std::function<void()> done);

    // The call was claimed and `outcome` is its end: tells the flow, frees the slot. `late`: the
    // flow has been told before.
    void finish(call_handle call, call_outcome outcome, bool late);

    // Runs on the connector's bounded pool; false when its queue is full. Any thread.
    bool run_blocking(std::function<void()> work);

    const std::shared_ptr<session_cache>& sessions() const { return sessions_; }  // any thread

  private:
    struct opened {
        base::result<library> code;
        void* self = nullptr;
    };

    // Null unless it runs in a process of its own and has been called.
    isolated_connector* isolated() const;
    void reject(call_done done, base::error why);
    void forget_refused_sessions(const live_call& live, const call_outcome& outcome);
    void tell(live_call& live, call_outcome outcome);
    void load();
    static base::result<library> load_code(const connector_state& state);
    static opened load_and_open(const connector_state& state);
    void loaded(opened result);
    void launch(call_handle call);
    void enter(call_handle call);
    void watch_deadline(call_handle call, live_call& live);
    void ask_to_end(call_handle call, live_call& live);
    void give_up(call_handle call);
    void close_if_idle();

    const std::filesystem::path copy_;
    sluice_host table_;
    std::map<std::string, std::shared_ptr<action_stats>, std::less<>> stats_;  // fixed
    load_status status_ = load_status::not_loaded;
    base::error load_error_;
    std::int64_t retry_at_ns_ = 0;
    library library_;       // not changed once ready
    void* self_ = nullptr;  // likewise
    std::vector<call_handle> waiting_;
    std::size_t live_calls_ = 0;  // abandoned ones included
    bool closing_ = false;
    bool present_ = true;
    std::function<void()> on_closed_;
    base::blocking_pool pool_;
    const std::shared_ptr<session_cache> sessions_;
};

}  // namespace sluice::plugin
