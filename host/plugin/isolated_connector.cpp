#include "plugin/isolated_connector.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/call_slots.hpp"

namespace sluice::plugin {

using base::error_code;
using base::make_error;

namespace {

bool is_cancelled(const isolated_call& call) {
    bool out = false;
    call_slots::with(call_slots::from_abi(call.handle),
                     [&out](const live_call& live) { out = live.cancelling; });
    return out;
}

std::string key_of(const isolated_call& call) {
    return std::string(to_view(call.request->idempotency_key));
}

}  // namespace

// The table's functions; `self` is the connector.
struct isolated_connector::entry_points {
    static isolated_connector& of(void* self) { return *static_cast<isolated_connector*>(self); }
    static void SLUICE_CALL start(void* self, sluice_call* call, const sluice_request* request) {
        of(self).start(call, request);
    }
    static void SLUICE_CALL cancel(void* self, sluice_call* call, void*) { of(self).cancel(call); }
    static void SLUICE_CALL close(void* self) { of(self).close(); }
    // The process starts with the first call, like every later one: with the same pauses.
    static sluice_code SLUICE_CALL open(const sluice_host* host, void** self, sluice_error*) {
        of(*self).host_ = host;
        return SLUICE_OK;
    }
};

isolated_connector::isolated_connector(const descriptor& description, isolated_setting setting)
    : description_(description),
      setting_(std::move(setting)),
      name_(setting_.what.connector),
      rules_(setting_.timing) {
    for (const auto& [id, action] : description_.actions)
        actions_.push_back({id.c_str(), 0, 0, entry_points::start});
    table_.size = sizeof table_;
    table_.abi_minor = description_.abi_minor;
    table_.action_count = static_cast<std::uint32_t>(actions_.size());
    table_.action_size = sizeof(sluice_action);
    table_.actions = actions_.data();
    table_.id = description_.id.c_str();
    table_.open = entry_points::open;
    table_.close = entry_points::close;
    table_.cancel = entry_points::cancel;
}

// The loop may be gone by now; its timers do nothing once this is.
isolated_connector::~isolated_connector() = default;

library isolated_connector::as_library() {
    library out;
    out.table = &table_;
    for (const sluice_action& action : actions_)
        out.actions.push_back(&action);
    out.owner = shared_from_this();
    return out;
}

isolation_facts isolated_connector::facts() const {
    const std::lock_guard lock(mutex_);
    isolation_facts out;
    out.mode = isolation_mode::process;
    out.pid = shared_ ? shared_->pid() : 0;
    out.deaths = deaths_;
    out.starts = starts_;
    out.quarantined = rules_.quarantined();
    out.last_death = last_death_;
    out.start_error = start_error_;
    out.hardening = hardening_;
    return out;
}

void isolated_connector::rest_between_calls(bool on) {
    resting_ = on;
    go_on();
}

void isolated_connector::release() {
    rules_.release();
    go_on();
}

// ---- On the pool --------------------------------------------------------------------------------

isolated_connector::made_session isolated_connector::make_session(bool alone) {
    auto& loop = setting_.loop;
    const auto on_loop = [&loop, self = weak_from_this()](auto work) {
        loop.post([self, work = std::move(work)]() mutable {
            if (const auto own = self.lock()) work(*own);
        });
    };
    runner_session::events events;
    events.call_over = [on_loop](isolated_call_ptr call) {
        on_loop([call = std::move(call)](isolated_connector& own) { own.call_over(call); });
    };
    events.died = [on_loop, alone](runner_session::death how) {
        on_loop([how = std::move(how), alone](isolated_connector& own) mutable {
            own.died(alone, std::move(how));
        });
    };
    auto made = std::make_shared<runner_session>(*host_, loop, name_, std::move(events));
    runner_start what = setting_.what;
    what.log = std::make_shared<log_budget>(setting_.clock, name_);
    auto failed = made->open(setting_.start, what, setting_.timing.open_ms);
    if (failed) return {nullptr, std::move(*failed)};
    return {std::move(made), {}};
}

void isolated_connector::close() {
    {
        std::unique_lock lock(mutex_);
        closed_ = true;
        no_start_runs_.wait(lock, [this] { return running_starts_ == 0; });
    }
    for (const auto which : {&isolated_connector::trial_, &isolated_connector::shared_}) {
        if (const session_ptr own = exchange(which, nullptr)) own->close(setting_.timing.close_ms);
    }
}

isolated_connector::session_ptr isolated_connector::exchange(session_ptr isolated_connector::*which,
                                                             session_ptr next) {
    const std::lock_guard lock(mutex_);
    return std::exchange(this->*which, std::move(next));
}

void isolated_connector::drop_dead() {
    for (const auto which : {&isolated_connector::trial_, &isolated_connector::shared_}) {
        if (dead_early_.erase((this->*which).get()) > 0) bury(exchange(which, nullptr));
    }
}

void isolated_connector::bury(session_ptr dead) {
    setting_.run_blocking([dead = std::move(dead)] {});
}

// ---- Calls --------------------------------------------------------------------------------------

void isolated_connector::start(sluice_call* handle, const sluice_request* request) {
    auto call = std::make_shared<isolated_call>();
    call->number = ++last_call_;
    call->handle = handle;
    call->request = request;
    call_slots::with(call_slots::from_abi(handle), [&](const live_call& live) {
        call->action = live.input.action;
        call->instance = live.input.scope.instance;
    });
    const action_description* action = description_.find_action(call->action);
    call->idempotent = action != nullptr && action->idempotent;
    call->verifier = action != nullptr && action->verifier;
    calls_.emplace(handle, call);
    if (rules_.quarantined()) return fail(call, quarantine_error());
    waiting_.push_back(std::move(call));
    go_on();
}

void isolated_connector::cancel(sluice_call* handle) {
    const auto found = calls_.find(handle);
    if (found == calls_.end()) return;
    const isolated_call_ptr call = found->second;
    if (std::erase(waiting_, call) + std::erase(suspects_, call) > 0) {
        return fail(call, make_error(error_code::cancelled,
                                     "the call was cancelled while it waited for a process"));
    }
    if (const session_ptr at = call->session.lock()) at->cancel(*call);
}

void isolated_connector::give_up(sluice_call* handle) {
    const auto found = calls_.find(handle);
    if (found == calls_.end()) return;
    found->second->given_up = true;
    const session_ptr at = found->second->session.lock();
    if (at && at == shared_) retire(&isolated_connector::shared_);
    if (at && at == trial_) retire(&isolated_connector::trial_);
    end_retired();
    go_on();
}

void isolated_connector::call_over(const isolated_call_ptr& call) {
    calls_.erase(call->handle);
    rules_.call_ended();
    if (call == on_trial_) on_trial_ = nullptr;
    end_retired();
    go_on();
}

void isolated_connector::fail(const isolated_call_ptr& call, base::error why) {
    const sluice_error error = to_abi_error(why);
    host_->fail(call->handle, &error);
    // After the end has passed the loop: see isolated_operation.
    setting_.loop.post([self = weak_from_this(), call] {
        if (const auto own = self.lock()) own->calls_.erase(call->handle);
    });
}

void isolated_connector::fail_all(std::deque<isolated_call_ptr>& calls, const base::error& why) {
    for (const isolated_call_ptr& call : std::exchange(calls, {}))
        fail(call, why);
}

void isolated_connector::go_on() {
    drop_dead();
    if (!rules_.quarantined()) {
        if (trial_ && !on_trial_ && !suspects_.empty()) try_next_suspect();
        if (shared_ && !waiting_.empty()) hand_over_waiting();
        start_missing(!suspects_.empty() && !on_trial_ && !trial_ && !starting_trial_,
                      !waiting_.empty() && !shared_ && !starting_shared_);
    }
    close_idle();
}

void isolated_connector::hand_over_waiting() {
    while (!waiting_.empty()) {
        // It has died, and the news is on the way: the call waits for the next one.
        if (!shared_->begin(waiting_.front())) return;
        waiting_.front()->session = shared_;
        waiting_.pop_front();
    }
    plan_ping();
}

void isolated_connector::try_next_suspect() {
    if (!trial_->begin(suspects_.front())) return;
    on_trial_ = std::move(suspects_.front());
    on_trial_->session = trial_;
    suspects_.pop_front();
    plan_ping();
}

// ---- Processes ----------------------------------------------------------------------------------

void isolated_connector::start_missing(bool trial, bool shared) {
    if (!trial && !shared) return;
    const std::int64_t left_ns = rules_.next_start_ns() - setting_.clock.steady_ns();
    if (left_ns <= 0) {
        if (trial) start_session(true);
        if (shared) start_session(false);
        return;
    }
    if (pause_timer_ != 0) return;
    pause_timer_ = setting_.loop.run_after(left_ns / 1'000'000 + 1, [self = weak_from_this()] {
        const auto own = self.lock();
        if (!own) return;
        own->pause_timer_ = 0;
        own->go_on();
    });
}

void isolated_connector::start_session(bool alone) {
    (alone ? starting_trial_ : starting_shared_) = true;
    {
        const std::lock_guard lock(mutex_);
        ++running_starts_;
    }
    auto& loop = setting_.loop;
    const bool queued = setting_.run_blocking(
        [kept = setting_.keep(), self = shared_from_this(), alone, &loop]() mutable {
            auto made = std::make_shared<made_session>(self->make_session(alone));
            // Moved: its last owner must not be a thread of the pool. Until the mutex is free, it
            // is not let go in the loop either.
            isolated_connector& that = *self;
            const std::lock_guard lock(that.mutex_);
            loop.post([kept = std::move(kept), self = std::move(self), alone, made] {
                self->session_started(alone, std::move(*made));
            });
            --that.running_starts_;
            that.no_start_runs_.notify_all();
        });
    if (queued) return;
    {
        const std::lock_guard lock(mutex_);
        --running_starts_;
        no_start_runs_.notify_all();
    }
    session_started(alone, {nullptr,
                            {runner_session::failure::reason::no_process,
                             make_error(error_code::unavailable, "its pool is full"),
                             {}}});
}

void isolated_connector::session_started(bool alone, made_session made) {
    (alone ? starting_trial_ : starting_shared_) = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return bury(std::move(made.session));
    }
    if (made.session) {
        ++starts_;
        start_error_.clear();
        hardening_ = made.session->hardening();
        exchange(alone ? &isolated_connector::trial_ : &isolated_connector::shared_,
                 std::move(made.session));
        return go_on();
    }
    base::error why = std::move(made.why.why);
    start_error_ = why.message;
    why.message = name_ + " could not be started: " + why.message;
    why.code = error_code::unavailable;
    base::log(base::log_level::error, why.message, {{"next", why.hint}});
    if (made.why.what == runner_session::failure::reason::died) {
        ++starts_;
        note_death(made.why.how + " while it was opened", true);
    } else {
        rules_.not_started(setting_.clock.steady_ns());
    }
    why.retry_after_ms = rules_.pause_ms();
    if (rules_.quarantined()) why = quarantine_error();
    if (alone || !starting_trial_) fail_all(suspects_, why);
    if (!alone || !starting_shared_) fail_all(waiting_, why);
    go_on();
}

void isolated_connector::close_idle() {
    const bool wanted = on_trial_ || (!suspects_.empty() && !rules_.quarantined());
    if (trial_ && !wanted) close_on_pool(&isolated_connector::trial_);
    if (shared_ && resting_ && calls_.empty()) close_on_pool(&isolated_connector::shared_);
}

// Closing waits for the process.
void isolated_connector::close_on_pool(session_ptr isolated_connector::*which) {
    setting_.run_blocking([over = exchange(which, nullptr),
                           patience_ms = setting_.timing.close_ms] { over->close(patience_ms); });
}

void isolated_connector::retire(session_ptr isolated_connector::*which) {
    retired_.push_back({exchange(which, nullptr), false});
    if (which == &isolated_connector::trial_) on_trial_ = nullptr;
}

// Those that only keep calls nobody waits for; what is queued behind these goes to the next
// process.
void isolated_connector::end_retired() {
    for (retired_session& each : retired_) {
        if (each.killed || each.session->has_calls_to_wait_for()) continue;
        each.killed = true;
        each.session->kill("no end of calls that were given up");
    }
}

bool isolated_connector::forget(bool alone, const runner_session* which) {
    const auto place = std::ranges::find(
        retired_, which, [](const retired_session& each) { return each.session.get(); });
    if (place != retired_.end()) {
        const bool ours = place->killed;
        bury(std::move(place->session));
        retired_.erase(place);
        return ours;
    }
    const auto member = alone ? &isolated_connector::trial_ : &isolated_connector::shared_;
    // Its thread has told the last; what its end waits for is short.
    if ((this->*member).get() == which) {
        bury(exchange(member, nullptr));
    } else if (alone ? starting_trial_ : starting_shared_) {
        dead_early_.insert(which);
    }
    return false;
}

void isolated_connector::died(bool alone, runner_session::death how) {
    const bool of_the_trial = alone && trial_.get() == how.of;
    const bool ours = forget(alone, how.of);
    base::log(ours ? base::log_level::warning : base::log_level::error,
              "the process of a connector ended",
              {{"connector", name_},
               {"how", how.how},
               {"calls", std::to_string(how.calls.size())},
               {"last_words", how.last_words}});
    if (of_the_trial) {
        trial_died(how);
    } else {
        judge(how, ours);
    }
    if (rules_.quarantined()) {
        fail_all(waiting_, quarantine_error());
        fail_all(suspects_, quarantine_error());
    }
    go_on();
}

void isolated_connector::trial_died(const runner_session::death& how) {
    isolated_call_ptr guilty = std::exchange(on_trial_, nullptr);
    if (guilty && (guilty->begun || !how.understood)) {
        ++deaths_;
        last_death_ = how.how;
        return fail(guilty, death_error(how, 0, rules_.blame(key_of(*guilty))));
    }
    // It died of nothing: no trial will help.
    note_death(how.how, true);
    if (!guilty) return;
    if (is_cancelled(*guilty)) return fail(guilty, death_error(how, 0, false));
    suspects_.push_front(std::move(guilty));
}

// Who waits, who is suspect, who fails.
void isolated_connector::judge(const runner_session::death& how, bool ours) {
    std::deque<isolated_call_ptr> begun;
    std::deque<isolated_call_ptr> not_begun;
    for (const isolated_call_ptr& call : how.calls)
        (call->begun || !how.understood ? begun : not_begun).push_back(call);
    const bool again = begun.size() == 1 && !ours && rules_.blame(key_of(*begun.front()));
    if (!ours) note_death(how.how, !again);
    const std::size_t others = begun.empty() ? 0 : begun.size() - 1;
    for (const isolated_call_ptr& call : begun) {
        if (others > 0 && call->idempotent && !is_cancelled(*call)) {
            suspects_.push_back(call);
        } else {
            fail(call, death_error(how, others, again));
        }
    }
    std::erase_if(not_begun, [&](const isolated_call_ptr& call) {
        if (!is_cancelled(*call)) return false;
        fail(call, death_error(how, others));
        return true;
    });
    waiting_.insert(waiting_.begin(), std::make_move_iterator(not_begun.begin()),
                    std::make_move_iterator(not_begun.end()));
}

void isolated_connector::note_death(const std::string& how, bool counts) {
    const bool before = rules_.quarantined();
    rules_.died(setting_.clock.steady_ns(), counts);
    last_death_ = how;
    ++deaths_;
    if (before || !rules_.quarantined()) return;
    base::log(base::log_level::error, "a connector is in quarantine", {{"connector", name_}});
}

base::error isolated_connector::death_error(const runner_session::death& how, std::size_t others,
                                            bool again) const {
    std::string message = "the process of " + name_ + " ended with " + how.how + " while this call";
    if (others > 0) message += " and " + std::to_string(others) + " more";
    message += " ran";
    if (again) message += ", and not for the first time: it is not tried again";
    if (!how.last_words.empty()) message += "; the last it wrote: " + how.last_words;
    base::error out =
        make_error(again ? error_code::internal : error_code::unavailable, std::move(message));
    if (!again) out.retry_after_ms = rules_.pause_ms();
    return out;
}

// All of it is the message: hints do not cross the ABI, which this goes through.
base::error isolated_connector::quarantine_error() const {
    return make_error(error_code::unavailable,
                      name_ + " is in quarantine: its process died " +
                          std::to_string(setting_.timing.quarantine_deaths) + " times within " +
                          std::to_string(setting_.timing.quarantine_ms / 60'000) +
                          " minutes, the last time with " + last_death_ +
                          "; put a corrected file in place, or run `sluice connector release " +
                          description_.id + "`");
}

// ---- Does it hang? ------------------------------------------------------------------------------

void isolated_connector::plan_ping() {
    if (ping_timer_ != 0) return;
    ping_timer_ = setting_.loop.run_after(setting_.timing.ping_ms, [self = weak_from_this()] {
        const auto own = self.lock();
        if (!own) return;
        own->ping_timer_ = 0;
        own->ping();
    });
}

void isolated_connector::ping() {
    bool calls = false;
    std::vector<session_ptr> all = {shared_, trial_};
    for (const retired_session& each : retired_)
        all.push_back(each.session);
    for (const session_ptr& each : all) {
        if (!each || !each->has_calls()) continue;
        calls = true;
        const std::int64_t silent_ms = each->ping(setting_.clock.steady_ns()) / 1'000'000;
        if (silent_ms < setting_.timing.silence_ms) continue;
        each->kill("no answer for " + std::to_string(silent_ms / 1'000) + " s (it hangs)");
    }
    if (calls) plan_ping();
}

}  // namespace sluice::plugin
