// The record of one execution: what it did before a restart, and what it does now.
//
// Finished steps are collected and sent to the store's writer without waiting; they are durable
// with the next group commit. One batch is under way at a time: what is durable is always a
// beginning of what happened, also when the disk refuses one batch and takes the next. After a
// crash a step that was not recorded runs again, with the same idempotency key. Belongs to the
// event loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/event_loop.hpp"
#include "base/task.hpp"
#include "store/store.hpp"

namespace sluice::engine {

// The kind of a record that says no more than which connector a call, still under way, is made in.
inline constexpr const char* begun_call = "begun";

class journal {
  public:
    // Why nothing more can be recorded by this run of the execution.
    enum class loss {
        taken_over,   // another owner has it: it must stop without another word
        not_written,  // the disk did not take it: it may start again from what is recorded
    };

    // `target` null: nothing is kept (offline runs). `recorded`: the steps of earlier processes.
    // `on_lost` runs once, on the loop, when a write is refused.
    journal(store::store* target, base::event_loop& loop, store::event_id event,
            store::partition_id partition, store::epoch_number epoch,
            std::vector<store::step_record> recorded, std::function<void(loss)> on_lost);
    ~journal();
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    // Whether an earlier process recorded anything, and when its first step began.
    bool has_earlier() const { return !recorded_.empty(); }
    std::int64_t first_start_ms() const { return first_start_ms_; }
    // Whether there is any record, so that a repetition has a time to count from.
    bool has_any() const { return has_earlier() || total_bytes_ > 0; }
    // The outcome of the `run`-th run of the task at `path`, when an earlier process recorded it.
    // Lives as long as the journal.
    const store::step_record* recorded(const std::string& path, std::int64_t run) const;

    void record(store::step_record step);
    // One record in place of several; a record of the same path and item is replaced. `replaced`:
    // how many bytes of earlier records it stands for.
    void collapse(store::collapse_op change, std::size_t replaced = 0);
    // Another change, in the transaction of the next record.
    void add(store::op change);
    bool keeps() const { return target_ != nullptr; }
    // Bytes of records that wait to be sent, and of all that this run has made and not replaced.
    std::size_t pending_bytes() const { return pending_bytes_; }
    std::size_t total_bytes() const { return total_bytes_; }
    // Whether all that was recorded is on disk.
    bool is_durable() const { return pending_.empty() && queue_.empty() && !under_way_; }
    // Says that the execution waits until `due_ms`.
    void park(std::int64_t due_ms);
    // Sends what was collected: now, or when the loop comes round.
    void flush();
    void flush_soon();
    using committed = std::function<void(base::result<store::commit_outcome>)>;
    // Sends what was collected; `done` runs on the loop, once, with what became of it.
    void commit(committed done);
    // These changes as a transaction of their own, after what was collected before: a conflict
    // refuses nothing else.
    void commit_apart(std::vector<store::op> changes, committed done);
    // Sends what was collected together with the end. `done` runs on the loop when it is durable,
    // or with the reason why it is not.
    void finish(store::finish_op end, std::function<void(base::result<void>)> done);
    // Nothing will be sent any more.
    void abandon();

  private:
    struct shared_state;
    struct batch {
        std::vector<store::op> changes;
        std::vector<committed> done;
        bool apart = false;
    };

    void count(const store::step_record& step);
    void enqueue(batch next);
    void send_next();
    void answered(const base::result<store::commit_outcome>& outcome,
                  const std::vector<committed>& done);

    store::store* target_;
    base::event_loop& loop_;
    store::event_id event_;
    store::partition_id partition_;
    store::epoch_number epoch_;
    std::unordered_map<std::string, store::step_record> recorded_;
    std::int64_t first_start_ms_ = 0;
    std::vector<store::op> pending_;
    std::size_t pending_bytes_ = 0;
    std::size_t total_bytes_ = 0;
    std::vector<batch> queue_;  // hardly ever more than one
    bool under_way_ = false;
    bool will_flush_ = false;
    std::shared_ptr<shared_state> state_;
};

}  // namespace sluice::engine
