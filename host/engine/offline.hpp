// Executions without a store: flows that start flows, events and durable values live in memory and
// end with the run. For `sluice run`, `sluice test` and documents of the specification.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "engine/execution.hpp"
#include "engine/signals.hpp"

namespace sluice::engine {

// Loop thread. Everything given outlives it.
class offline_engine final : public child_port, public signal_log {
  public:
    offline_engine(base::event_loop& loop, base::clock& clock, base::random_source& random,
                   call_port& calls);
    ~offline_engine() override;

    // What executions stand on; set hooks and `http` before run().
    surroundings& host() { return host_; }

    // What the first run() gives: files can be put there for it before.
    static constexpr store::event_id first_run = 1;
    // Runs a flow; `done` runs later, once, on the loop.
    store::event_id run(std::shared_ptr<const bound_flow> flow, json::value payload,
                        std::function<void(const end_of_execution&)> done);
    // A durable value of the flow, as if an earlier run had put it.
    void put_state(const bound_flow& flow, const std::string& key, json::value content);
    // Executions that run, those that others have started included.
    std::size_t alive() const { return running_.size(); }

    // child_port
    void start(request what, journal& records, const noted& note, begun started) override;
    void await_end(store::event_id child, std::function<void(end_of_execution)> ended) override;
    void cancel(store::event_id child) override;
    // signal_log
    void emit(const start_of_execution& from, const json::value& event, journal& records) override;
    void newest(const std::string& instance,
                std::function<void(base::result<std::int64_t>)> done) override;
    void read(const std::string& instance, std::int64_t after, int limit,
              std::function<void(base::result<std::vector<signal>>)> done) override;
    listener_id listen(const std::string& instance, std::int64_t after,
                       std::function<void()> notify) override;
    void forget(listener_id which) override { listeners_.erase(which); }

  private:
    using end_function = std::function<void(const end_of_execution&)>;

    surroundings host_;
    std::map<std::string, json::value> state_;
    std::map<store::event_id, std::unique_ptr<execution>> running_;
    std::map<store::event_id, end_of_execution> ended_;  // of children
    std::map<store::event_id, std::vector<std::function<void(end_of_execution)>>> waiting_;
    std::vector<signal> signals_;
    std::map<listener_id, std::function<void()>> listeners_;
    listener_id last_listener_ = 0;
    store::event_id last_id_ = first_run - 1;
};

}  // namespace sluice::engine
