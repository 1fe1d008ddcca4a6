#include "engine/engine.hpp"

#include <algorithm>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/panic.hpp"
#include "engine/alerts.hpp"
#include "engine/delivery.hpp"
#include "json/text.hpp"

namespace sluice::engine {

struct engine::waiting_event {
    store::event_id id = 0;
    std::string instance;
    std::string flow;
    std::string flow_version;
    std::int64_t accepted_ms = 0;
    json::value payload;
    std::size_t payload_bytes = 0;  // 0: not known yet
    bool has_payload = false;       // it is in memory
    bool has_records = false;       // an earlier process may have journaled steps
    // Asked to end before it ran; its end is recorded or about to be.
    enum class ending { no, wanted, under_way, recorded };
    ending end_early = ending::no;
    bool poison = false;  // it killed the process too often; else it is cancelled
    int tries = 0;        // that came to nothing because of the disk
    std::int64_t deadline_ms = 0;
    std::int64_t resumed_ms = 0;  // 0: never
    store::event_id parent = 0;
    std::string kind;

    // A flow that an event has started lives on its own, and what tells a result does, too.
    bool belongs_to(store::event_id other) const {
        return parent == other && (kind == awaited_child || kind == free_child);
    }
    bool awaited() const { return kind == awaited_child && parent != 0; }
};

struct engine::running {
    waiting_event event;
    std::unique_ptr<execution> walks;
    std::int64_t parked_until = 0;  // it is being parked; 0: it is not
};

// What a waiting event needs read before it can run.
struct engine::loaded {
    base::result<std::string> payload = std::string();
    base::result<std::vector<store::step_record>> steps = std::vector<store::step_record>();
};

namespace {

constexpr std::int64_t shortest_pause_ms = 500;
constexpr std::int64_t longest_pause_ms = 60'000;
// Below this, reading and repeating it is not worth it.
constexpr std::int64_t shortest_parking_ms = 5'000;

}  // namespace

engine::engine(engine_ports ports, engine_options options)
    : ports_(std::move(ports)),
      options_(options),
      children_({ports_.loop, ports_.clock, ports_.ids, ports_.store, ports_.run_blocking,
                 [this](const store::new_event& event, json::value input) {
                     accept(event, event.id, std::move(input));
                 },
                 [this](store::event_id id) { return holds(id); },
                 [this](store::event_id id) { cancel(id); }}),
      signals_({ports_.loop, ports_.clock, ports_.ids, ports_.store, ports_.run_blocking,
                [this](const store::new_event& event, json::value payload) {
                    accept(event, event.id, std::move(payload));
                }}),
      surroundings_{ports_.loop, ports_.clock, ports_.random, ports_.calls},
      scheduler_(options.limit, ports_.clock, ports_.loop,
                 [this](const runnable& item) { start(item); }) {
    surroundings_.store = &ports_.store;
    surroundings_.limits = options_.of_each;
    surroundings_.http = ports_.http;
    surroundings_.files = ports_.files;
    surroundings_.children = &children_;
    surroundings_.signals = &signals_;
    surroundings_.ids = &ports_.ids;
    surroundings_.flows = &ports_.flows;
    surroundings_.run_blocking = ports_.run_blocking;
    surroundings_.on_sleep = [this](store::event_id id) {
        scheduler_.sleep(id);
        // Later, both: the execution is on the stack below.
        if (!draining_) {
            if (too_many_asleep()) ports_.loop.post([this, id] { park(id); });
            return;
        }
        ports_.loop.post([this, id] {
            if (const auto found = running_.find(id); found != running_.end())
                found->second.walks->stop();
        });
    };
    surroundings_.on_wake = [this](store::event_id id, std::function<void()> resume) {
        scheduler_.wake(id, std::move(resume));
    };
}

engine::~engine() = default;

base::result<std::size_t> engine::recover(
    const std::function<void(const store::ready_event&)>& found) {
    const auto raised = ports_.store.config(store::alert_kind);
    if (!raised) return raised.error_value();
    surroundings_.alerts.start(*raised);
    constexpr int page = 1000;
    std::size_t count = 0;
    store::event_id after = 0;
    for (;;) {
        base::result<std::vector<store::ready_event>> batch =
            ports_.store.load_ready_all(after, page);
        if (!batch) return std::move(batch).error_value();
        for (store::ready_event& one : *batch) {
            after = one.id;
            ++count;
            if (found) found(one);
            take_up(std::move(one));
        }
        if (batch->size() < static_cast<std::size_t>(page)) return count;
    }
}

// From its records, when its time has come.
void engine::take_up(store::ready_event one) {
    waiting_event event;
    event.id = one.id;
    event.instance = std::move(one.instance);
    event.flow = std::move(one.flow);
    event.flow_version = std::move(one.flow_version);
    event.accepted_ms = one.accepted_ms;
    event.deadline_ms = one.deadline_ms;
    event.parent = one.parent;
    event.kind = std::move(one.kind);
    event.resumed_ms = one.resumed_ms;
    event.has_records = true;
    event.poison = one.death_points >= store::death::most_points;
    if (event.poison) event.end_early = waiting_event::ending::wanted;
    add(std::move(event), std::move(one.lane_key), one.due_ms);
    // Else it has come to its turn at once, and start() sees to it.
    const auto held = waiting_.find(one.id);
    if (held != waiting_.end()) end_waiting(one.id, held->second);
}

void engine::accept(const store::new_event& event, store::event_id id, json::value payload) {
    waiting_event waiting;
    waiting.id = id;
    waiting.instance = event.instance;
    waiting.flow = event.flow;
    waiting.flow_version = event.flow_version;
    waiting.accepted_ms = event.accepted_ms;
    waiting.deadline_ms = event.deadline_ms;
    waiting.parent = event.parent;
    waiting.kind = event.kind;
    waiting.payload_bytes = event.payload_json.size();
    if (waiting_bytes_ + waiting.payload_bytes <= options_.waiting_payload_bytes) {
        waiting.payload = std::move(payload);
        waiting.has_payload = true;
    }
    add(std::move(waiting), event.lane_key, 0);
}

void engine::add(waiting_event event, std::string lane_key, std::int64_t due_ms) {
    runnable item{event.id, event.instance,     event.flow, std::move(lane_key), due_ms,
                  0,        event.payload_bytes};
    const auto flow = ports_.flows.find(event.instance, event.flow, event.flow_version);
    if (flow && (*flow)->flow->queue.concurrency) {
        item.at_once = static_cast<int>(*(*flow)->flow->queue.concurrency);
    }
    if (event.has_payload) waiting_bytes_ += event.payload_bytes;
    waiting_.emplace(event.id, std::move(event));
    scheduler_.add(std::move(item));
}

void engine::start(const runnable& item) {
    auto node = waiting_.extract(item.id);
    if (node.empty()) base::panic("the scheduler started an execution that nobody queued");
    waiting_event event = std::move(node.mapped());
    if (event.has_payload) waiting_bytes_ -= event.payload_bytes;
    if (event.end_early == waiting_event::ending::recorded) return leave(item.id);
    if (event.end_early != waiting_event::ending::no) {
        // Not inline: the scheduler is on the stack below.
        waiting_.emplace(item.id, std::move(event));
        return ports_.loop.post([this, id = item.id] {
            auto held = waiting_.extract(id);
            if (!held.empty()) start_again(id, std::move(held.mapped()));
        });
    }
    if (event.has_payload && !event.has_records) return launch(item.id, std::move(event), {});
    load(item.id, std::move(event));
}

// The scheduler may forget it. Not inline: start() may be on the stack below.
void engine::leave(store::event_id id) {
    ports_.loop.post([this, id] {
        scheduler_.finished(id);
        check_drained();
    });
}

void engine::load(store::event_id id, waiting_event event) {
    if (event.belongs_to(event.parent)) loading_[id].belongs_to = event.parent;
    loading_[id].cancelled = false;
    ports_.run_blocking([this, id, event = std::move(event)]() mutable {
        loaded found;
        found.payload = ports_.store.payload(id);
        if (event.has_records) found.steps = ports_.store.checkpoints(id);
        ports_.loop.post([this, id, event = std::move(event), found = std::move(found)]() mutable {
            const bool cancelled = loading_.extract(id).mapped().cancelled;
            if (cancelled) event.end_early = waiting_event::ending::wanted;
            on_loaded(id, std::move(event), std::move(found));
        });
    });
}

void engine::on_loaded(store::event_id id, waiting_event event, loaded found) {
    if (const base::error* const why = !found.payload ? &found.payload.error_value()
                                       : !found.steps ? &found.steps.error_value()
                                                      : nullptr) {
        if (why->code == base::error_code::not_found || draining_) {
            return strand(id, event, *why);
        }
        base::log(base::log_level::warning, "an accepted event could not be read; it starts later",
                  {{"execution", base::execution_id_text(id)}, {"why", why->to_text()}});
        return start_again(id, std::move(event));
    }
    if (event.end_early != waiting_event::ending::no) return start_again(id, std::move(event));
    event.payload_bytes = found.payload->size();
    if (!scheduler_.weigh(id, event.payload_bytes)) {
        waiting_.emplace(id, std::move(event));
        return scheduler_.again(id, 0);
    }
    base::result<json::value> payload = json::parse(*found.payload);
    if (!payload) return strand(id, event, payload.error_value());
    event.payload = std::move(*payload);
    launch(id, std::move(event), std::move(*found.steps));
}

void engine::strand(store::event_id id, const waiting_event& event, const base::error& why) {
    ++counted_.stranded;
    base::log(base::log_level::error, "an event waits in the store",
              {{"execution", base::execution_id_text(id)},
               {"instance", event.instance},
               {"flow", event.flow},
               {"why", why.to_text()}});
    leave(id);
}

// After a pause that grows, from what is recorded; its lane waits for it.
void engine::start_again(store::event_id id, waiting_event event) {
    const std::int64_t pause =
        std::min<std::int64_t>(longest_pause_ms, shortest_pause_ms << std::min(event.tries, 16));
    ++event.tries;
    start_at(id, std::move(event), ports_.clock.unix_ms() + pause);
}

void engine::start_at(store::event_id id, waiting_event event, std::int64_t due_ms) {
    event.payload = {};
    event.has_payload = false;
    event.has_records = true;
    waiting_.emplace(id, std::move(event));
    scheduler_.again(id, due_ms);
    if (const auto held = waiting_.find(id); held != waiting_.end()) end_waiting(id, held->second);
    check_drained();
}

bool engine::too_many_asleep() const {
    return scheduler_.alive() - scheduler_.running() > options_.sleeping;
}

// From here on the execution is like one that waits after a restart.
void engine::park(store::event_id id) {
    const auto found = running_.find(id);
    if (found == running_.end() || draining_ || !too_many_asleep()) return;
    const std::int64_t due = found->second.walks->rests_until();
    if (due == 0 || due - ports_.clock.unix_ms() < shortest_parking_ms) return;
    if (wanted_ && wanted_(id)) return;
    found->second.parked_until = due;
    found->second.walks->park();
}

base::result<store::epoch_number> engine::epoch_of(store::partition_id partition) {
    const auto known = epochs_.find(partition);
    if (known != epochs_.end()) return known->second;
    base::result<store::epoch_number> granted = ports_.store.acquire(partition);
    if (granted) epochs_.emplace(partition, *granted);
    return granted;
}

void engine::launch(store::event_id id, waiting_event event,
                    std::vector<store::step_record> recorded) {
    base::result<std::shared_ptr<const bound_flow>> flow =
        ports_.flows.find(event.instance, event.flow, event.flow_version);
    if (draining_) return leave(id);
    if (!flow) return strand(id, event, flow.error_value());
    const store::partition_id partition = store::partition_of(event.instance);
    const base::result<store::epoch_number> epoch = epoch_of(partition);
    if (!epoch) return strand(id, event, epoch.error_value());
    start_of_execution begin;
    begin.id = id;
    begin.flow = std::move(*flow);
    begin.payload = std::move(event.payload);
    begin.accepted_ms = event.accepted_ms;
    begin.deadline_ms = event.deadline_ms;
    begin.awaited = event.awaited();
    begin.resumed_ms = event.resumed_ms;
    begin.recorded = std::move(recorded);
    begin.partition = partition;
    begin.epoch = *epoch;
    event.payload = {};
    running run{std::move(event), std::make_unique<execution>(surroundings_, std::move(begin))};
    execution& started = *running_.emplace(id, std::move(run)).first->second.walks;
    started.run([this, id](end_of_execution end) { ended(id, end); });
}

void engine::ended(store::event_id id, const end_of_execution& end) {
    auto node = running_.extract(id);
    if (node.empty()) base::panic("an execution ended that was not running");
    if (node.mapped().walks->cancelling()) {
        node.mapped().event.end_early = waiting_event::ending::wanted;
    }
    // Who is cancelled while it is being parked is not left for the next process.
    const bool cancelled = node.mapped().event.end_early == waiting_event::ending::wanted;
    const bool parked = end.parked && (!draining_ || cancelled);
    if (parked || (end.retry_later && !draining_)) {
        waiting_event event = std::move(node.mapped().event);
        const std::int64_t due = node.mapped().parked_until;
        node = {};
        if (parked) return start_at(id, std::move(event), due);
        return start_again(id, std::move(event));
    }
    ports_.calls.forget(id);
    count_end(node.mapped().event, end);
    node = {};
    if (end.how != end_of_execution::kind::abandoned) {
        children_.ended(id, end);
        accept_what_follows(end);
        if (observer_) observer_(id, end);
    }
    scheduler_.finished(id);
    check_drained();
}

void engine::count_end(const waiting_event& event, const end_of_execution& end) {
    using kind = end_of_execution::kind;
    const auto count = [&](store::event_state state) {
        if (ports_.on_counted) ports_.on_counted(event.instance, event.flow, state);
    };
    if (end.how == kind::succeeded) {
        ++counted_.succeeded;
        count(store::event_state::succeeded);
    }
    if (end.how == kind::failed) {
        ++counted_.failed;
        count(event.poison ? store::event_state::quarantined : store::event_state::failed);
        base::log(base::log_level::warning, "an execution failed",
                  {{"execution", base::execution_id_text(event.id)},
                   {"instance", event.instance},
                   {"flow", event.flow},
                   {"why", end.error.title + ": " + end.error.detail},
                   {"task", end.error.instance}});
    }
    if (end.how == kind::cancelled) {
        ++counted_.cancelled;
        count(store::event_state::cancelled);
    }
}

bool engine::runs_at_once(const bound_flow& flow, const store::new_event& event) const {
    return flow.flow->only_computes && !flow.flow->queue.concurrency && event.lane_key.empty() &&
           event.dedupe_key.empty() && unrecorded_.size() < options_.unrecorded && !draining_;
}

void engine::run_at_once(std::shared_ptr<const bound_flow> flow, store::new_event event,
                         json::value payload, std::function<void(const end_of_execution&)> done) {
    const store::event_id id = event.id;
    start_of_execution begin;
    begin.id = id;
    begin.flow = std::move(flow);
    begin.payload = std::move(payload);
    begin.accepted_ms = event.accepted_ms;
    begin.deadline_ms = event.deadline_ms;
    begin.partition = store::partition_of(event.instance);
    const base::result<store::epoch_number> epoch = epoch_of(begin.partition);
    if (!epoch) return ports_.loop.post([done = std::move(done)] { done({}); });
    begin.epoch = *epoch;
    waiting_event told;
    told.id = id;
    told.instance = event.instance;
    told.flow = event.flow;
    begin.event = std::make_unique<store::new_event>(std::move(event));
    execution& run =
        *unrecorded_.emplace(id, std::make_unique<execution>(surroundings_, std::move(begin)))
             .first->second;
    run.run([this, told = std::move(told), done = std::move(done)](const end_of_execution& end) {
        unrecorded_.erase(told.id);
        count_end(told, end);
        accept_what_follows(end);
        if (observer_ && end.how != end_of_execution::kind::abandoned) observer_(told.id, end);
        done(end);
        check_drained();
    });
}

store::event_id engine::run_unrecorded(std::shared_ptr<const bound_flow> flow, json::value payload,
                                       std::function<void(const end_of_execution&)> done) {
    if (unrecorded_.size() >= options_.unrecorded || draining_) return 0;
    start_of_execution begin;
    begin.id = ports_.ids.next();
    begin.flow = std::move(flow);
    begin.payload = std::move(payload);
    begin.accepted_ms = ports_.clock.unix_ms();
    begin.unrecorded = true;
    const store::event_id id = begin.id;
    execution& run =
        *unrecorded_.emplace(id, std::make_unique<execution>(surroundings_, std::move(begin)))
             .first->second;
    run.run([this, id, done = std::move(done)](const end_of_execution& end) {
        ports_.calls.drop(id);
        unrecorded_.erase(id);
        done(end);
        check_drained();
    });
    return id;
}

bool engine::holds(store::event_id id) const {
    return waiting_.contains(id) || running_.contains(id) || loading_.contains(id);
}

bool engine::cancel(store::event_id id) {
    bool found = false;
    if (const auto run = running_.find(id); run != running_.end()) {
        found = true;
        if (run->second.parked_until != 0) {
            run->second.event.end_early = waiting_event::ending::wanted;
        } else {
            run->second.walks->cancel();
        }
    } else if (const auto waits = waiting_.find(id); waits != waiting_.end()) {
        found = waits->second.end_early == waiting_event::ending::no;
        if (found) {
            waits->second.end_early = waiting_event::ending::wanted;
            end_waiting(id, waits->second);
        }
    } else if (const auto read = loading_.find(id); read != loading_.end()) {
        read->second.cancelled = true;
        found = true;
    } else if (const auto quick = unrecorded_.find(id); quick != unrecorded_.end()) {
        quick->second->cancel();
        found = true;
    }
    // Of what is over nothing is left to end: what tells its result goes on.
    if (!found) return false;
    std::vector<store::event_id> below;
    for (const auto& [child, one] : running_) {
        if (one.event.belongs_to(id)) below.push_back(child);
    }
    for (const auto& [child, one] : waiting_) {
        if (one.belongs_to(id)) below.push_back(child);
    }
    for (const auto& [child, one] : loading_) {
        if (one.belongs_to == id) below.push_back(child);
    }
    for (const store::event_id child : below)
        cancel(child);
    return true;
}

// Records the end of an execution that ends without running on; the scheduler comes to it later.
// When the disk does not take it, start() tries again.
void engine::end_waiting(store::event_id id, waiting_event& event) {
    if (event.end_early != waiting_event::ending::wanted) return;
    event.end_early = waiting_event::ending::under_way;
    const auto flow = ports_.flows.find(event.instance, event.flow, event.flow_version);
    if (!flow || !(*flow)->flow->callback || event.has_payload) {
        return record_early_end(id, event, event.payload);
    }
    // The address to tell it to may stand in the payload.
    ports_.run_blocking([this, id, event] {
        base::result<std::string> text = ports_.store.payload(id);
        ports_.loop.post([this, id, event, text = std::move(text)] {
            base::result<json::value> payload = text ? json::parse(*text) : text.error_value();
            record_early_end(id, event, payload ? std::move(*payload) : json::value());
        });
    });
}

void engine::record_early_end(store::event_id id, const waiting_event& event, json::value payload) {
    const store::partition_id partition = store::partition_of(event.instance);
    const base::result<store::epoch_number> epoch = ports_.store.acquire(partition);
    end_of_execution end;
    end.how = end_of_execution::kind::cancelled;
    end.ended_ms = ports_.clock.unix_ms();
    if (!epoch) return ended_early(id, event, end, epoch.error_value());
    store::finish_op finish;
    finish.event = id;
    finish.state = store::event_state::cancelled;
    if (event.poison) {
        end.how = end_of_execution::kind::failed;
        end.error = {manifest::standard_error_type("runtime"),
                     500,
                     "Quarantined",
                     "the process died inside a step of it again and again",
                     {}};
        finish.state = store::event_state::quarantined;
        finish.error_json = json::to_text(end.error.to_json());
    }
    finish.ended_ms = end.ended_ms;
    std::vector<store::op> batch;
    const auto flow = ports_.flows.find(event.instance, event.flow, event.flow_version);
    if (flow) {
        finish.keep_metadata_only = (*flow)->flow->record == manifest::flow::record_kind::metadata;
        end.follows =
            delivery_of(**flow, id, event.accepted_ms, payload, end, ports_.clock, ports_.ids);
    }
    if (end.follows) batch.emplace_back(store::append_op{end.follows->event});
    const ending what{id, event.instance, event.flow, event.awaited()};
    for (store::op& change :
         alerts_of_end(ports_.flows, what, end, surroundings_.alerts, ports_.clock, ports_.ids))
        batch.push_back(std::move(change));
    batch.emplace_back(std::move(finish));
    ports_.store.commit(
        partition, *epoch, std::move(batch),
        [this, id, event, &loop = ports_.loop, end](base::result<store::commit_outcome> outcome) {
            loop.post([this, id, event, end, outcome = std::move(outcome)] {
                ended_early(id, event, end, outcome);
            });
        });
}

void engine::ended_early(store::event_id id, const waiting_event& event,
                         const end_of_execution& end,
                         const base::result<store::commit_outcome>& recorded) {
    if (const auto waits = waiting_.find(id); waits != waiting_.end()) {
        waits->second.end_early =
            recorded ? waiting_event::ending::recorded : waiting_event::ending::wanted;
        // Whoever waits for its lane does not wait for the time it was parked until.
        scheduler_.hasten(id, recorded ? 0 : ports_.clock.unix_ms() + longest_pause_ms);
    }
    // Fenced: it is over in another way.
    if (!recorded || *recorded != store::commit_outcome::committed) return;
    count_end(event, end);
    children_.ended(id, end);
    accept_what_follows(end);
    if (observer_) observer_(id, end);
}

void engine::drain(std::int64_t deadline_ms, std::function<void()> done) {
    draining_ = true;
    drained_ = std::move(done);
    scheduler_.stop();
    for (const auto& [id, run] : running_) {
        if (run.walks->asleep()) run.walks->stop();
    }
    drain_timer_ = ports_.loop.run_after(deadline_ms, [this] {
        drain_timer_ = 0;
        stop_all();
    });
    ports_.loop.post([this] { check_drained(); });
}

void engine::stop_all() {
    for (const auto& [id, run] : running_)
        run.walks->stop();
    for (const auto& [id, run] : unrecorded_)
        run->stop();
}

void engine::check_drained() {
    if (!draining_ || !drained_ || !running_.empty() || !loading_.empty() || !unrecorded_.empty()) {
        return;
    }
    if (drain_timer_ != 0) ports_.loop.cancel(drain_timer_);
    std::exchange(drained_, {})();
}

engine_stats engine::stats() const {
    engine_stats out = counted_;
    out.queued = scheduler_.queued();
    out.running = scheduler_.running();
    out.alive = scheduler_.alive();
    out.parked = scheduler_.delayed();
    return out;
}

}  // namespace sluice::engine
