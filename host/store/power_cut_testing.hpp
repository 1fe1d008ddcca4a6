// One life after another of a store on a failing disk: random work, a power cut somewhere in it, a
// restart, and a check that every promise was kept. All of it follows from the seed: the store
// runs on the caller's thread.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/manual_loop.hpp"
#include "store/fault_vfs_testing.hpp"
#include "store/store_testing.hpp"

namespace sluice::store::testing {

// What was told to the callers. "Unknown" is what was asked for without an answer before the cut:
// it may be there, but only whole.
struct told {
    struct event {
        std::string payload;
        std::string key;
        bool stored = false;  // acknowledged
        bool asked_end = false;
        event_state end = event_state::ready;  // acknowledged when terminal
    };
    struct batch {  // of steps
        event_id event = 0;
        std::vector<std::string> paths;
        bool committed = false;
    };
    std::map<event_id, event> events;
    std::vector<batch> batches;
    std::map<std::string, event_id> keys;  // acknowledged: key and payload -> event
    std::int64_t counter = 0;              // of a state value: the largest acknowledged
    std::int64_t asked_counter = 0;        // and the largest asked for
    std::uint64_t acknowledged = 0;        // all answers that promised something
};

class failing_life {
  public:
    explicit failing_life(std::uint64_t seed);

    // Opens the store; nothing when the disk failed meanwhile.
    std::unique_ptr<store> open();
    // Queues random batches and lets the writer run, until `rounds` are over or the disk fails.
    void work(store& on, int rounds);
    // Compares a freshly opened store with what was told. Adds gtest failures.
    void check(store& found);
    // SQLite's own opinion of the file.
    void check_integrity();

    fault_vfs& disk() { return disk_; }
    const told& history() const { return told_; }
    std::mt19937_64& random() { return random_; }
    // Lets the writer handle what is queued.
    void run() { loop_.run_ready(); }
    int fatal_errors() const { return fatal_errors_; }
    // Appends that were answered with a refusal or an error.
    int refusals() const { return refusals_; }

  private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    void append_some(store& on);
    void commit_some(store& on);
    void count_up(store& on);
    void note_append(const std::vector<new_event>& asked,
                     const base::result<std::vector<append_outcome>>& reply);
    void check_events(store& found);
    void check_steps(store& found);
    void check_duplicates(store& found);
    void check_ends(store& found);

    std::mt19937_64 random_;
    fault_vfs disk_;
    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    told told_;
    event_id last_id_ = 0;
    int fatal_errors_ = 0;
    int refusals_ = 0;
};

}  // namespace sluice::store::testing
