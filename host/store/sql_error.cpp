#include "store/sql_error.hpp"

#include <sqlite3.h>

#include <string>

namespace sluice::store {

sql_failure classify(const SQLite::Exception& failure) {
    switch (failure.getErrorCode() & 0xff) {
        case SQLITE_FULL:
            return sql_failure::disk_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return sql_failure::busy;
        case SQLITE_INTERRUPT:
            return sql_failure::too_slow;
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            return sql_failure::unfit;
        default:
            return sql_failure::fatal;
    }
}

base::error to_error(const SQLite::Exception& failure, std::string_view doing) {
    const std::string start = "cannot " + std::string(doing) + ": ";
    switch (classify(failure)) {
        case sql_failure::disk_full:
            return base::make_error(base::error_code::unavailable, start + "the disk is full",
                                    "free space on the file system of the data folder");
        case sql_failure::busy:
            return base::make_error(base::error_code::unavailable,
                                    start + "another program holds the database",
                                    "close every other program that has sluice.db open");
        case sql_failure::too_slow:
            return base::make_error(base::error_code::timeout,
                                    start + "the query took longer than its limit",
                                    "narrow the filter or ask for fewer rows");
        case sql_failure::unfit:
            return base::make_error(base::error_code::invalid_input, start + failure.what());
        case sql_failure::fatal:
            break;
    }
    const int code = failure.getExtendedErrorCode() > 0 ? failure.getExtendedErrorCode()
                                                        : failure.getErrorCode();
    return base::make_error(base::error_code::unavailable,
                            start + failure.what() + " (SQLite code " + std::to_string(code) + ")",
                            "check the disk and the system's log, then start the host again");
}

}  // namespace sluice::store
