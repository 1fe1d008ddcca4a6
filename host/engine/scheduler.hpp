// Which execution may run now: lanes (order per key), limits, and fairness between instances.
//
// Instances take turns by deficit round robin. A start costs one and one more for each 16 KiB of
// its payload (all that is known when it is queued); who only goes on after a wait pays one.
//
// Everything lives in memory; the store is the truth and fills it again after a restart. All
// functions belong to the event loop's thread. Nothing here runs while another of its functions is
// on the stack: starts are collected and run at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "engine/deficit_ring.hpp"
#include "store/types.hpp"

namespace sluice::engine {

struct limits {
    // Executions with a permit: what they wait for, a third party among others, holds up no thread,
    // so that only memory sets the limit. An instance gets no more than are still free: however
    // many instances wait for slow third parties, there is room for one more.
    int running = 10'000;
    int running_per_instance = 2'500;
    // Of the payloads of all that have a permit, shared out in the same way. One of each instance
    // may always run, however large.
    std::size_t running_bytes = 1u << 30;
};

struct runnable {
    store::event_id id = 0;
    std::string instance;
    std::string flow;
    std::string lane_key;     // empty: no lane
    std::int64_t due_ms = 0;  // 0: now
    int at_once = 0;          // executions of this flow with a permit, per instance; 0: any number
    std::size_t bytes = 0;    // of its payload; 0: not known yet
};

class scheduler {
  public:
    // `start` is called once for each added execution when it gets its permit.
    scheduler(limits limit, base::clock& time, base::event_loop& loop,
              std::function<void(const runnable&)> start);

    // Queues an execution. Executions of one lane must be added in the order of their ids; the lane
    // is held from the first start until finished(), also while the execution sleeps.
    void add(runnable item);

    // The execution ended: gives back its permit and its lane.
    void finished(store::event_id id);

    // The execution could not go on: gives back its permit, keeps its lane and starts again at
    // `due_ms`.
    void again(store::event_id id, std::int64_t due_ms);

    // The size of a payload is known now. False when there is no room for it: the caller drops it
    // and calls again(), and the start comes when there is room.
    bool weigh(store::event_id id, std::size_t bytes);

    // What starts at a later time starts at `due_ms` if that is earlier; 0: now.
    void hasten(store::event_id id, std::int64_t due_ms);

    // The execution waits for a time: gives back its permit, keeps its lane.
    void sleep(store::event_id id);
    // The wait is over: `resume` runs when there is a permit again, taking turns with the others.
    void wake(store::event_id id, std::function<void()> resume);

    // No more starts and resumes (draining). What runs may still call finished() and sleep().
    void stop();

    // Those that could start if there were room, and those behind others in their lanes.
    std::size_t queued() const { return queued_ - delayed_.size(); }
    // Those that start at a later time.
    std::size_t delayed() const { return delayed_.size(); }
    std::size_t running() const { return running_; }
    // Executions that were started and have not finished, sleeping ones included.
    std::size_t alive() const { return started_.size(); }

  private:
    struct gate;
    struct turn {
        runnable item;                 // for a start
        std::function<void()> resume;  // for a wake
        gate* limit = nullptr;
    };
    // Of a flow of one instance that limits how many run at once.
    struct gate {
        int at_once = 0;
        int running = 0;
        std::deque<turn> waiting;
    };
    struct instance_queue : deficit_ring::member {
        std::string name;
        std::deque<turn> waiting;
        int running = 0;
        std::size_t bytes = 0;  // of the payloads of those that run
    };
    struct started {
        instance_queue* queue = nullptr;
        gate* limit = nullptr;
        std::string lane;
        runnable item;
        bool has_permit = true;
        bool wants_permit = false;  // woke up, and stands in a queue for it
    };
    struct later {
        runnable item;
        base::event_loop::timer_id timer = 0;
    };
    using lane = std::deque<runnable>;  // front: the one that holds it

    void request(runnable item);
    void come_due(store::event_id id);
    void enqueue(instance_queue& queue, turn next);
    void offer(instance_queue& queue);
    void front_changed(instance_queue& queue);
    static std::uint64_t cost_of(std::size_t bytes);
    static std::uint64_t cost_of(const turn& one);
    void give_back(started& entry);
    void leave(store::event_id id, started& entry);
    void take(instance_queue& queue, std::size_t bytes);
    bool fits(const instance_queue& queue, std::size_t bytes) const;
    // While there is a permit left.
    bool has_room(const instance_queue& queue, std::size_t bytes) const;
    instance_queue* next_of_ring();
    gate* gate_of(const runnable& item);
    void pump();
    static std::string lane_name(const runnable& item);

    limits limit_;
    base::clock& time_;
    base::event_loop& loop_;
    std::function<void(const runnable&)> start_;
    std::unordered_map<std::string, instance_queue> instances_;
    std::unordered_map<std::string, lane> lanes_;
    std::unordered_map<std::string, gate> gates_;
    std::unordered_map<store::event_id, started> started_;
    std::unordered_map<store::event_id, later> delayed_;
    deficit_ring ring_;  // who has something waiting and room below its limit
    std::size_t queued_ = 0;
    std::size_t running_ = 0;
    std::size_t running_bytes_ = 0;
    bool pumping_ = false;
    bool stopped_ = false;
};

}  // namespace sluice::engine
