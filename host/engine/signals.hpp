// Events that flows emit and listen for: a log per instance that outlives the process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::engine {

class journal;
struct start_of_execution;

struct signal {
    std::int64_t number = 0;  // counts up within the log
    json::value event;        // a CloudEvent
};

// Loop thread. All callbacks run later, on the loop, once.
class signal_log {
  public:
    using listener_id = std::uint64_t;
    virtual ~signal_log() = default;
    // Adds an event, and the executions that it triggers, to what the execution records next.
    virtual void emit(const start_of_execution& from, const json::value& event,
                      journal& records) = 0;
    // The number of the newest signal; what is emitted from now on has a larger one.
    virtual void newest(const std::string& instance,
                        std::function<void(base::result<std::int64_t>)> done) = 0;
    // Signals of the instance above `after`, oldest first, at most `limit`.
    virtual void read(const std::string& instance, std::int64_t after, int limit,
                      std::function<void(base::result<std::vector<signal>>)> done) = 0;
    // `notify` runs when there are signals above `after`, also when there are already.
    virtual listener_id listen(const std::string& instance, std::int64_t after,
                               std::function<void()> notify) = 0;
    virtual void forget(listener_id which) = 0;
};

}  // namespace sluice::engine
