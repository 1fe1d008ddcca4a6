// One running sluice-runner: turns calls into frames, and frames into calls of the host's table.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "plugin/hardening_report.hpp"
#include "plugin/isolated_call.hpp"
#include "plugin/request_memory.hpp"
#include "plugin/runner_link.hpp"

namespace sluice::plugin {

class runner_session : public std::enable_shared_from_this<runner_session> {
  public:
    struct death {
        const runner_session* of = nullptr;
        std::string how;                       // "signal 11 (Segmentation fault)"
        std::string last_words;                // may be empty
        std::vector<isolated_call_ptr> calls;  // that were in it
        bool understood = true;                // as runner_end
    };
    struct failure {
        enum class reason : std::uint8_t {
            no_process,  // the host's own shortage, or a runner that is not there
            refused,     // by the connector's open function, or the file is not what it was
            died,        // while it loaded or opened the connector, or it hung there
        };
        reason what = reason::no_process;
        base::error why;
        std::string how;  // it died: as above
    };
    struct events {
        // On a thread of the link's; must not destroy the session.
        std::function<void(isolated_call_ptr)> call_over;
        std::function<void(death)> died;
    };
    // `host` and `loop` outlive it.
    runner_session(const sluice_host& host, base::event_loop& loop, std::string connector,
                   events handlers);
    ~runner_session();
    runner_session(const runner_session&) = delete;
    runner_session& operator=(const runner_session&) = delete;

    // Starts the process, loads and opens the connector there. Blocks, `patience_ms` at most.
    // Nothing, or why not; `died` is not told then.
    std::optional<failure> open(const start_runner& start, const runner_start& what,
                                std::int64_t patience_ms);
    // Lets the connector close and the process end; blocks, and kills after `patience_ms`. The log
    // tells when it did not end as it should.
    void close(std::int64_t patience_ms);

    // Loop thread:
    // False: the process has ended, and the news of it is on the way.
    bool begin(const isolated_call_ptr& call);
    void cancel(const isolated_call& call);
    // Asks whether it still runs its strand; gives for how long the last question has been waiting
    // for its answer, in nanoseconds.
    std::int64_t ping(std::int64_t now_ns);
    void kill(std::string why);

    // Any thread.
    bool has_calls() const;
    // Loop thread: calls that have begun and that the host has not given up.
    bool has_calls_to_wait_for() const;
    int pid() const;
    // What its runner said before it loaded the connector.
    std::optional<hardening_report> hardening() const;

    // For session_requests.cpp: an answer to an operation, which is over then. Loop thread.
    void answer(isolated_operation& operation, frame_writer&& body);
    // A number by which the runner names a blob; takes one reference. 0: too many.
    std::uint64_t add_blob(sluice_blob* blob);

  private:
    friend class session_requests;
    enum class phase : std::uint8_t { starting, opening, ready, closing, over };

    void received(frame one);
    void hardened(const frame& one);
    void opened(const frame& one);
    bool closed();
    void ended(runner_end end);
    void finish(const frame& one);
    void write_log(const frame& one);
    void violation(const char* what);
    isolated_call_ptr find(std::uint64_t call) const;
    isolated_call_ptr take(std::uint64_t call);
    sluice_blob* blob(std::uint64_t number) const;
    void send(const frame& one);

    const sluice_host& host_;
    base::event_loop& loop_;
    const std::string connector_;
    const events events_;
    const std::shared_ptr<request_memory> memory_ = std::make_shared<request_memory>();
    std::shared_ptr<log_budget> log_;  // set before there is a link
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    phase phase_ = phase::starting;
    std::optional<failure> failure_;
    std::optional<hardening_report> hardening_;
    std::string violation_;  // before there was a link to end
    std::map<std::uint64_t, isolated_call_ptr> calls_;
    // Calls that ended lately: a second completion is told from a made up one.
    std::deque<std::pair<std::uint64_t, sluice_call*>> ended_calls_;
    std::map<std::uint64_t, sluice_blob*> blobs_;
    std::uint64_t last_blob_ = 0;
    std::uint64_t last_ping_ = 0;
    std::uint64_t last_pong_ = 0;
    std::int64_t pinged_ns_ = 0;
    std::unique_ptr<runner_link> link_;  // set once, under the mutex
};

}  // namespace sluice::plugin
