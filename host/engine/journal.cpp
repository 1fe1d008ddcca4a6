#include "engine/journal.hpp"

#include <utility>

#include "base/log.hpp"

namespace sluice::engine {

// Outlives the journal: answers of the store may arrive after the execution is gone.
struct journal::shared_state {
    std::function<void()> on_lost;
    bool lost = false;
};

namespace {

std::string run_key(const std::string& path, std::int64_t run) {
    return path + '#' + std::to_string(run);
}

}  // namespace

journal::journal(store::store* target, base::event_loop& loop, store::event_id event,
                 store::partition_id partition, store::epoch_number epoch,
                 std::vector<store::step_record> recorded, std::function<void()> on_lost)
    : target_(target),
      loop_(loop),
      event_(event),
      partition_(partition),
      epoch_(epoch),
      state_(std::make_shared<shared_state>()) {
    state_->on_lost = std::move(on_lost);
    for (store::step_record& step : recorded) {
        std::string key = run_key(step.path, step.item);
        recorded_.emplace(std::move(key), std::move(step));
    }
}

journal::~journal() { abandon(); }

const store::step_record* journal::recorded(const std::string& path, std::int64_t run) const {
    if (recorded_.empty()) return nullptr;
    const auto found = recorded_.find(run_key(path, run));
    return found == recorded_.end() ? nullptr : &found->second;
}

void journal::record(store::step_record step) {
    if (target_ == nullptr) return;
    pending_.emplace_back(store::checkpoint_op{event_, std::move(step)});
}

void journal::park(std::int64_t due_ms) {
    if (target_ == nullptr) return;
    pending_.emplace_back(store::park_op{event_, due_ms});
    flush();
}

void journal::flush() {
    if (pending_.empty() || state_->lost) return;
    target_->commit(partition_, epoch_, std::exchange(pending_, {}),
                    [state = state_, &loop = loop_](base::result<store::commit_outcome> outcome) {
                        if (outcome && *outcome == store::commit_outcome::committed) return;
                        loop.post([state] {
                            if (std::exchange(state->lost, true) || !state->on_lost) return;
                            state->on_lost();
                        });
                    });
}

void journal::finish(store::finish_op end, std::function<void(base::result<void>)> done) {
    if (target_ == nullptr) {
        loop_.post([done = std::move(done)] { done({}); });
        return;
    }
    if (state_->lost) {
        loop_.post([done = std::move(done)] {
            done(base::make_error(base::error_code::conflict,
                                  "another owner has taken over this execution"));
        });
        return;
    }
    end.event = event_;
    pending_.emplace_back(std::move(end));
    target_->commit(
        partition_, epoch_, std::exchange(pending_, {}),
        [&loop = loop_, done = std::move(done)](base::result<store::commit_outcome> outcome) {
            base::result<void> answer;
            if (!outcome) {
                answer = std::move(outcome).error_value();
            } else if (*outcome != store::commit_outcome::committed) {
                answer = base::make_error(base::error_code::conflict,
                                          "another owner has taken over this execution");
            }
            loop.post([done, answer = std::move(answer)] { done(answer); });
        });
}

void journal::abandon() {
    state_->on_lost = {};
    state_->lost = true;
    pending_.clear();
}

}  // namespace sluice::engine
