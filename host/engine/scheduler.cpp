#include "engine/scheduler.hpp"

#include <utility>

#include "base/panic.hpp"

namespace sluice::engine {

scheduler::scheduler(limits limit, base::clock& time, base::event_loop& loop,
                     std::function<void(const runnable&)> start)
    : limit_(limit), time_(time), loop_(loop), start_(std::move(start)) {}

std::string scheduler::lane_name(const runnable& item) {
    if (item.lane_key.empty()) return {};
    std::string name;
    name.reserve(item.instance.size() + item.flow.size() + item.lane_key.size() + 2);
    name.append(item.instance).append(1, '\0').append(item.flow).append(1, '\0');
    return name.append(item.lane_key);
}

void scheduler::add(runnable item) {
    ++queued_;
    if (!item.lane_key.empty()) {
        lane& line = lanes_[lane_name(item)];
        line.push_back(item);
        if (line.size() > 1) return;
    }
    request(std::move(item));
    pump();
}

void scheduler::request(runnable item) {
    instance_queue& queue = instances_[item.instance];
    if (queue.name.empty()) queue.name = item.instance;
    const std::int64_t delay = item.due_ms == 0 ? 0 : item.due_ms - time_.unix_ms();
    if (delay > 0) {
        loop_.run_after(delay, [this, &queue, item = std::move(item)]() mutable {
            enqueue(queue, turn{std::move(item), {}});
            pump();
        });
        return;
    }
    enqueue(queue, turn{std::move(item), {}});
}

void scheduler::enqueue(instance_queue& queue, turn next) {
    queue.waiting.push_back(std::move(next));
    offer(queue);
}

void scheduler::offer(instance_queue& queue) {
    if (queue.in_ring || queue.waiting.empty() || queue.running >= limit_.running_per_instance) {
        return;
    }
    queue.in_ring = true;
    ring_.push_back(&queue);
}

void scheduler::give_back(started& entry) {
    if (!entry.has_permit) return;
    entry.has_permit = false;
    --running_;
    --entry.queue->running;
    offer(*entry.queue);
}

void scheduler::finished(store::event_id id) {
    const auto found = started_.find(id);
    if (found == started_.end()) {
        base::report_bug("an execution finished that the scheduler did not start");
        return;
    }
    if (!found->second.has_permit) {
        std::erase_if(found->second.queue->waiting,
                      [id](const turn& one) { return one.item.id == id; });
    }
    give_back(found->second);
    if (!found->second.lane.empty()) {
        const auto line = lanes_.find(found->second.lane);
        line->second.pop_front();
        if (line->second.empty()) {
            lanes_.erase(line);
        } else {
            request(line->second.front());
        }
    }
    started_.erase(found);
    pump();
}

void scheduler::sleep(store::event_id id) {
    const auto found = started_.find(id);
    if (found == started_.end()) return;
    give_back(found->second);
    pump();
}

void scheduler::wake(store::event_id id, std::function<void()> resume) {
    const auto found = started_.find(id);
    if (found == started_.end() || found->second.has_permit) {
        base::report_bug("an execution woke up that was not asleep");
        return;
    }
    runnable item;
    item.id = id;
    enqueue(*found->second.queue, turn{std::move(item), std::move(resume)});
    pump();
}

void scheduler::stop() { stopped_ = true; }

void scheduler::pump() {
    if (pumping_) return;
    pumping_ = true;
    while (!stopped_ && !ring_.empty() && running_ < static_cast<std::size_t>(limit_.running)) {
        instance_queue& queue = *ring_.front();
        ring_.pop_front();
        queue.in_ring = false;
        if (queue.waiting.empty()) continue;  // a sleeper ended without its turn
        turn next = std::move(queue.waiting.front());
        queue.waiting.pop_front();
        ++queue.running;
        ++running_;
        offer(queue);
        if (next.resume) {
            started_[next.item.id].has_permit = true;
            next.resume();
            continue;
        }
        --queued_;
        started_.emplace(next.item.id, started{&queue, lane_name(next.item), true});
        start_(next.item);
    }
    pumping_ = false;
}

}  // namespace sluice::engine
