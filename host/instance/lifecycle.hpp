// Deploys and removes instances: runs their `deploy` and `undeploy` flows and records how it went.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/surroundings.hpp"
#include "instance/deployment_record.hpp"
#include "instance/wanted_deployment.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// Everything here outlives the lifecycle.
struct lifecycle_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
    // An event that is durable is to run.
    std::function<void(const store::new_event&, json::value payload)> accept;
    // Drops what the store keeps of an instance, in one transaction with the change of its record.
    // Called where work may block.
    std::function<void(const std::string& instance, store::config_change record,
                       store::store::done finished)>
        forget;
    // Another state than it was in when this was last called or start() ended, once it is durable.
    // On the loop.
    std::function<void(const std::string& instance, const deployment_record&)> changed;
};

// The record names the executions of an attempt before their events are written, so a process that
// dies in between leaves nothing that could run twice: at the next start an execution with that id
// is there, or it is started under that id. Loop thread.
class lifecycle {
  public:
    explicit lifecycle(lifecycle_ports ports);
    lifecycle(const lifecycle&) = delete;
    lifecycle& operator=(const lifecycle&) = delete;

    // Begins or goes on with what is not as it should be. Instances that are not named are left as
    // they are. Before the loop runs, after engine::recover(); blocks. An error: the store cannot
    // be read.
    base::result<void> start(std::vector<wanted_deployment> wanted);
    // The same while the loop runs: begins what is new or changed, and tries again what failed.
    // What is under way for an earlier wish ends first.
    void want(std::vector<wanted_deployment> wanted);
    // For engine::observe_ends.
    void on_end(store::event_id id, const engine::end_of_execution& end);
    // Starts nothing more. What is under way goes on at the next start.
    void stop() { stopped_ = true; }

    // The instances that start() and want() were given, by name; those that are gone included.
    std::map<std::string, deployment_record> records() const;
    // Null: it was not given.
    const deployment_record* record(const std::string& instance) const;

  private:
    struct tracked {
        wanted_deployment wanted;
        deployment_record record;
        bool known = false;  // the record was in the store, and the instance not removed
        bool fresh = false;  // its runs have no events yet, and wait for the record to be durable
        deployment_record::state_kind reported{};
        std::set<store::event_id> before;  // executions of an earlier attempt that have not ended
    };
    using by_name = std::map<std::string, tracked>;

    base::result<void> resume(by_name::value_type& of);
    void want_again(by_name::value_type& of);
    void wait_for_runs(by_name::value_type& of);
    void ended_before(by_name::value_type& of, store::event_id id);
    base::result<void> look_up(const std::string& instance, deployment_record& of,
                               std::vector<std::string>& missing);
    void begin(by_name::value_type& of);
    void settle(by_name::value_type& of);
    void enter(by_name::value_type& of, deployment_record::state_kind state);
    void flush();
    void flush_later();
    void written(const std::vector<std::string>& instances, const base::result<void>& outcome);
    void append(std::vector<store::new_event> events);
    void appended(const std::vector<store::new_event>& events,
                  const base::result<std::vector<store::append_outcome>>& outcome);
    void not_accepted(const store::new_event& event, const std::string& why);
    std::vector<store::new_event> events_of(const by_name::value_type& of,
                                            const std::vector<std::string>& flows) const;

    lifecycle_ports ports_;
    by_name all_;
    std::map<std::string, deployment_record> others_;        // that start() was not given
    std::unordered_map<store::event_id, std::string> runs_;  // that have not ended; the instance
    std::set<std::string> dirty_;                            // records that are to be written
    std::size_t writing_ = 0;
    bool stopped_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::instance
