#include "engine/execution.hpp"

#include <utility>

#include "engine/delivery.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "manifest/duration.hpp"

namespace sluice::engine {

execution::execution(surroundings& host, start_of_execution start)
    : host_(host),
      start_(std::move(start)),
      journal_(start_.unrecorded ? nullptr : host.store, host.loop, start_.id, start_.partition,
               start_.epoch, std::move(start_.recorded),
               [this](journal::loss why) {
                   retry_later_ = why == journal::loss::not_written;
                   journal_.abandon();
                   stop();
               }),
      walk_(*this, scope(*start_.flow, start_.id, start_.payload, start_.accepted_ms),
            start_.accepted_ms) {}

execution::~execution() = default;

void execution::run(std::function<void(end_of_execution)> done) {
    done_ = std::move(done);
    root_.emplace(main());
}

void execution::stop() {
    if (std::exchange(stopped_, true)) return;
    walk_.cancel();
}

void execution::cancel() {
    if (stopped_) return;
    cancelled_ = true;
    stop();
}

base::task<> execution::main() {
    const manifest::flow& flow = *start_.flow->flow;
    if (start_.deadline_ms != 0) walk_.set_deadline(start_.deadline_ms);
    outcome result = co_await walk_.run_flow(flow, start_.payload);

    end_of_execution end;
    end.ended_ms = host_.clock.unix_ms();
    if (stopped_ && !cancelled_) {
        journal_.flush();
        end.retry_later = retry_later_;
        host_.loop.post([done = std::move(done_), end] { done(end); });
        co_return;
    }
    store::finish_op finish;
    finish.ended_ms = end.ended_ms;
    finish.keep_metadata_only = flow.record == manifest::flow::record_kind::metadata;
    if (cancelled_) {
        end.how = end_of_execution::kind::cancelled;
        finish.state = store::event_state::cancelled;
    } else if (result.faulted()) {
        end.how = end_of_execution::kind::failed;
        end.error = result.error;
        finish.state = store::event_state::failed;
        finish.error_json = json::to_text(result.error.to_json());
    } else {
        end.how = end_of_execution::kind::succeeded;
        end.output = std::move(result.output);
        finish.state = store::event_state::succeeded;
        finish.output_json = json::to_text(end.output);
    }
    if (host_.ids != nullptr) {
        end.follows = delivery_of(*start_.flow, start_.id, start_.accepted_ms, start_.payload, end,
                                  host_.clock, *host_.ids);
    }
    if (end.follows) journal_.add(store::append_op{end.follows->event});
    // The frame ends here; what follows belongs to `done`.
    journal_.finish(std::move(finish), [done = std::move(done_), end](base::result<void> durable) {
        if (durable) return done(end);
        end_of_execution lost;
        lost.retry_later = durable.error_value().code != base::error_code::conflict;
        done(lost);
    });
}

void execution::go_idle(std::int64_t due_ms) {
    dues_.insert(due_ms);
    add_busy(-1);
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
