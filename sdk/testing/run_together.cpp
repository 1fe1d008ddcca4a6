// Many calls at the same time: each strand runs on one of several threads, never on two at once.
#include <algorithm>
#include <set>
#include <thread>

#include "mock_core.hpp"
#include "sluice/failure.hpp"
#include "strand_watch.hpp"

namespace sluice::testing {
namespace {

constexpr unsigned most_pool_threads = 8;
// How far the choice of the next event looks; all that it needs is not to be predictable.
constexpr unsigned farthest = 64;

}  // namespace

std::vector<call_result> mock_core::run_together(const std::vector<call_plan>& plans,
                                                 unsigned threads, std::uint64_t seed) {
    std::vector<call_result> results(plans.size());
    std::vector<mock_call*> running(plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const sluice_action* action = nullptr;
        running[i] = plan(plans[i], action, results[i]);
        if (running[i] == nullptr) continue;
        mock_call& call = *running[i];
        if ((action->flags & SLUICE_ACTION_BLOCKING) != 0) {
            waiting_for_pool_.push_back({action, &call});
            continue;
        }
        events_[{now_ms, next_++}] = {0, &call, [this, action, &call](const sluice_error*) {
                                          action->start(self_, call.handle(), call.request.get());
                                      }};
    }
    std::vector<std::thread> workers;
    const std::size_t pool = std::min<std::size_t>(most_pool_threads, waiting_for_pool_.size());
    for (std::size_t i = 0; i < pool; ++i)
        workers.emplace_back([this] { work_on_pool(); });
    for (unsigned i = 0; i < threads; ++i)
        workers.emplace_back([this, seed, i] { work_on_strands(seed + i); });
    for (std::thread& worker : workers)
        worker.join();

    const auto guard = lock();
    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (running[i] == nullptr) continue;
        check_end(*running[i]);
        check_blobs(*running[i]);
        results[i] = running[i]->result;
    }
    return results;
}

void mock_core::work_on_pool() {
    auto guard = lock();
    while (!waiting_for_pool_.empty()) {
        const blocking_start next = waiting_for_pool_.front();
        waiting_for_pool_.pop_front();
        ++busy_pool_;
        mock_call& call = *next.call;
        if (call.cancel_at) {
            // A cancel may come at any moment of a blocking action: this is one of them.
            events_[{now_ms, next_++}] = {0, &call,
                                          [this, &call](const sluice_error*) { cancel(call); }};
            changed_.notify_all();
        }
        guard.unlock();
        run_guarded(call, [&] { next.action->start(self_, call.handle(), call.request.get()); });
        guard.lock();
        if (call.slot != nullptr) {
            call.result.problems.push_back(
                "a blocking action wrote to its slot, which belongs to the strand");
        }
        --busy_pool_;
        changed_.notify_all();
    }
}

mock_core::event_map::iterator mock_core::next_runnable(std::mt19937_64& random) {
    std::set<const mock_call*> passed_over;
    auto chosen = events_.end();
    unsigned looked_at = 0;
    for (auto at = events_.begin(); at != events_.end() && looked_at < farthest; ++at) {
        const mock_call* const call = at->second.call;
        if (call->busy || passed_over.contains(call)) continue;
        // What comes later in time waits until nothing else is left.
        if (chosen != events_.end() && at->first.first > std::max(now_ms, chosen->first.first)) {
            break;
        }
        if (chosen == events_.end()) chosen = at;
        ++looked_at;
        if (random() % 4 == 0) return at;
        passed_over.insert(call);  // its events stay in order
    }
    return chosen;
}

void mock_core::work_on_strands(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    auto guard = lock();
    for (;;) {
        const auto next = next_runnable(random);
        if (next == events_.end()) {
            const bool others_run = busy_strands_ + busy_pool_ != 0 || !waiting_for_pool_.empty();
            if (!events_.empty() || others_run) {
                changed_.wait(guard);
                continue;
            }
            const auto waits_for_its_thread = [&] {
                return std::any_of(calls_.begin(), calls_.end(),
                                   [](const auto& one) { return !one.second->ended; });
            };
            if (options_.patience_ms != 0 && waits_for_its_thread() &&
                changed_.wait_for(guard, std::chrono::milliseconds(options_.patience_ms)) ==
                    std::cv_status::no_timeout) {
                continue;
            }
            changed_.notify_all();
            return;
        }
        auto node = events_.extract(next);
        now_ms = std::max(now_ms, node.key().first);
        mock_call& call = *node.mapped().call;
        // Work that waits when its call ends may run all the same.
        const bool late_work = call.ended && node.mapped().work && random() % 2 == 0;
        if (call.ended && !late_work) continue;
        call.busy = true;
        ++busy_strands_;
        guard.unlock();
        if (late_work) {
            run_work(node.mapped());
        } else {
            run_event(node.mapped());
        }
        guard.lock();
        if (wants_cancel(call)) {
            guard.unlock();
            cancel(call);
            guard.lock();
        }
        call.busy = false;
        --busy_strands_;
        changed_.notify_all();
    }
}

}  // namespace sluice::testing
