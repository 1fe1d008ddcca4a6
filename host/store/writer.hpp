// The one thread that writes: takes everything that queued up while the last fsync ran, puts it
// into one transaction, and answers. Internal to this module.
#pragma once

#include <SQLiteCpp/Database.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/thread.hpp"
#include "store/checkpointer.hpp"
#include "store/disk_guard.hpp"
#include "store/group.hpp"
#include "store/request.hpp"

namespace sluice::store {

struct writer_options {
    base::clock* clock = nullptr;
    base::event_loop* run_on = nullptr;  // instead of a thread
    std::int64_t dedup_window_ms = 0;
    std::int64_t boot = 0;
    std::function<void(const base::error&)> on_fatal;
    std::function<void(std::int64_t microseconds, std::size_t requests)> on_commit;
};

class writer {
  public:
    writer(std::unique_ptr<SQLite::Database> database, std::unique_ptr<disk_guard> disk,
           writer_options options);
    ~writer();

    // Any thread. After stop() the answer comes at once, on the caller's thread.
    void submit(request one);

    // Without a thread: handles everything that is queued now. On the loop's thread.
    void drain();

    // Finishes what is queued, ends the boot, calls `before_close` (readers must go first) and
    // closes the connection. Idempotent. Not from a callback.
    void stop(const std::function<void()>& before_close);

    // queued, last_commit_us, wal_bytes, free_bytes, admitting, transactions, batches. Any thread.
    health_report health() const;

  private:
    using group = std::vector<request>;

    void run();             // the thread
    group take(bool wait);  // empty: nothing to write for now
    void turn();            // run_on: one group, then the next turn
    void write(group& all);
    std::optional<base::error> commit(group& all);  // an error that ends the store
    void answer(group& all);
    void housekeeping();
    bool is_stopping() const;
    void fail_for_good(const base::error& why);

    std::unique_ptr<SQLite::Database> database_;
    std::unique_ptr<disk_guard> disk_;
    writer_options options_;
    std::unique_ptr<checkpointer> log_;
    std::unique_ptr<group_commit> committer_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<request> queue_;
    bool stopping_ = false;
    bool posted_ = false;  // run_on: a turn is on its way

    std::optional<base::error> failure_;  // set by the writer's thread, read by it
    std::atomic<std::int64_t> last_commit_us_{0};
    std::atomic<std::int64_t> wal_bytes_{0};
    std::atomic<std::uint64_t> transactions_{0};
    std::atomic<std::uint64_t> batches_{0};
    base::event_loop::timer_id idle_timer_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for turns still posted
    base::thread thread_;
};

}  // namespace sluice::store
