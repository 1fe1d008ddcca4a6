// The tables, and what is kept about the store itself. Internal to this module; functions throw
// SQLite::Exception unless they return a result.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "store/types.hpp"

namespace sluice::store {

inline constexpr std::int64_t schema_version = 3;

// Whether the file holds a store that this program can read. `unsupported` when a newer program
// wrote it, `invalid_input` when it is something else, `not_found` when it is empty.
base::result<void> check_schema(SQLite::Database& database);

// Creates the tables in one transaction.
void create_schema(SQLite::Database& database);

// Brings a store of an older version to this one, in one transaction.
void upgrade_schema(SQLite::Database& database);

struct boot_record {
    std::int64_t number = 0;  // of this process, also its epoch
    bool unclean = false;     // the process before this one did not close the store
};

// Takes the next boot number, durably, and gives events that an older boot left `running` back as
// `ready`. An unclean end before it is answered by a check of the file.
//
// `died_inside`: events that had a step inside a connector when the process before this one died.
// Their points are added up (ready_event::death_points).
base::result<boot_record> begin_boot(SQLite::Database& database,
                                     std::span<const death> died_inside);

// Durably: this boot has ended in order.
void end_boot(SQLite::Database& database);

}  // namespace sluice::store
