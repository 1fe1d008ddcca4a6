// A connector that runs in a process of its own, as the rest of the host sees it: a table like that
// of a loaded library.
//
// When the process dies, the calls that had been handed to the connector are what may have killed
// it. If there was one, it is the guilty one and fails. If there were several, those of idempotent
// actions run once more, one at a time, alone in a process of their own, so that the guilty one
// kills only itself; the others fail as `unavailable`. Calls that had not begun wait for the next
// process, as new ones do.
//
// A process that keeps a call which the host has given up gets no new ones; another takes its
// place, and it is ended once its other calls are over.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
#include "plugin/restart_rules.hpp"
#include "plugin/runner_link.hpp"
#include "plugin/runner_session.hpp"

namespace sluice::plugin {

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

    // The host does not wait for the end of this call any more.
    void give_up(sluice_call* handle);
    // Its file is gone or was replaced, so few calls will come: its process ends whenever none
    // runs.
    void rest_between_calls(bool on);
    isolation_facts facts() const;
    // Out of quarantine: deaths until now do not count any more.
    void release();

  private:
    struct entry_points;
    using session_ptr = std::shared_ptr<runner_session>;

    struct made_session {
        session_ptr session;  // null: it failed
        runner_session::failure why;
    };
    struct retired_session {
        session_ptr session;
        bool killed = false;  // by us
    };

    made_session make_session(bool alone);
    void close();
    void start(sluice_call* handle, const sluice_request* request);
    void cancel(sluice_call* handle);

    session_ptr exchange(session_ptr isolated_connector::*which, session_ptr next);
    void drop_dead();
    // Ends it on the pool: its temporary folder may hold much.
    void bury(session_ptr dead);
    // What goes on after the end of a call, or when one is there to be run.
    void go_on();
    void hand_over_waiting();
    void try_next_suspect();
    void start_missing(bool trial, bool shared);
    void start_session(bool alone);
    void session_started(bool alone, made_session made);
    void close_idle();
    void close_on_pool(session_ptr isolated_connector::*which);
    void retire(session_ptr isolated_connector::*which);
    void end_retired();
    void call_over(const isolated_call_ptr& call);
    void died(bool alone, runner_session::death how);
    // Takes it off the place where it was; whether it was us who ended it.
    bool forget(bool alone, const runner_session* which);
    void trial_died(const runner_session::death& how);
    void judge(const runner_session::death& how, bool ours);
    void note_death(const std::string& how, bool counts);
    void fail(const isolated_call_ptr& call, base::error why);
    void fail_all(std::deque<isolated_call_ptr>& calls, const base::error& why);
    // `again`: the same event has killed a process before.
    base::error death_error(const runner_session::death& how, std::size_t others,
                            bool again = false) const;
    base::error quarantine_error() const;
    void plan_ping();
    void ping();

    const descriptor& description_;
    isolated_setting setting_;
    const std::string name_;
    std::vector<sluice_action> actions_;
    sluice_connector table_ = {};
    const sluice_host* host_ = nullptr;

    // Changed on the loop, and by open and close on the pool: under the mutex.
    mutable std::mutex mutex_;
    std::condition_variable no_start_runs_;
    int running_starts_ = 0;  // on the pool, which will still use the loop
    bool closed_ = false;
    session_ptr shared_;
    session_ptr trial_;  // for suspects
    std::vector<retired_session> retired_;
    std::set<const runner_session*> dead_early_;  // died before they were known here
    bool starting_shared_ = false;
    bool starting_trial_ = false;
    bool resting_ = false;
    std::uint64_t last_call_ = 0;
    std::map<sluice_call*, isolated_call_ptr> calls_;
    std::deque<isolated_call_ptr> waiting_;   // for the shared session
    std::deque<isolated_call_ptr> suspects_;  // for the trial
    isolated_call_ptr on_trial_;
    base::event_loop::timer_id pause_timer_ = 0;
    base::event_loop::timer_id ping_timer_ = 0;
    restart_rules rules_;
    std::uint64_t deaths_ = 0;
    std::uint64_t starts_ = 0;
    std::string last_death_;
    std::string start_error_;  // of the last start; empty: it worked
    std::optional<hardening_report> hardening_;
};

}  // namespace sluice::plugin
