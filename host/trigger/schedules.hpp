// Flows that start by the clock: one timer for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time_zone.hpp"
#include "engine/bound_flow.hpp"
#include "manifest/cron.hpp"
#include "store/store.hpp"
#include "trigger/live_runs.hpp"
#include "trigger/schedule_position.hpp"

namespace sluice::trigger {

// All of it outlives the schedules.
struct schedule_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    // A tick that is durable is to run.
    std::function<void(const store::new_event&, json::value payload)> accept;
};

struct schedule_stats {
    std::uint64_t fired = 0;
    std::uint64_t missed = 0;      // came while nothing ran, and the flow's rule left them out
    std::uint64_t overlapped = 0;  // left out because the run before still went on
    std::int64_t last_late_ms = 0;
    std::int64_t most_late_ms = 0;  // of ticks that were not missed
};

struct planned_tick {
    std::string instance;
    std::string flow;
    std::int64_t at_ms = 0;
};

// By instance and flow; those that the store has.
using schedule_positions = std::map<std::pair<std::string, std::string>, schedule_position>;

// Each tick starts at most once, also across crashes: the event and the place of its schedule in
// time are written in one transaction. Loop thread.
class schedules {
  public:
    explicit schedules(schedule_ports ports);
    ~schedules();
    schedules(const schedules&) = delete;
    schedules& operator=(const schedules&) = delete;

    // Reads where each schedule was and plans its next tick; flows without a schedule are left out.
    // Before the loop runs; blocks. An error: the store cannot be read or written.
    // `live`: what engine::recover() found.
    base::result<void> start(const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
                             const live_runs& live);
    // What the store keeps of the schedules among these flows, for replace(). Any thread; blocks.
    static base::result<schedule_positions> read(
        store::store& from, const std::vector<std::shared_ptr<const engine::bound_flow>>& flows);
    // These are the flows of these instances from now on. A schedule whose times are the same goes
    // on where it is; one that is gone rests. `kept`: for schedules that were not here before.
    void replace(const std::vector<std::string>& instances,
                 const std::vector<std::shared_ptr<const engine::bound_flow>>& flows,
                 const schedule_positions& kept);
    // For engine::observe_ends: the end of an execution, maybe one of a schedule.
    void on_end(store::event_id id);
    // No more ticks. What is being written becomes durable, and runs after the next start.
    void stop();

    std::vector<planned_tick> planned() const;  // by time; without those that wait for a run's end
    const schedule_stats& stats() const { return stats_; }

  private:
    struct schedule;
    struct wake {
        std::int64_t at_ms;
        std::size_t which;
        std::uint64_t plan;  // of the schedule: another one has come in its place since
        bool operator>(const wake& other) const { return at_ms > other.at_ms; }
    };

    base::result<schedule*> add(const std::shared_ptr<const engine::bound_flow>& flow,
                                const schedule_positions& kept);
    bool take_rule(schedule& of);
    base::result<void> wait_from_last_end(schedule& of);
    void write_fresh(const std::vector<schedule*>& fresh);
    void plan(std::size_t which);
    void arm();
    void run_due();
    void tick(std::size_t which);
    void write(std::size_t which, schedule_position next, std::vector<std::int64_t> nominal,
               std::uint64_t missed);
    void written(std::size_t which, schedule_position next, std::vector<store::new_event> events,
                 const base::result<store::commit_outcome>& outcome);
    base::result<store::epoch_number> epoch(store::partition_id partition);

    schedule_ports ports_;
    std::vector<std::unique_ptr<schedule>> all_;
    std::priority_queue<wake, std::vector<wake>, std::greater<>> heap_;
    std::map<std::string, std::size_t, std::less<>> by_flow_;  // "instance/flow"
    std::unordered_map<store::event_id, std::size_t> runs_;    // that have not ended
    std::unordered_map<store::partition_id, store::epoch_number> epochs_;
    base::event_loop::timer_id timer_ = 0;
    std::size_t writing_ = 0;
    bool stopped_ = false;
    schedule_stats stats_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::trigger
