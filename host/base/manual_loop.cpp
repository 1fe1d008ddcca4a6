#include "base/manual_loop.hpp"

#include <algorithm>
#include <limits>

namespace sluice::base {

void manual_loop::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
}

event_loop::timer_id manual_loop::run_after(std::int64_t delay_ms, std::function<void()> work) {
    const std::int64_t now = now_ms();
    const std::int64_t delay =
        std::clamp<std::int64_t>(delay_ms, 0, std::numeric_limits<std::int64_t>::max() - now);
    const std::lock_guard lock(mutex_);
    const timer_id timer = ++last_timer_;
    timers_.emplace(std::pair(now + delay, timer), std::move(work));
    due_.emplace(timer, now + delay);
    return timer;
}

void manual_loop::cancel(timer_id timer) {
    std::function<void()> dropped;  // destroyed after the lock: it may own what calls back here
    const std::lock_guard lock(mutex_);
    const auto due = due_.find(timer);
    if (due == due_.end()) return;
    const auto found = timers_.find(std::pair(due->second, timer));
    dropped = std::move(found->second);
    timers_.erase(found);
    due_.erase(due);
}

std::size_t manual_loop::run_ready() {
    std::size_t ran = 0;
    while (run_one_posted() || run_one_timer_due())
        ++ran;
    return ran;
}

bool manual_loop::advance_to_next_timer() {
    const auto due = next_due_ms();
    if (!due) return false;
    time_.advance_ms(std::max<std::int64_t>(0, *due - now_ms()));
    return run_one_timer_due();
}

void manual_loop::advance_ms(std::int64_t by) {
    const std::int64_t end = now_ms() + by;
    run_ready();
    for (auto due = next_due_ms(); due && *due <= end; due = next_due_ms()) {
        time_.advance_ms(std::max<std::int64_t>(0, *due - now_ms()));
        run_ready();
    }
    time_.advance_ms(std::max<std::int64_t>(0, end - now_ms()));
    run_ready();
}

std::int64_t manual_loop::now_ms() { return time_.steady_ns() / 1'000'000; }

std::optional<std::int64_t> manual_loop::next_due_ms() {
    const std::lock_guard lock(mutex_);
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
}

bool manual_loop::run_one_posted() {
    std::function<void()> work;
    {
        const std::lock_guard lock(mutex_);
        if (posted_.empty()) return false;
        work = std::move(posted_.front());
        posted_.pop_front();
    }
    work();
    return true;
}

bool manual_loop::run_one_timer_due() {
    std::function<void()> work;
    {
        const std::lock_guard lock(mutex_);
        const auto first = timers_.begin();
        if (first == timers_.end() || first->first.first > now_ms()) return false;
        work = std::move(first->second);
        due_.erase(first->first.second);
        timers_.erase(first);
    }
    work();
    return true;
}

void manual_loop::clear() {
    std::deque<std::function<void()>> posted;
    std::map<std::pair<std::int64_t, timer_id>, std::function<void()>> timers;
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
    timers.swap(timers_);
    due_.clear();
}

}  // namespace sluice::base
