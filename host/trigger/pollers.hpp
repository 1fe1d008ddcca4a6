// Flows that start by what a call finds: the triggers `poll` and `queue`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"
#include "trigger/poll_reply.hpp"

namespace sluice::trigger {

// All of it outlives the pollers.
struct poll_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    engine::engine& engine;  // runs the calls, and what they find
};

struct poll_options {
    std::size_t calls_at_once = 64;  // of all flows
    // Of one flow: with so many of its runs not ended it asks for no more.
    std::int64_t most_waiting = 1'000;
    std::int64_t longest_spread_ms = 30'000;  // first calls after a start come within this
};

struct poll_stats {
    std::uint64_t calls = 0;
    std::uint64_t found_nothing = 0;
    std::uint64_t failed = 0;
    std::uint64_t events = 0;      // started
    std::uint64_t duplicates = 0;  // found again, and left out by the flow's `queue.dedupe`
};

// Events and the cursor behind them are written in one transaction: nothing is lost, and nothing is
// found twice by what moves its cursor. A call that finds nothing writes nothing. Loop thread.
class pollers {
  public:
    explicit pollers(poll_ports ports, poll_options options = {});
    ~pollers();
    pollers(const pollers&) = delete;
    pollers& operator=(const pollers&) = delete;

    // Reads each cursor and plans the first calls; flows with other triggers are left out. Before
    // the loop runs; blocks. An error: the store cannot be read.
    base::result<void> start(const std::vector<std::shared_ptr<const engine::bound_flow>>& flows);
    // For engine::observe_ends.
    void on_end(store::event_id id);
    // No more calls; those under way are cancelled, and what they found is found again.
    void stop();

    const poll_stats& stats() const { return stats_; }

  private:
    struct poller;

    void plan(std::size_t which, std::int64_t wait_ms);
    void ask(std::size_t which);
    void answered(std::size_t which, const engine::end_of_execution& end);
    void write(std::size_t which, poll_reply found);
    void written(std::size_t which, const poll_reply& found, std::vector<store::new_event> events,
                 const std::vector<std::shared_ptr<store::append_outcome>>& outcomes,
                 const base::result<store::commit_outcome>& outcome);
    void acknowledge(std::size_t which, const poll_reply& found);
    void plan_next(std::size_t which, const poll_reply& found);
    void failed(std::size_t which, const std::string& why, std::int64_t asked_ms = 0);
    void release();  // one call fewer

    poll_ports ports_;
    poll_options options_;
    std::vector<std::unique_ptr<poller>> all_;
    std::vector<std::size_t> held_;  // due, while too many calls are under way
    std::unordered_map<store::event_id, std::size_t> runs_;  // that have not ended
    std::size_t calls_ = 0;
    bool stopped_ = false;
    poll_stats stats_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::trigger
