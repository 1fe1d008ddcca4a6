#include "store/connection.hpp"

#include <sqlite3.h>

#include "store/breakage.hpp"
#include "store/sql_error.hpp"
#include "store/statement.hpp"

namespace sluice::store {

namespace {

// The writer is alone; only a foreign program can hold it up, and not for long.
constexpr int busy_ms = 2000;

constexpr int synchronous_full = 2;

base::error not_durable(const std::string& what) {
    return base::make_error(base::error_code::unsupported,
                            "SQLite did not accept " + what +
                                ", so nothing it acknowledged would "
                                "be safe",
                            "use a local file system for the data folder");
}

}  // namespace

base::result<std::unique_ptr<SQLite::Database>> open_for_writing(const database_place& place) {
    try {
        auto database = std::make_unique<SQLite::Database>(
            place.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, busy_ms,
            place.vfs);
        sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_extended_result_codes(database->getHandle(), 1);
        // auto_vacuum is fixed by the first table, so it comes first.
        database->exec("PRAGMA auto_vacuum = INCREMENTAL");
        const std::string mode = database->execAndGet("PRAGMA journal_mode = WAL").getString();
        if (mode != "wal") return not_durable("journal_mode=WAL (it says " + mode + ")");
        database->exec(keeps_synchronous_full ? "PRAGMA synchronous = FULL"
                                              : "PRAGMA synchronous = NORMAL");
        const int synchronous = database->execAndGet("PRAGMA synchronous").getInt();
        if (keeps_synchronous_full && synchronous != synchronous_full) {
            return not_durable("synchronous=FULL");
        }
        database->exec("PRAGMA wal_autocheckpoint = 0");
        database->exec("PRAGMA secure_delete = OFF");
        database->exec("PRAGMA mmap_size = 0");
        database->exec("PRAGMA temp_store = MEMORY");
        database->exec("PRAGMA cache_size = -65536");
        return database;
    } catch (const SQLite::Exception& failure) {
        return to_error(failure, "open the store " + place.path);
    }
}

base::result<std::unique_ptr<SQLite::Database>> open_for_reading(const database_place& place) {
    try {
        auto database = std::make_unique<SQLite::Database>(
            place.path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, busy_ms,
            place.vfs);
        sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_extended_result_codes(database->getHandle(), 1);
        // Before anything that reads: the log's index is then kept in this process's memory.
        if (place.alone) database->exec("PRAGMA locking_mode = EXCLUSIVE");
        database->exec("PRAGMA query_only = 1");
        database->exec("PRAGMA mmap_size = 0");
        database->exec("PRAGMA temp_store = MEMORY");
        database->exec("PRAGMA cache_size = -8192");
        return database;
    } catch (const SQLite::Exception& failure) {
        return to_error(failure, "read the store " + place.path);
    }
}

void copy_database(SQLite::Database& from, const std::string& file) {
    from.exec("PRAGMA query_only = 0");  // it counts the copy as a change
    statement copy(from, "VACUUM INTO ?");
    copy.run(file);
    from.exec("PRAGMA query_only = 1");
}

std::string sqlite_version() { return std::string("SQLite ") + sqlite3_libversion(); }

}  // namespace sluice::store
