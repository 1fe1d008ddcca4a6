#include "engine/journal.hpp"

#include <utility>

#include "base/log.hpp"

namespace sluice::engine {

// Outlives the journal: answers of the store may arrive after the execution is gone.
struct journal::shared_state {
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

void journal::collapse(store::collapse_op change) {
    if (target_ == nullptr) return;
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
    if (!pending_.empty()) send({});
}

void journal::commit(std::function<void(base::result<store::commit_outcome>)> done) {
    if (target_ != nullptr && !state_->lost) return send(std::move(done));
    loop_.post([done = std::move(done), lost = state_->lost] {
        done(lost ? store::commit_outcome::fenced : store::commit_outcome::committed);
    });
}

void journal::send(std::function<void(base::result<store::commit_outcome>)> done) {
    if (state_->lost) return;
    pending_bytes_ = 0;
    target_->commit(
        partition_, epoch_, std::exchange(pending_, {}),
        [state = state_, &loop = loop_,
         done = std::move(done)](base::result<store::commit_outcome> outcome) {
            const bool good = outcome && *outcome == store::commit_outcome::committed;
            if (good && !done) return;
            loop.post([state, done, outcome = std::move(outcome)] {
                if (!outcome) {
                    base::log(base::log_level::warning,
                              "steps of an execution could not be stored; it starts again later",
                              {{"why", outcome.error_value().to_text()}});
                    state->lose(loss::not_written);
                } else if (*outcome == store::commit_outcome::fenced) {
                    state->lose(loss::taken_over);
                }
                if (done) done(outcome);
            });
        });
}

void journal::finish(store::finish_op end, std::function<void(base::result<void>)> done) {
    if (target_ == nullptr) {
        loop_.post([done = std::move(done)] { done({}); });
        return;
    }
    end.event = event_;
    pending_.emplace_back(std::move(end));
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
