// Opening the database with the settings the promises rest on. Internal to this module.
#pragma once

#include <SQLiteCpp/Database.h>

#include <memory>
#include <string>

#include "base/result.hpp"

namespace sluice::store {

struct database_place {
    std::string path;
    std::string vfs;     // empty: the system's files
    bool alone = false;  // nobody else has the file open: no shared memory is needed
};

// The only connection that writes and checkpoints. Creates the file; refuses to go on when SQLite
// does not confirm WAL and synchronous=FULL. Never checkpoints by itself, not even when closed.
base::result<std::unique_ptr<SQLite::Database>> open_for_writing(const database_place& place);

// Reads only; never checkpoints. The file must exist. `path` may be a URI ("file:...?immutable=1").
base::result<std::unique_ptr<SQLite::Database>> open_for_reading(const database_place& place);

// A complete copy of what the connection (open_for_reading) sees now, in a new file. Throws.
void copy_database(SQLite::Database& from, const std::string& file);

// "SQLite 3.40.1", as linked.
std::string sqlite_version();

}  // namespace sluice::store
