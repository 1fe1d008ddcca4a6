#include "engine/scheduler.hpp"

#include <algorithm>
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
    const std::int64_t delay = item.due_ms == 0 ? 0 : item.due_ms - time_.unix_ms();
    if (delay > 0) {
        const store::event_id id = item.id;
        const auto timer = loop_.run_after(delay, [this, id] { come_due(id); });
        delayed_.emplace(id, later{std::move(item), timer});
        return;
    }
    instance_queue& queue = instances_[item.instance];
    if (queue.name.empty()) queue.name = item.instance;
    gate* const limit = gate_of(item);
    enqueue(queue, turn{std::move(item), {}, limit});
}

void scheduler::come_due(store::event_id id) {
    runnable item = std::move(delayed_.extract(id).mapped().item);
    item.due_ms = 0;
    request(std::move(item));
    pump();
}

void scheduler::hasten(store::event_id id, std::int64_t due_ms) {
    const auto found = delayed_.find(id);
    if (found == delayed_.end() || found->second.item.due_ms <= due_ms) return;
    loop_.cancel(found->second.timer);
    runnable item = std::move(found->second.item);
    delayed_.erase(found);
    item.due_ms = due_ms;
    request(std::move(item));
    pump();
}

scheduler::gate* scheduler::gate_of(const runnable& item) {
    if (item.at_once <= 0) return nullptr;
    gate& found = gates_[item.instance + '\0' + item.flow];
    found.at_once = item.at_once;  // the newest version of the flow counts
    return &found;
}

void scheduler::enqueue(instance_queue& queue, turn next) {
    queue.waiting.push_back(std::move(next));
    offer(queue);
}

void scheduler::offer(instance_queue& queue) {
    if (queue.in_ring() || queue.waiting.empty() || queue.running >= limit_.running_per_instance) {
        return;
    }
    ring_.join(queue, cost_of(queue.waiting.front()));
}

// The first of those that wait, or the debts, are others than when it joined the ring.
void scheduler::front_changed(instance_queue& queue) {
    if (queue.waiting.empty()) {
        ring_.leave(queue);
    } else {
        ring_.change_cost(queue, cost_of(queue.waiting.front()));
    }
}

std::uint64_t scheduler::cost_of(std::size_t bytes) { return 1 + bytes / (16u << 10); }

std::uint64_t scheduler::cost_of(const turn& one) {
    return one.resume ? 1 : cost_of(one.item.bytes);
}

void scheduler::give_back(started& entry) {
    if (!entry.has_permit) return;
    entry.has_permit = false;
    --running_;
    running_bytes_ -= entry.item.bytes;
    --entry.queue->running;
    entry.queue->bytes -= entry.item.bytes;
    offer(*entry.queue);
    gate* const limit = entry.limit;
    if (limit == nullptr) return;
    --limit->running;
    if (limit->waiting.empty()) return;
    entry.queue->waiting.push_front(std::move(limit->waiting.front()));
    limit->waiting.pop_front();
    front_changed(*entry.queue);
    offer(*entry.queue);
}

// Gives back the permit, or the place in the queue for one.
void scheduler::leave(store::event_id id, started& entry) {
    if (entry.wants_permit) {
        entry.wants_permit = false;
        const auto is_its = [id](const turn& one) { return one.item.id == id; };
        if (std::erase_if(entry.queue->waiting, is_its) > 0) front_changed(*entry.queue);
        if (entry.limit != nullptr) std::erase_if(entry.limit->waiting, is_its);
    }
    give_back(entry);
}

void scheduler::take(instance_queue& queue, std::size_t bytes) {
    ++queue.running;
    ++running_;
    queue.bytes += bytes;
    running_bytes_ += bytes;
}

// A share that shrinks as the whole fills up leaves something for those who come later.
bool scheduler::fits(const instance_queue& queue, std::size_t bytes) const {
    const std::size_t free = limit_.running_bytes - std::min(running_bytes_, limit_.running_bytes);
    return queue.bytes == 0 || queue.bytes + bytes <= free;
}

bool scheduler::has_room(const instance_queue& queue, std::size_t bytes) const {
    const std::size_t free = static_cast<std::size_t>(limit_.running) - running_;
    return (queue.running == 0 || static_cast<std::size_t>(queue.running) < free) &&
           fits(queue, bytes);
}

bool scheduler::weigh(store::event_id id, std::size_t bytes) {
    const auto found = started_.find(id);
    if (found == started_.end() || !found->second.has_permit) {
        base::report_bug("an execution was weighed that does not run");
        return true;
    }
    instance_queue& queue = *found->second.queue;
    std::size_t& known = found->second.item.bytes;
    running_bytes_ -= known;
    queue.bytes -= known;
    const bool room = fits(queue, bytes);
    // Who has to come again pays then.
    if (room && bytes > known) {
        ring_.charge(queue, cost_of(bytes) - cost_of(known));
        front_changed(queue);
    }
    known = bytes;
    running_bytes_ += bytes;
    queue.bytes += bytes;
    return room;
}

void scheduler::finished(store::event_id id) {
    const auto found = started_.find(id);
    if (found == started_.end()) {
        base::report_bug("an execution finished that the scheduler did not start");
        return;
    }
    leave(found->first, found->second);
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

void scheduler::again(store::event_id id, std::int64_t due_ms) {
    auto node = started_.extract(id);
    if (node.empty()) {
        base::report_bug("an execution is to start again that the scheduler did not start");
        return;
    }
    started& entry = node.mapped();
    leave(id, entry);
    ++queued_;
    entry.item.due_ms = due_ms;
    request(std::move(entry.item));
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
    found->second.wants_permit = true;
    runnable item;
    item.id = id;
    item.bytes = found->second.item.bytes;
    enqueue(*found->second.queue, turn{std::move(item), std::move(resume), found->second.limit});
    pump();
}

void scheduler::stop() { stopped_ = true; }

// The next instance in turn that may start something; null: none may.
scheduler::instance_queue* scheduler::next_of_ring() {
    if (running_ >= static_cast<std::size_t>(limit_.running)) return nullptr;
    return static_cast<instance_queue*>(ring_.next([this](const deficit_ring::member& one) {
        const auto& queue = static_cast<const instance_queue&>(one);
        return has_room(queue, queue.waiting.front().item.bytes);
    }));
}

void scheduler::pump() {
    if (pumping_) return;
    pumping_ = true;
    while (!stopped_) {
        instance_queue* const found = next_of_ring();
        if (found == nullptr) break;
        instance_queue& queue = *found;
        turn next = std::move(queue.waiting.front());
        queue.waiting.pop_front();
        if (next.limit != nullptr) {
            if (next.limit->running >= next.limit->at_once) {
                next.limit->waiting.push_back(std::move(next));
                if (!queue.waiting.empty()) ring_.rejoin(queue, cost_of(queue.waiting.front()));
                continue;
            }
            ++next.limit->running;
        }
        ring_.spend(queue);
        take(queue, next.item.bytes);
        offer(queue);
        if (next.resume) {
            started& woken = started_[next.item.id];
            woken.has_permit = true;
            woken.wants_permit = false;
            next.resume();
            continue;
        }
        --queued_;
        started_.emplace(next.item.id,
                         started{&queue, next.limit, lane_name(next.item), next.item, true});
        start_(next.item);
    }
    pumping_ = false;
}

}  // namespace sluice::engine
