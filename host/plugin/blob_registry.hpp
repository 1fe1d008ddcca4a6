// The blobs of all executions, by id: those of running ones, and what earlier processes left on
// disk. They are kept as long as the execution's record (durable ones), or until it ends.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/blob.hpp"
#include "plugin/blob_place.hpp"

namespace sluice::plugin {

// Any thread. Nothing blocks on more than a look into a folder, unless it says so.
class blob_registry {
  public:
    explicit blob_registry(blob_options options);

    bool durable() const { return !options_->folder.empty(); }
    std::uint64_t bytes_per_execution() const { return options_->bytes_per_execution; }

    // A new empty blob that this execution can find by its id. Nothing is on disk yet.
    std::shared_ptr<blob> create(store::event_id execution, std::string content_type);
    // Null when this execution has no such blob. Blobs of earlier processes are found when they
    // were sealed and made durable.
    std::shared_ptr<blob> find(store::event_id execution, std::string_view id) const;
    // Nobody will name this blob: it goes when its last user lets go of it, durable or not.
    void discard(store::event_id execution, std::shared_ptr<blob> unwanted);

    // Sealed blobs of the execution that a crash would lose: make_durable() them before anything
    // that names them is recorded. Cheap when there are none.
    std::vector<std::shared_ptr<blob>> unsettled(store::event_id execution) const;

    // The execution runs no more in this process. Unsealed blobs go when their last user lets go
    // of them, temporary ones all; durable ones stay on disk and are still found.
    void forget(store::event_id execution);
    // The same for one of which nothing is kept: its files go, too.
    void drop(store::event_id execution);

    // The execution's record is gone, and so are its files. Blocks.
    void remove(store::event_id execution);
    // Executions that have a folder. Blocks.
    std::vector<store::event_id> stored() const;
    // Removes what earlier processes began and did not seal. Blocks.
    void remove_leftovers(store::event_id execution);

    // run_blocking is not to be used any more.
    void stop();

    // Blobs of running executions.
    std::size_t count() const;

  private:
    struct of_execution {
        std::shared_ptr<blob_place> place;
        std::map<std::string, std::shared_ptr<blob>, std::less<>> blobs;
    };
    // False: it has none.
    bool let_go(store::event_id execution);
    void release(std::vector<std::shared_ptr<blob>> unwanted);

    const std::shared_ptr<const blob_options> options_;
    const std::string id_prefix_;
    std::mutex stopping_;
    bool stopped_ = false;
    std::atomic<std::size_t> count_ = 0;
    mutable std::mutex mutex_;
    std::uint64_t last_id_ = 0;
    std::map<store::event_id, of_execution> executions_;
};

}  // namespace sluice::plugin
