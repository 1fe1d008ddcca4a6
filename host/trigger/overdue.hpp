// Alerts about flows that should have succeeded by now and have not: one timer for all of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/alert_writer.hpp"
#include "engine/bound_flow.hpp"
#include "store/store.hpp"

namespace sluice::trigger {

// Everything here outlives the overdue flows.
struct overdue_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    engine::alert_writer& writer;
};

// The time of a flow's last success is written with its end (engine::alerts_of_end), which also
// clears the alert; so it is known after a restart. Loop thread.
class overdue {
  public:
    using flow_list = std::vector<std::shared_ptr<const engine::bound_flow>>;

    explicit overdue(overdue_ports ports) : ports_(ports) {}
    ~overdue() { stop(); }
    overdue(const overdue&) = delete;
    overdue& operator=(const overdue&) = delete;

    // The flows that may start, and the keys of the alerts that are raised. Before the loop runs;
    // blocks. An error: the store cannot be read.
    base::result<void> start(const flow_list& flows, const std::vector<std::string>& raised);
    // These are the flows of these instances from now on. A flow or an alert that is new has all
    // its time from now; nobody waits for what is gone, removed
    // or paused, and what was raised about it is dropped.
    void replace(const std::vector<std::string>& instances, const flow_list& flows);
    // An execution of the flow has succeeded; that is durable.
    void on_success(const std::string& instance, const std::string& flow);
    void stop();

  private:
    struct waiting {
        const manifest::alert* rule = nullptr;  // of the flow's integration
        bool raised = false;                    // or about to be
        std::int64_t not_before_ms = 0;
    };
    struct tracked {
        std::shared_ptr<const engine::bound_flow> flow;
        std::int64_t success_ms = 0;  // or when the waiting began
        std::vector<waiting> alerts;
    };

    static std::string name_of(const std::string& instance, const std::string& flow) {
        return instance + '/' + flow;
    }
    static std::vector<waiting> alerts_of(const engine::bound_flow& flow);
    static std::int64_t due(const tracked& of, const waiting& one);
    void look();
    void arm();
    void raise(const std::string& name, tracked& of, waiting& one);
    void forget(const tracked& of, const waiting& one);
    void raise_later(const std::string& name, const std::string& alert);
    void put(const store::state_put_op& change);

    overdue_ports ports_;
    std::map<std::string, tracked> all_;  // by instance and flow
    base::event_loop::timer_id timer_ = 0;
    bool stopped_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::trigger
