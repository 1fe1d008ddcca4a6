#include "engine/journal.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace sluice::engine {

// Outlives the journal: answers of the store may arrive after the execution is gone.
struct journal::shared_state {
    journal* owner = nullptr;  // null: it is gone
    std::function<void(loss)> on_lost;
    bool lost = false;

    void lose(loss why) {
        if (std::exchange(lost, true) || !on_lost) return;
        const auto tell = std::exchange(on_lost, {});
        tell(why);
    }
};

namespace {

std::string run_key(const std::string& path, std::int64_t run) {
    return path + '#' + std::to_string(run);
}

}  // namespace

journal::journal(store::store* target, base::event_loop& loop, store::event_id event,
                 store::partition_id partition, store::epoch_number epoch,
                 std::vector<store::step_record> recorded, std::function<void(loss)> on_lost)
    : target_(target),
      loop_(loop),
      event_(event),
      partition_(partition),
      epoch_(epoch),
      state_(std::make_shared<shared_state>()) {
    state_->owner = this;
    state_->on_lost = std::move(on_lost);
    for (store::step_record& step : recorded) {
        if (recorded_.empty() || step.started_ms < first_start_ms_) {
            first_start_ms_ = step.started_ms;
        }
        std::string key = run_key(step.path, step.item);
        recorded_.emplace(std::move(key), std::move(step));
    }
}

journal::~journal() {
    abandon();
    state_->owner = nullptr;
}

const store::step_record* journal::recorded(const std::string& path, std::int64_t run) const {
    if (recorded_.empty()) return nullptr;
    const auto found = recorded_.find(run_key(path, run));
    return found == recorded_.end() ? nullptr : &found->second;
}

void journal::count(const store::step_record& step) {
    const std::size_t bytes =
        step.input_json.size() + step.output_json.size() + step.error_json.size() + 200;
    pending_bytes_ += bytes;
    total_bytes_ += bytes;
}

void journal::record(store::step_record step) {
    if (target_ == nullptr) return;
    count(step);
    pending_.emplace_back(store::checkpoint_op{event_, std::move(step)});
}

void journal::collapse(store::collapse_op change, std::size_t replaced) {
    if (target_ == nullptr) return;
    total_bytes_ -= std::min(total_bytes_, replaced);
    change.event = event_;
    count(change.step);
    pending_.emplace_back(std::move(change));
}

void journal::add(store::op change) {
    if (target_ == nullptr) return;
    pending_.emplace_back(std::move(change));
}

void journal::park(std::int64_t due_ms) {
    if (target_ == nullptr) return;
    pending_.emplace_back(store::park_op{event_, due_ms});
    flush();
}

void journal::flush() {
    if (!pending_.empty()) enqueue({std::exchange(pending_, {}), {}, false});
}

void journal::flush_soon() {
    if (pending_.empty() || std::exchange(will_flush_, true)) return;
    loop_.post([state = state_] {
        if (state->owner == nullptr) return;
        state->owner->will_flush_ = false;
        state->owner->flush();
    });
}

void journal::commit(committed done) {
    batch all{std::exchange(pending_, {}), {}, false};
    all.done.push_back(std::move(done));
    enqueue(std::move(all));
}

void journal::commit_apart(std::vector<store::op> changes, committed done) {
    flush();
    batch alone{std::move(changes), {}, true};
    alone.done.push_back(std::move(done));
    enqueue(std::move(alone));
}

void journal::enqueue(batch next) {
    pending_bytes_ = 0;
    if (target_ == nullptr || state_->lost) {
        loop_.post([done = std::move(next.done), lost = state_->lost] {
            for (const committed& one : done)
                one(lost ? store::commit_outcome::fenced : store::commit_outcome::committed);
        });
        return;
    }
    if (!queue_.empty() && !queue_.back().apart && !next.apart) {
        batch& last = queue_.back();
        std::move(next.changes.begin(), next.changes.end(), std::back_inserter(last.changes));
        std::move(next.done.begin(), next.done.end(), std::back_inserter(last.done));
    } else {
        queue_.push_back(std::move(next));
    }
    send_next();
}

void journal::send_next() {
    if (under_way_ || queue_.empty()) return;
    under_way_ = true;
    batch next = std::move(queue_.front());
    queue_.erase(queue_.begin());
    target_->commit(partition_, epoch_, std::move(next.changes),
                    [state = state_, &loop = loop_, done = std::move(next.done)](
                        base::result<store::commit_outcome> outcome) mutable {
                        loop.post([state = std::move(state), done = std::move(done),
                                   outcome = std::move(outcome)] {
                            if (state->owner != nullptr)
                                return state->owner->answered(outcome, done);
                            for (const committed& one : done)
                                one(outcome);
                        });
                    });
}

void journal::answered(const base::result<store::commit_outcome>& outcome,
                       const std::vector<committed>& done) {
    const std::shared_ptr<shared_state> state = state_;  // this may end in what is called
    under_way_ = false;
    std::vector<committed> refused;
    const bool lost = !outcome || *outcome == store::commit_outcome::fenced;
    if (lost) {
        for (batch& one : queue_)
            std::move(one.done.begin(), one.done.end(), std::back_inserter(refused));
        queue_.clear();
    } else {
        send_next();
    }
    if (!outcome) {
        base::log(base::log_level::warning,
                  "steps of an execution could not be stored; it starts again later",
                  {{"why", outcome.error_value().to_text()}});
        state->lose(loss::not_written);
    } else if (lost) {
        state->lose(loss::taken_over);
    }
    for (const committed& one : done)
        one(outcome);
    for (const committed& one : refused)
        one(outcome);
}

void journal::finish(store::finish_op end, std::function<void(base::result<void>)> done) {
    end.event = event_;
    add(std::move(end));
    commit([done = std::move(done)](const base::result<store::commit_outcome>& outcome) {
        if (!outcome) return done(outcome.error_value());
        if (*outcome == store::commit_outcome::committed) return done({});
        done(base::make_error(base::error_code::conflict,
                              "another owner has taken over this execution"));
    });
}

void journal::abandon() {
    state_->on_lost = {};
    state_->lost = true;
    pending_.clear();
}

}  // namespace sluice::engine
