// Flows that executions start: durable events of the same instance, found again after a crash.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "engine/surroundings.hpp"

namespace sluice::engine {

// Kinds of events: flows that belong to the execution that has started them.
inline constexpr const char* awaited_child = "call";
inline constexpr const char* free_child = "start";

// Loop thread. Everything given outlives it.
class children final : public child_port {
  public:
    struct ports {
        base::event_loop& loop;
        base::clock& clock;
        base::id_generator& ids;
        store::store& store;
        std::function<void(std::function<void()>)> run_blocking;
        // Queues a stored event.
        std::function<void(const store::new_event&, json::value input)> accept;
        // Whether the engine has it, waiting or running.
        std::function<bool(store::event_id)> is_here;
        std::function<void(store::event_id)> cancel;
    };
    explicit children(ports given) : ports_(std::move(given)) {}

    void start(request what, journal& records, const noted& note, begun started) override;
    void await_end(store::event_id child, std::function<void(end_of_execution)> ended) override;
    void cancel(store::event_id child) override { ports_.cancel(child); }

    // Some execution has ended.
    void ended(store::event_id id, const end_of_execution& end);

  private:
    ports ports_;
    std::unordered_map<store::event_id, std::vector<std::function<void(end_of_execution)>>>
        waiting_;
};

// How a stored execution ended; abandoned when it has not.
end_of_execution end_of_stored(const store::execution_detail& stored);

}  // namespace sluice::engine
