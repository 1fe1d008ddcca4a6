// The event log of a host: in the store, with listeners of this process told at once.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "engine/ports.hpp"
#include "engine/signals.hpp"
#include "store/store.hpp"

namespace sluice::engine {

// Whether an event that a flow of this instance emitted starts `sibling`, a flow of the same
// integration.
bool is_started_by(const manifest::flow& sibling, const bound_flow& flow, const json::value& event,
                   base::clock& clock);

class store_signals final : public signal_log {
  public:
    struct ports {
        base::event_loop& loop;
        base::clock& clock;
        base::id_generator& ids;
        store::store& store;
        std::function<void(std::function<void()>)> run_blocking;
        // Queues an event that is durable by now.
        std::function<void(const store::new_event&, json::value payload)> accept;
    };
    explicit store_signals(ports given) : ports_(std::move(given)) {}

    void emit(const start_of_execution& from, const json::value& event, journal& records) override;
    void newest(const std::string& instance,
                std::function<void(base::result<std::int64_t>)> done) override;
    void read(const std::string& instance, std::int64_t after, int limit,
              std::function<void(base::result<std::vector<signal>>)> done) override;
    listener_id listen(const std::string& instance, std::int64_t after,
                       std::function<void()> notify) override;
    void forget(listener_id which) override { listeners_.erase(which); }

  private:
    struct listener {
        std::string instance;
        std::function<void()> notify;
    };
    void notify(const std::string& instance);

    ports ports_;
    std::map<listener_id, listener> listeners_;
    listener_id last_ = 0;
};

}  // namespace sluice::engine
