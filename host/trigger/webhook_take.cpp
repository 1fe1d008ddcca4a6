// From the events of a verified request to the store, and to the sender's 2xx.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "trigger/reply.hpp"
#include "trigger/webhook.hpp"

namespace sluice::trigger {
namespace {

// Payloads of one request: each event brings the request's headers, too.
constexpr std::size_t most_bytes = 16u << 20;
// The loop's other work waits while the queue's rules are evaluated.
constexpr std::size_t events_per_turn = 64;

bool is_fresh(const store::append_outcome& outcome) {
    return outcome.what == store::append_outcome::kind::stored ||
           outcome.what == store::append_outcome::kind::stored_despite_key;
}

bool is_refused(const store::append_outcome& outcome) {
    return outcome.what == store::append_outcome::kind::refused;
}

}  // namespace

base::task<> webhook::take(received all, net::responder answer) {
    const auto& rules = std::get<manifest::webhook_trigger>(all.flow->flow->trigger);
    const std::int64_t within_ms = rules.within_ms.value_or(options_.result_ms);
    const bool is_one = all.events.size() == 1;
    const bool waits = is_one && rules.mode == manifest::webhook_trigger::reply::result;
    if (all.flow->flow->record == manifest::flow::record_kind::none) {
        if (is_one) {
            callers_.run_unrecorded(all.flow, std::move(all.events.front().payload), within_ms,
                                    answer);
        } else {
            net::http_response done = co_await run_each(all, within_ms);
            answer(std::move(done));
        }
        co_return;
    }
    std::vector<store::new_event> made;
    const refusal refused = co_await prepare(all, made);
    if (refused) {
        answer(*refused);
        co_return;
    }
    const std::shared_ptr<upload> file = is_one ? all.events.front().body : nullptr;
    if (is_one && !file && (waits || !all.acknowledge) &&
        ports_.engine.runs_at_once(*all.flow, made.front())) {
        callers_.run_at_once(all.flow, std::move(made.front()),
                             std::move(all.events.front().payload), waits, answer);
        co_return;
    }
    const appended stored = co_await store_events(made);
    if (!stored) {
        base::log(base::log_level::error, "an event could not be stored and was refused",
                  {{"why", stored.error_value().to_text()}});
        answer(overload(503, "the event could not be stored"));
        co_return;
    }
    const bool any_fresh = std::ranges::any_of(*stored, is_fresh);
    if (any_fresh && file) file->keep();
    if (any_fresh && waits) {
        callers_.await_end(stored->front().id, within_ms, answer);
    } else if (all.acknowledge && std::ranges::none_of(*stored, is_refused)) {
        answer(*all.acknowledge);
    } else if (is_one) {
        answer(reply_to(stored->front(), ports_.address_of(stored->front().id)));
    } else {
        answer(reply_to(*stored, ports_.address_of));
    }
    for (std::size_t i = 0; i < stored->size(); ++i) {
        const store::append_outcome& outcome = (*stored)[i];
        if (!is_fresh(outcome)) continue;
        ports_.engine.accept(made[i], outcome.id, std::move(all.events[i].payload));
    }
}

// All or none: what is left out here would be lost, as the sender gets one answer for all of them.
base::task<webhook::refusal> webhook::prepare(const received& all,
                                              std::vector<store::new_event>& made) {
    std::size_t bytes = 0;
    for (const incoming& each : all.events) {
        base::result<store::new_event> one = event_of(each, ports_.clock, ports_.ids);
        if (!one) {
            co_return net::problem_response(422, "The event does not fit the flow's queue rules",
                                            one.error_value().to_text());
        }
        bytes += one->payload_json.size();
        if (made.size() > 0 && bytes > most_bytes) {
            const base::error why = base::make_error(
                base::error_code::internal,
                "the events of a request have more than 16 MiB, each with the request's headers");
            log_refusal(*all.flow, why);
            co_return refusal_of(why);
        }
        made.push_back(std::move(*one));
        if (made.size() % events_per_turn == 0) {
            base::callback_awaiter<bool> next_turn(
                [this](auto done) { ports_.loop.post([done] { done(true); }); });
            co_await next_turn;
        }
    }
    co_return std::nullopt;
}

// One after the other, as nothing of them waits anywhere; the first that fails ends it, and the
// sender may send all of them again.
base::task<net::http_response> webhook::run_each(received& all, std::int64_t within_ms) {
    const std::int64_t end_ms = ports_.clock.unix_ms() + within_ms;
    for (incoming& each : all.events) {
        const std::int64_t left_ms = std::max<std::int64_t>(end_ms - ports_.clock.unix_ms(), 1);
        base::callback_awaiter<net::http_response> ended([&](auto done) {
            const net::responder later([&loop = ports_.loop, done](net::http_response got) {
                loop.post([done, got = std::move(got)] { done(got); });
            });
            callers_.run_unrecorded(all.flow, std::move(each.payload), left_ms, later);
        });
        net::http_response got = co_await ended;
        if (got.status >= 400) co_return got;
    }
    co_return all.acknowledge ? std::move(*all.acknowledge) : all_done();
}

base::task<webhook::appended> webhook::store_events(const std::vector<store::new_event>& events) {
    if (events.empty()) co_return appended(std::vector<store::append_outcome>());
    base::callback_awaiter<appended> durable([this, &events](auto done) {
        ports_.store.append(events, [&loop = ports_.loop, done](appended outcome) {
            loop.post([done, outcome = std::move(outcome)] { done(outcome); });
        });
    });
    co_return co_await durable;
}

}  // namespace sluice::trigger
