// Flows that start by what a call finds: the triggers `poll` and `queue`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"
#include "trigger/live_runs.hpp"
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
    std::size_t calls_at_once = 1'000;            // of all flows
    std::size_t calls_at_once_per_instance = 32;  // a customer's slow source delays its own flows
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

// A trigger of which calls have failed since the start.
struct poll_failure {
    std::string instance;
    std::string flow;
    std::uint64_t failed = 0;
    bool goes_on = false;  // the last call did not: it is mended
    std::int64_t last_ms = 0;
    std::string why;  // of the last one
};

// By instance and flow; those that the store has.
using poll_positions = std::map<std::pair<std::string, std::string>, poll_position>;

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
    // `live`: what engine::recover() found.
    base::result<void> start(const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
                             const live_runs& live);
    // What the store keeps for the pollers among these flows, for replace(). Any thread; blocks.
    static base::result<poll_positions> read(
        store::store& from, const std::vector<std::shared_ptr<const engine::bound_flow>>& flows);
    // These are the flows of these instances from now on. A trigger that was here before goes on at
    // its cursor; one that is gone rests, and what its call under way found is found again. `kept`:
    // for those that were not here before.
    void replace(const std::vector<std::string>& instances,
                 const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
                 const poll_positions& kept);
    // For engine::observe_ends.
    void on_end(store::event_id id);
    // No more calls; those under way are cancelled, and what they found is found again. What is on
    // disk is still acknowledged.
    void stop();

    const poll_stats& stats() const { return stats_; }
    // By instance and flow.
    std::vector<poll_failure> failures() const;

  private:
    struct poller;
    struct page;
    using page_ptr = std::shared_ptr<page>;

    using flow_list = std::vector<std::shared_ptr<const engine::bound_flow>>;
    std::vector<std::size_t> add(const flow_list& flows, const poll_positions& kept);
    void plan_first(std::size_t which);
    void plan(std::size_t which, std::int64_t wait_ms);
    void ask(std::size_t which);
    bool begin(std::size_t which);  // the first cursor; false: the first call comes later
    void fetch(std::size_t which);
    bool may_call(const poller& of) const;
    void release(const std::string& instance);  // one call fewer
    void answered(std::size_t which, const engine::end_of_execution& end);
    void prepare(std::size_t which, page_ptr found);
    void write(std::size_t which, page_ptr found);
    void written(std::size_t which, const page& found,
                 const base::result<store::commit_outcome>& outcome);
    void acknowledge(std::size_t which, const page& found, bool fresh);
    void plan_next(std::size_t which, bool at_once);
    void failed(std::size_t which, const std::string& why, std::int64_t asked_ms = 0);
    void commit(const poller& of, std::vector<store::op> ops,
                std::function<void(const base::result<store::commit_outcome>&)> done);

    poll_ports ports_;
    poll_options options_;
    std::vector<std::unique_ptr<poller>> all_;
    std::map<std::string, std::size_t, std::less<>> by_flow_;  // "instance/flow"
    std::vector<std::size_t> held_;  // due, while too many calls are under way
    std::unordered_map<store::event_id, std::size_t> runs_;  // that have not ended
    std::size_t calls_ = 0;
    std::unordered_map<std::string, std::size_t> calls_of_;  // by instance
    bool stopped_ = false;
    poll_stats stats_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::trigger
