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

// The table's functions; `self` is the connector.
struct isolated_connector::entry_points {
    static isolated_connector& of(void* self) { return *static_cast<isolated_connector*>(self); }
    static void SLUICE_CALL start(void* self, sluice_call* call, const sluice_request* request) {
        of(self).start(call, request);
    }
    static void SLUICE_CALL cancel(void* self, sluice_call* call, void*) { of(self).cancel(call); }
    static void SLUICE_CALL close(void* self) { of(self).close(); }
    static sluice_code SLUICE_CALL open(const sluice_host* host, void** self, sluice_error* why) {
        isolated_connector& own = of(*self);
        const auto opened = own.open(host);
        if (opened) return SLUICE_OK;
        own.open_error_ = opened.error_value();
        *why = to_abi_error(own.open_error_);
        return why->code;
    }
};

isolated_connector::isolated_connector(const descriptor& description, isolated_setting setting)
    : description_(description), setting_(std::move(setting)), name_(setting_.what.connector) {
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
    out.quarantined = quarantined_;
    out.last_death = last_death_;
    out.hardening_json = shared_ ? shared_->hardening_json() : "";
    return out;
}

void isolated_connector::release() {
    recent_deaths_ns_.clear();
    quarantined_ = false;
    next_start_ns_ = 0;
    pause_ms_ = 0;
    go_on();
}

// ---- Open and close: on the pool ----------------------------------------------------------------

base::result<isolated_connector::session_ptr> isolated_connector::make_session(bool alone) {
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
    auto opened = made->open(setting_.start, setting_.what, setting_.timing.open_ms);
    if (!opened) return opened.error_value();
    return made;
}

base::result<void> isolated_connector::open(const sluice_host* host) {
    host_ = host;
    auto made = make_session(false);
    if (!made) return made.error_value();
    // The host starts no call before this has returned.
    exchange(&isolated_connector::shared_, std::move(*made));
    ++starts_;
    return {};
}

void isolated_connector::close() {
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
        if (dead_early_.erase((this->*which).get()) > 0) exchange(which, nullptr);
    }
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
    if (quarantined_) return fail(call, quarantine_error());
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
    const session_ptr& at = call == on_trial_ ? trial_ : shared_;
    if (at) at->cancel(*call);
}

void isolated_connector::call_over(const isolated_call_ptr& call) {
    calls_.erase(call->handle);
    if (call != on_trial_) return;
    on_trial_ = nullptr;
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

void isolated_connector::fail_waiting(const base::error& why) {
    for (const isolated_call_ptr& call : std::exchange(waiting_, {}))
        fail(call, why);
}

void isolated_connector::go_on() {
    drop_dead();
    if (quarantined_) return;
    try_next_suspect();
    if (waiting_.empty()) return;
    if (shared_) return hand_over_waiting();
    if (starting_shared_ || pause_timer_ != 0) return;
    const std::int64_t left_ns = next_start_ns_ - setting_.clock.steady_ns();
    if (left_ns <= 0) return start_session(false);
    pause_timer_ = setting_.loop.run_after(left_ns / 1'000'000 + 1, [self = weak_from_this()] {
        const auto own = self.lock();
        if (!own) return;
        own->pause_timer_ = 0;
        own->go_on();
    });
}

void isolated_connector::hand_over_waiting() {
    while (!waiting_.empty()) {
        // It has died, and the news is on the way: the call waits for the next one.
        if (!shared_->begin(waiting_.front())) return;
        waiting_.pop_front();
    }
    plan_ping();
}

void isolated_connector::try_next_suspect() {
    if (on_trial_ || starting_trial_) return;
    if (suspects_.empty()) {
        if (!trial_) return;
        // Closing waits for the process.
        setting_.run_blocking(
            [over = exchange(&isolated_connector::trial_, nullptr),
             patience_ms = setting_.timing.close_ms] { over->close(patience_ms); });
        return;
    }
    if (!trial_) return start_session(true);
    on_trial_ = std::move(suspects_.front());
    suspects_.pop_front();
    if (!trial_->begin(on_trial_)) {
        suspects_.push_front(std::exchange(on_trial_, nullptr));
        return;
    }
    plan_ping();
}

// ---- Processes ----------------------------------------------------------------------------------

void isolated_connector::start_session(bool alone) {
    (alone ? starting_trial_ : starting_shared_) = true;
    auto& loop = setting_.loop;
    const bool queued = setting_.run_blocking(
        [kept = setting_.keep(), self = shared_from_this(), alone, &loop]() mutable {
            auto made = std::make_shared<base::result<session_ptr>>(self->make_session(alone));
            // Moved: the last owner must not be a thread of the pool.
            loop.post([kept = std::move(kept), self = std::move(self), alone, made] {
                self->session_started(alone, std::move(*made));
            });
        });
    if (queued) return;
    session_started(alone, make_error(error_code::unavailable, name_ + ": its pool is full"));
}

void isolated_connector::session_started(bool alone, base::result<session_ptr> made) {
    (alone ? starting_trial_ : starting_shared_) = false;
    if (made) {
        ++starts_;
        exchange(alone ? &isolated_connector::trial_ : &isolated_connector::shared_,
                 std::move(*made));
        return go_on();
    }
    base::error why = made.error_value();
    why.message = name_ + " could not be started again: " + why.message;
    why.code = error_code::unavailable;
    if (alone) {
        for (const isolated_call_ptr& call : std::exchange(suspects_, {}))
            fail(call, why);
        return;
    }
    note_death("no start: " + why.message);
    fail_waiting(quarantined_ ? quarantine_error() : why);
}

void isolated_connector::died(bool alone, runner_session::death how) {
    const auto which = alone ? &isolated_connector::trial_ : &isolated_connector::shared_;
    // Its thread has told the last; what its end waits for is short.
    if ((this->*which).get() == how.of) {
        exchange(which, nullptr);
    } else {
        dead_early_.insert(how.of);
    }
    base::log(base::log_level::error, "the process of a connector ended",
              {{"connector", name_},
               {"how", how.how},
               {"calls", std::to_string(how.calls.size())},
               {"last_words", how.last_words}});
    if (alone) {
        ++deaths_;
        last_death_ = how.how;
        if (const auto guilty = std::exchange(on_trial_, nullptr))
            fail(guilty, death_error(how, 0));
        return go_on();
    }
    note_death(how.how);
    judge(how);
    if (quarantined_) {
        fail_waiting(quarantine_error());
        for (const isolated_call_ptr& call : std::exchange(suspects_, {}))
            fail(call, quarantine_error());
    }
    go_on();
}

// Who waits, who is suspect, who fails.
void isolated_connector::judge(runner_session::death& how) {
    const auto begun = static_cast<std::size_t>(std::ranges::count_if(
        how.calls, [](const isolated_call_ptr& call) { return call->begun; }));
    std::deque<isolated_call_ptr> not_begun;
    for (isolated_call_ptr& call : how.calls) {
        bool cancelled = false;
        call_slots::with(call_slots::from_abi(call->handle),
                         [&](const live_call& live) { cancelled = live.cancelling; });
        if (!call->begun && !cancelled) {
            not_begun.push_back(std::move(call));
        } else if (begun > 1 && call->idempotent && !cancelled) {
            suspects_.push_back(std::move(call));
        } else {
            fail(call, death_error(how, begun > 0 ? begun - 1 : 0));
        }
    }
    waiting_.insert(waiting_.begin(), std::make_move_iterator(not_begun.begin()),
                    std::make_move_iterator(not_begun.end()));
}

void isolated_connector::note_death(const std::string& how) {
    const isolation_timing& timing = setting_.timing;
    const std::int64_t now = setting_.clock.steady_ns();
    const std::int64_t ms = 1'000'000;
    const bool quiet = last_death_ns_ == 0 || now - last_death_ns_ > timing.quiet_ms * ms;
    pause_ms_ = quiet ? timing.first_pause_ms : std::min(pause_ms_ * 2, timing.longest_pause_ms);
    next_start_ns_ = now + pause_ms_ * ms;
    last_death_ns_ = now;
    last_death_ = how;
    ++deaths_;
    recent_deaths_ns_.push_back(now);
    while (now - recent_deaths_ns_.front() > timing.quarantine_ms * ms)
        recent_deaths_ns_.pop_front();
    if (recent_deaths_ns_.size() < timing.quarantine_deaths || quarantined_) return;
    quarantined_ = true;
    base::log(base::log_level::error, "a connector is in quarantine", {{"connector", name_}});
}

base::error isolated_connector::death_error(const runner_session::death& how,
                                            std::size_t others) const {
    std::string message = "the process of " + name_ + " ended with " + how.how + " while this call";
    if (others > 0) message += " and " + std::to_string(others) + " more";
    message += " ran";
    if (!how.last_words.empty()) message += "; the last it wrote: " + how.last_words;
    base::error out = make_error(error_code::unavailable, std::move(message));
    out.retry_after_ms = pause_ms_;
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
    for (const session_ptr& each : {shared_, trial_}) {
        if (!each || !each->has_calls()) continue;
        calls = true;
        const std::int64_t silent_ms = each->ping(setting_.clock.steady_ns()) / 1'000'000;
        if (silent_ms < setting_.timing.silence_ms) continue;
        each->kill("no answer for " + std::to_string(silent_ms / 1'000) + " s (it hangs)");
    }
    if (calls) plan_ping();
}

}  // namespace sluice::plugin
