// A connector that runs in a process of its own, as the rest of the host sees it: a table like that
// of a loaded library.
//
// When the process dies, the calls that had been handed to the connector are what may have killed
// it. If there was one, it is the guilty one and fails. If there were several, those of idempotent
// actions run once more, one at a time, alone in a process of their own, so that the guilty one
// kills only itself; the others fail as `unavailable`. Calls that had not begun wait for the next
// process, as new ones do.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/isolated_call.hpp"
#include "plugin/isolation.hpp"
#include "plugin/library.hpp"
#include "plugin/runner_link.hpp"
#include "plugin/runner_session.hpp"

namespace sluice::plugin {

struct isolation_timing {
    std::int64_t open_ms = 30'000;        // load and open
    std::int64_t close_ms = 5'000;        // from close until the process is killed
    std::int64_t ping_ms = 5'000;         // while calls run
    std::int64_t silence_ms = 15'000;     // without an answer: it hangs
    std::int64_t first_pause_ms = 1'000;  // before a new start; doubles with each death
    std::int64_t longest_pause_ms = 60'000;
    std::int64_t quiet_ms = 60'000;        // without a death: the pause is the first again
    std::int64_t quarantine_ms = 600'000;  // so many deaths within this time:
    std::size_t quarantine_deaths = 3;
};

struct isolated_setting {
    base::event_loop& loop;
    base::clock& clock;
    std::function<bool(std::function<void()>)> run_blocking;
    // What host table, loop and pool belong to; held while a process is being started.
    std::function<std::shared_ptr<void>()> keep;
    start_runner start;
    runner_start what;
    isolation_timing timing;
};

// Loop thread, but for open and close: the pool.
class isolated_connector : public std::enable_shared_from_this<isolated_connector> {
  public:
    isolated_connector(const descriptor& description, isolated_setting setting);
    ~isolated_connector();

    // `owner` keeps this; `table->open` expects it in *self.
    library as_library();

    isolation_facts facts() const;
    // Out of quarantine: deaths until now do not count any more.
    void release();

  private:
    struct entry_points;
    using session_ptr = std::shared_ptr<runner_session>;

    base::result<session_ptr> make_session(bool alone);
    base::result<void> open(const sluice_host* host);
    void close();
    void start(sluice_call* handle, const sluice_request* request);
    void cancel(sluice_call* handle);

    session_ptr exchange(session_ptr isolated_connector::*which, session_ptr next);
    void drop_dead();
    // What goes on after the end of a call, or when one is there to be run.
    void go_on();
    void hand_over_waiting();
    void start_session(bool alone);
    void session_started(bool alone, base::result<session_ptr> made);
    void try_next_suspect();
    void call_over(const isolated_call_ptr& call);
    void died(bool alone, runner_session::death how);
    void judge(runner_session::death& how);
    void note_death(const std::string& how);
    void fail(const isolated_call_ptr& call, base::error why);
    void fail_waiting(const base::error& why);
    base::error death_error(const runner_session::death& how, std::size_t others) const;
    base::error quarantine_error() const;
    void plan_ping();
    void ping();

    const descriptor& description_;
    isolated_setting setting_;
    const std::string name_;
    std::vector<sluice_action> actions_;
    sluice_connector table_ = {};
    const sluice_host* host_ = nullptr;
    base::error open_error_;  // its views are given to the host by `open`

    // Changed on the loop, and by open and close on the pool: under the mutex.
    mutable std::mutex mutex_;
    session_ptr shared_;
    session_ptr trial_;                           // for suspects
    std::set<const runner_session*> dead_early_;  // died before they were known here
    bool starting_shared_ = false;
    bool starting_trial_ = false;
    std::uint64_t last_call_ = 0;
    std::map<sluice_call*, isolated_call_ptr> calls_;
    std::deque<isolated_call_ptr> waiting_;   // for the shared session
    std::deque<isolated_call_ptr> suspects_;  // for the trial
    isolated_call_ptr on_trial_;
    base::event_loop::timer_id pause_timer_ = 0;
    base::event_loop::timer_id ping_timer_ = 0;
    std::int64_t next_start_ns_ = 0;
    std::int64_t pause_ms_ = 0;
    std::int64_t last_death_ns_ = 0;
    std::deque<std::int64_t> recent_deaths_ns_;
    bool quarantined_ = false;
    std::uint64_t deaths_ = 0;
    std::uint64_t starts_ = 0;
    std::string last_death_;
};

}  // namespace sluice::plugin
