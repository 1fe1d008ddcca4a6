// One process that runs a connector, as the host speaks to it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "plugin/frame.hpp"
#include "plugin/isolation.hpp"
#include "plugin/log_budget.hpp"

namespace sluice::plugin {

struct runner_end {
    std::string how;         // "signal 11 (Segmentation fault)"
    std::string last_words;  // of its standard error; may be empty
    bool understood = true;  // all that it sent; otherwise nobody knows which calls had begun
};

struct runner_events {
    // Each frame, in order, on a thread of the link's; possibly from within send().
    std::function<void(frame)> received;
    // Once, after the last frame.
    std::function<void(runner_end)> ended;
};

class runner_link {
  public:
    // Ends the process if it has not ended; no event comes from then on. Not from an event.
    virtual ~runner_link() = default;
    // Any thread; never blocks. Dropped when the process is gone.
    virtual void send(const frame& one) = 0;
    // Any thread; `ended` follows. `why` is told in place of the signal.
    virtual void kill(std::string why) = 0;
    virtual pid_t pid() const = 0;
};

struct runner_start {
    std::filesystem::path file;  // the connector's private copy
    std::string connector;       // "github 0.1.0"
    isolation_limits limits;
    std::size_t blocking_threads = 16;  // for blocking actions and work/1
    std::size_t blocking_queue = 1'000;
    std::filesystem::path temporary_root = {};  // where it gets a folder; empty: the system's
    std::shared_ptr<log_budget> log = {};       // of this process alone
};

// How a runner is started; tests bring their own.
using start_runner =
    std::function<base::result<std::unique_ptr<runner_link>>(const runner_start&, runner_events)>;

// Starts `program` (sluice-runner).
start_runner process_runner(std::filesystem::path program);

}  // namespace sluice::plugin
