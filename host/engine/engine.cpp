#include "engine/engine.hpp"

#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/panic.hpp"
#include "json/text.hpp"

namespace sluice::engine {

struct engine::waiting_event {
    store::event_id id = 0;
    std::string instance;
    std::string flow;
    std::string flow_version;
    std::int64_t accepted_ms = 0;
    json::value payload;
    std::size_t payload_bytes = 0;
    bool has_payload = false;
    bool has_records = false;  // an earlier process may have journaled steps
};

namespace {

// What a waiting event needs read before it can run.
struct loaded {
    base::result<std::string> payload = std::string();
    base::result<std::vector<store::step_record>> steps = std::vector<store::step_record>();
};

}  // namespace

engine::engine(engine_ports ports, engine_options options)
    : ports_(std::move(ports)),
      options_(options),
      surroundings_{ports_.loop,
                    ports_.clock,
                    ports_.random,
                    ports_.calls,
                    &ports_.store,
                    ports_.run_blocking,
                    {},
                    {},
                    {}},
      scheduler_(options.limit, ports_.clock, ports_.loop,
                 [this](const runnable& item) { start(item); }) {
    surroundings_.on_sleep = [this](store::event_id id) {
        scheduler_.sleep(id);
        if (!draining_) return;
        ports_.loop.post([this, id] {
            if (const auto found = running_.find(id); found != running_.end())
                found->second->stop();
        });
    };
    surroundings_.on_wake = [this](store::event_id id, std::function<void()> resume) {
        scheduler_.wake(id, std::move(resume));
    };
}

engine::~engine() = default;

base::result<std::size_t> engine::recover() {
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
            waiting_event event;
            event.id = one.id;
            event.instance = std::move(one.instance);
            event.flow = std::move(one.flow);
            event.flow_version = std::move(one.flow_version);
            event.accepted_ms = one.accepted_ms;
            event.has_records = true;
            add(std::move(event), std::move(one.lane_key), one.due_ms);
        }
        if (batch->size() < static_cast<std::size_t>(page)) return count;
    }
}

void engine::accept(const store::new_event& event, store::event_id id, json::value payload) {
    waiting_event waiting;
    waiting.id = id;
    waiting.instance = event.instance;
    waiting.flow = event.flow;
    waiting.flow_version = event.flow_version;
    waiting.accepted_ms = event.accepted_ms;
    if (waiting_bytes_ + event.payload_json.size() <= options_.waiting_payload_bytes) {
        waiting.payload = std::move(payload);
        waiting.payload_bytes = event.payload_json.size();
        waiting.has_payload = true;
    }
    add(std::move(waiting), event.lane_key, 0);
}

void engine::add(waiting_event event, std::string lane_key, std::int64_t due_ms) {
    runnable item{event.id, event.instance, event.flow, std::move(lane_key), due_ms};
    waiting_bytes_ += event.payload_bytes;
    waiting_.emplace(event.id, std::move(event));
    scheduler_.add(std::move(item));
}

void engine::start(const runnable& item) {
    auto node = waiting_.extract(item.id);
    if (node.empty()) base::panic("the scheduler started an execution that nobody queued");
    waiting_event event = std::move(node.mapped());
    waiting_bytes_ -= event.payload_bytes;
    if (event.has_payload && !event.has_records) return launch(item.id, std::move(event), {});
    load(item.id, std::move(event));
}

void engine::load(store::event_id id, waiting_event event) {
    ++loading_;
    ports_.run_blocking([this, id, event = std::move(event)]() mutable {
        loaded found;
        found.payload = ports_.store.payload(id);
        if (event.has_records) found.steps = ports_.store.checkpoints(id);
        ports_.loop.post([this, id, event = std::move(event), found = std::move(found)]() mutable {
            --loading_;
            base::result<json::value> payload = found.payload
                                                    ? json::parse(*found.payload)
                                                    : std::move(found.payload).error_value();
            if (!payload || !found.steps) {
                const base::error& why =
                    !payload ? payload.error_value() : found.steps.error_value();
                base::log(base::log_level::error, "an accepted event cannot be read; it stays",
                          {{"execution", base::execution_id_text(id)}, {"why", why.to_text()}});
                ++counted_.stranded;
                scheduler_.finished(id);
                return check_drained();
            }
            event.payload = std::move(*payload);
            launch(id, std::move(event), std::move(*found.steps));
        });
    });
}

void engine::launch(store::event_id id, waiting_event event,
                    std::vector<store::step_record> recorded) {
    base::result<std::shared_ptr<const bound_flow>> flow =
        ports_.flows.find(event.instance, event.flow, event.flow_version);
    const store::partition_id partition = store::partition_of(event.instance);
    auto epoch = epochs_.find(partition);
    if (flow && epoch == epochs_.end()) {
        base::result<store::epoch_number> granted = ports_.store.acquire(partition);
        if (granted) {
            epoch = epochs_.emplace(partition, *granted).first;
        } else {
            flow = std::move(granted).error_value();
        }
    }
    if (!flow || draining_) {
        if (!flow) {
            ++counted_.stranded;
            base::log(base::log_level::warning, "an event waits in the store",
                      {{"execution", base::execution_id_text(id)},
                       {"instance", event.instance},
                       {"flow", event.flow},
                       {"why", flow.error_value().to_text()}});
        }
        // Not inline: start() may be on the stack below.
        ports_.loop.post([this, id] {
            scheduler_.finished(id);
            check_drained();
        });
        return;
    }
    start_of_execution begin;
    begin.id = id;
    begin.flow = std::move(*flow);
    begin.payload = std::move(event.payload);
    begin.accepted_ms = event.accepted_ms;
    begin.recorded = std::move(recorded);
    begin.partition = partition;
    begin.epoch = epoch->second;
    execution& run =
        *running_.emplace(id, std::make_unique<execution>(surroundings_, std::move(begin)))
             .first->second;
    run.run([this, id](end_of_execution end) { ended(id, end); });
}

void engine::ended(store::event_id id, const end_of_execution& end) {
    ports_.calls.forget(id);
    running_.erase(id);
    if (end.how == end_of_execution::kind::succeeded) ++counted_.succeeded;
    if (end.how == end_of_execution::kind::failed) ++counted_.failed;
    if (end.how != end_of_execution::kind::abandoned && observer_) observer_(id, end);
    scheduler_.finished(id);
    check_drained();
}

void engine::drain(std::int64_t deadline_ms, std::function<void()> done) {
    draining_ = true;
    drained_ = std::move(done);
    scheduler_.stop();
    for (const auto& [id, run] : running_) {
        if (run->asleep()) run->stop();
    }
    drain_timer_ = ports_.loop.run_after(deadline_ms, [this] {
        drain_timer_ = 0;
        stop_all();
    });
    ports_.loop.post([this] { check_drained(); });
}

void engine::stop_all() {
    for (const auto& [id, run] : running_)
        run->stop();
}

void engine::check_drained() {
    if (!draining_ || !drained_ || !running_.empty() || loading_ > 0) return;
    if (drain_timer_ != 0) ports_.loop.cancel(drain_timer_);
    std::exchange(drained_, {})();
}

engine_stats engine::stats() const {
    engine_stats out = counted_;
    out.queued = scheduler_.queued();
    out.running = scheduler_.running();
    out.alive = scheduler_.alive();
    return out;
}

}  // namespace sluice::engine
