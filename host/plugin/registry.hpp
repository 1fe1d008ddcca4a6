// All connectors of the host, by id and version, kept in step with the folder.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "plugin/blob_registry.hpp"
#include "plugin/blob_stream.hpp"
#include "plugin/connector.hpp"
#include "plugin/environment.hpp"
#include "plugin/scan.hpp"

namespace sluice::plugin {

// Loop thread for everything (before the loop runs: the thread that will not race with it).
class registry {
  public:
    // Reads nothing yet; call rescan() or watch().
    registry(host_ports ports, host_options options);
    // Stops watching. Does not close connectors (see shutdown); their libraries stay mapped.
    ~registry();
    registry(const registry&) = delete;
    registry& operator=(const registry&) = delete;

    // Brings the list in step with the folder now. Blocks on disk. New files are copied into the
    // cache folder, so that overwriting them later cannot hurt what runs.
    base::result<void> rescan();
    // The same every rescan_ms, on a thread of its own; changes appear between two callbacks of
    // the loop.
    void watch();
    void stop_watching();

    // The highest version that `accepts` (empty: any), among files present now; null when there is
    // none.
    std::shared_ptr<connector> find(std::string_view id,
                                    const std::function<bool(const version&)>& accepts = {}) const;
    // That version, also when its file is gone but the connector was in use; for executions that
    // started with it.
    std::shared_ptr<connector> find_exact(std::string_view id, const version& wanted) const;
    // For messages to people when find() gave nothing: what there is instead, or why the file was
    // refused. `wanted` is the constraint as it was written.
    base::error explain_missing(std::string_view id, std::string_view wanted = "*") const;

    std::vector<std::shared_ptr<connector>> all() const;  // by id, newest version first
    // Replaced or gone, but a process of theirs still runs.
    std::vector<std::shared_ptr<connector>> left_over() const;
    // Whom a rule of isolation is for, and nobody has that id.
    std::vector<std::string> names_without_connector() const;
    std::vector<refusal> refusals() const;          // of the last scan
    std::vector<action_counters> counters() const;  // of all connectors, any version

    blob_registry& blobs();
    // For those who stream bodies into and out of blobs; valid as long as the registry.
    blob_access blob_streams();

    // Refuses new calls, asks running ones to end, closes every connector that has no live call
    // left, at the latest after `patience_ms`; then `done` on the loop, with how many could not be
    // closed. Their code is running: the log names them, and whoever destroys the loop or the store
    // then pulls it away from under them.
    void shutdown(std::int64_t patience_ms, std::function<void(std::size_t left_open)> done);

  private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace sluice::plugin
