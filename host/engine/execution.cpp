#include "engine/execution.hpp"

#include <utility>

#include "engine/alerts.hpp"
#include "engine/delivery.hpp"
#include "engine/hide_secrets.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "manifest/duration.hpp"

namespace sluice::engine {

execution::execution(surroundings& host, start_of_execution start)
    : host_(host),
      start_(std::move(start)),
      brings_event_(start_.event != nullptr),
      journal_(start_.unrecorded ? nullptr : host.store, host.loop, start_.id, start_.partition,
               start_.epoch, std::move(start_.recorded),
               [this](journal::loss why) {
                   retry_later_ = why == journal::loss::not_written;
                   journal_.abandon();
                   stop();
               }),
      // The first step that was recorded began when the execution did.
      started_ms_(journal_.has_earlier() ? journal_.first_start_ms() : host.clock.unix_ms()),
      walk_(*this, scope(*start_.flow, start_.id, start_.payload, start_.accepted_ms),
            started_ms_) {
    if (start_.event)
        journal_.add(store::append_op{std::move(*std::exchange(start_.event, {})), true});
}

execution::~execution() = default;

void execution::run(std::function<void(end_of_execution)> done) {
    done_ = std::move(done);
    root_.emplace(main());
}

void execution::stop() {
    if (std::exchange(stopped_, true)) return;
    walk_.cancel();
}

void execution::park() {
    if (stopped_) return;
    parks_ = true;
    stop();
}

std::int64_t execution::rests_until() const {
    const bool rests = busy_ == 0 && !stopped_ && want_permit_.empty() && !dues_.empty();
    return rests && journal_.has_any() ? *dues_.begin() : 0;
}

void execution::cancel() {
    if (stopped_) return;
    cancelled_ = true;
    stop();
}

base::task<> execution::main() {
    if (start_.deadline_ms != 0) walk_.set_deadline(start_.deadline_ms);
    outcome result = co_await walk_.run_flow(*start_.flow->flow, start_.payload);
    end(std::move(result));
}

// Not in main(): what stands there is there as long as the execution waits for others.
void execution::end(outcome result) {
    end_of_execution end;
    end.ended_ms = host_.clock.unix_ms();
    if (stopped_ && !cancelled_) {
        // What was done so far is kept before anybody takes it up again.
        end.retry_later = retry_later_;
        if (brings_event_) {
            // The sender is told that it was refused, so nothing of it may stay.
            journal_.abandon();
            host_.loop.post([done = std::move(done_), end] { done(end); });
            return;
        }
        journal_.commit([done = std::move(done_), end, parks = parks_](const auto& durable) {
            end_of_execution told = end;
            told.parked = parks && durable && *durable == store::commit_outcome::committed;
            if (parks && !durable) told.retry_later = true;
            done(told);
        });
        return;
    }
    store::finish_op finish;
    finish.ended_ms = end.ended_ms;
    finish.keep_metadata_only = start_.flow->flow->record == manifest::flow::record_kind::metadata;
    finish.keep_output = start_.awaited;
    if (cancelled_) {
        end.how = end_of_execution::kind::cancelled;
        finish.state = store::event_state::cancelled;
    } else if (result.faulted()) {
        end.how = end_of_execution::kind::failed;
        end.error = hide_secrets(*start_.flow, *result.error);
        finish.state = store::event_state::failed;
        finish.error_json = json::to_text(end.error.to_json());
    } else {
        end.how = end_of_execution::kind::succeeded;
        end.output = std::move(result.output);
        finish.state = store::event_state::succeeded;
        finish.output_json = to_text_without_secrets(*start_.flow, end.output);
    }
    if (host_.ids != nullptr) {
        end.follows = delivery_of(*start_.flow, start_.id, start_.accepted_ms, start_.payload, end,
                                  host_.clock, *host_.ids);
    }
    if (end.follows) journal_.add(store::append_op{end.follows->event});
    if (host_.flows != nullptr && host_.ids != nullptr && !start_.unrecorded) {
        const ending what{start_.id, start_.flow->instance, start_.flow->flow->name,
                          start_.awaited};
        for (store::op& change :
             alerts_of_end(*host_.flows, what, end, host_.alerts, host_.clock, *host_.ids))
            journal_.add(std::move(change));
    }
    // The frame ends here; what follows belongs to `done`.
    journal_.finish(std::move(finish), [this, end](base::result<void> durable) {
        const auto done = std::move(done_);  // it may destroy the execution
        if (durable) return done(end);
        end_of_execution lost;
        lost.retry_later = retry_later_ || durable.error_value().code != base::error_code::conflict;
        done(lost);
    });
}

void execution::go_idle(std::int64_t due_ms) {
    dues_.insert(due_ms);
    add_busy(-1);
}

std::int64_t execution::begin_step_ms() {
    // The very first step begins with the execution, to the millisecond: after a restart its record
    // tells when that was.
    const bool first = !std::exchange(began_, true) && !journal_.has_earlier();
    return first ? started_ms_ : host_.clock.unix_ms();
}

bool execution::come_back(std::int64_t due_ms, std::function<void()> go_on) {
    dues_.erase(dues_.find(due_ms));
    if (has_permit_ || stopped_) {
        ++busy_;
        return true;
    }
    want_permit_.push_back(std::move(go_on));
    if (std::exchange(asked_for_permit_, true)) return false;
    host_.on_wake(start_.id, [this] {
        asked_for_permit_ = false;
        has_permit_ = true;
        auto waiting = std::exchange(want_permit_, {});
        for (auto& one : waiting)
            one();
    });
    return false;
}

void execution::add_busy(int count) {
    busy_ += count;
    if (busy_ == 0) settle();
}

// Everything sleeps: says until when, and lets others run.
void execution::settle() {
    if (dues_.empty() || stopped_) return;
    // Who waits for something else than a time is to be asked again after a restart at once.
    journal_.park(*dues_.begin());
    if (!host_.on_sleep || !has_permit_ || start_.unrecorded) return;
    has_permit_ = false;
    host_.on_sleep(start_.id);
}

}  // namespace sluice::engine
