// Lets finished executions go after a time: first their records, then their files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "plugin/blob_registry.hpp"
#include "store/store.hpp"

namespace sluice::engine {

struct retention_options {
    std::int64_t keep_ms = 30ll * 24 * 3'600'000;  // after the end; 0: for ever
    std::int64_t every_ms = 600'000;               // between two searches
    int page = 200;                                // executions looked at and removed in one go
};

// Everything here outlives the retention and its unfinished work.
struct retention_ports {
    base::event_loop& loop;
    base::clock& clock;
    store::store& store;
    std::shared_ptr<plugin::blob_registry> blobs;  // shared with its work that ends later
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

// Loop thread.
class retention {
  public:
    retention(retention_ports ports, retention_options options);
    ~retention();  // nothing new begins
    retention(const retention&) = delete;
    retention& operator=(const retention&) = delete;

    // Removes the files that a crash left: folders without an execution, and what was not sealed.
    // `folders` are those of earlier processes (blob_registry::stored(), taken before this process
    // accepts anything). Then removes old executions, now and every every_ms. Live executions,
    // their parents and their children are never touched.
    void start(std::vector<store::event_id> folders);

    std::uint64_t removed() const { return removed_; }  // executions, by this process

  private:
    void clean(std::vector<store::event_id> folders);
    void search(store::event_id after);
    void found(const store::ended_page& page);
    void remove(std::vector<store::event_id> ids, store::event_id next);
    void later();
    // `work` somewhere else, then `after` with what it gave, on the loop, unless we are gone.
    template <class Result>
    void aside(std::function<Result()> work, std::function<void(Result)> after);

    retention_ports ports_;
    const retention_options options_;
    std::uint64_t removed_ = 0;
    base::event_loop::timer_id timer_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::engine
