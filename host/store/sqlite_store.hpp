// The store on one SQLite database in a data folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "store/disk_guard.hpp"
#include "store/file_system.hpp"
#include "store/store.hpp"

namespace sluice::store {

struct sqlite_options {
    std::filesystem::path folder;  // created if missing, mode 0700
    base::clock* clock = nullptr;  // required; must outlive the store
    std::int64_t dedup_window_ms = 72ll * 3'600'000;
    std::int64_t query_limit_ms = 2000;
    disk_limits disk;
    // Gives the events that had a step inside a connector when the last process died; see
    // begin_boot(). Called once, when the folder is locked. Empty: nobody keeps such a record.
    std::function<std::vector<death>()> died_inside;
    // A disk error happened; the store takes nothing any more. The host should exit: only a new
    // start can tell what the disk holds. Called once, on the writer's thread, after the callers
    // whose batches are lost were told.
    std::function<void(const base::error&)> on_fatal;

    // After each transaction: how long it took, fsync included, and how many requests it held. On
    // the writer's thread; quick. May be empty.
    std::function<void(std::int64_t microseconds, std::size_t requests)> on_commit;

    // For tests and simulation.
    std::string vfs;  // SQLite VFS by name; the folder is then not touched, locked or watched
    base::event_loop* run_on = nullptr;  // writes on this loop's thread instead of an own one
    file_system_probe probe = probe_file_system;
};

// Locks the folder (conflict: another host has it), checks the database after an unclean stop,
// and gives executions that an earlier process was running back as ready. Blocks.
base::result<std::unique_ptr<store>> open_sqlite_store(sqlite_options options);

// Reads from the folder of a host that may or may not run, from any process: creates nothing,
// changes nothing, never holds up the host for longer than one query. `not_found` when there is
// no store; `unsupported` when a newer program wrote it.
base::result<std::unique_ptr<reader>> open_sqlite_reader(const std::filesystem::path& folder,
                                                         base::clock& time);

}  // namespace sluice::store
