// One version of one connector: described from the start, loaded at its first call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/call.hpp"
#include "plugin/counters.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/isolation.hpp"

namespace sluice::plugin {

class connector_state;  // connector_state.hpp, inside this module

enum class load_status : std::uint8_t {
    not_loaded,  // no call yet
    loading,
    ready,
    failed,  // load_error() says why; tried again at the next call after a pause
    closed,
};

// Handed out by the registry as shared_ptr; whoever holds one keeps using this version, also after
// a newer one arrived or the file was replaced. Loop thread unless said otherwise.
class connector {
  public:
    explicit connector(std::shared_ptr<connector_state> state);
    ~connector();

    const descriptor& description() const;      // any thread
    const std::filesystem::path& file() const;  // where it was found; any thread
    std::string name() const;                   // "github 0.1.0"; any thread

    // Starts an action. `done` runs later on the loop, exactly once, whatever the connector does;
    // also for unknown actions and connectors that do not load. At the deadline the connector is
    // asked to stop; after the grace time `done` gets `timeout`.
    call_handle start(call_request request, call_done done);
    // Asks the connector to end the call soon. `done` still runs: with `cancelled`, or with the
    // result when it was too late. Ended calls are ignored.
    void cancel(call_handle call);

    load_status status() const;
    base::result<void> load_error() const;  // ok unless status() is failed
    std::size_t live_calls() const;
    std::vector<action_counters> counters() const;  // any thread

    // How it is run, and how its process is.
    isolation_facts isolation() const;
    // Takes its process out of quarantine; nothing when it is in none.
    void release();

  private:
    friend class registry;
    std::shared_ptr<connector_state> state_;
};

}  // namespace sluice::plugin
