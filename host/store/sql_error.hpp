// What a failed SQLite call means for the store. Internal to this module.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <string_view>

#include "base/error.hpp"

namespace sluice::store {

enum class sql_failure {
    disk_full,  // this transaction failed, a later one may succeed
    busy,       // somebody else holds a lock
    too_slow,   // a read was interrupted by its time limit
    unfit,      // the value itself cannot be stored (too big, breaks a constraint)
    fatal,      // the disk or the file cannot be trusted any more
};

sql_failure classify(const SQLite::Exception& failure);

// `doing` completes "cannot ...".
base::error to_error(const SQLite::Exception& failure, std::string_view doing);

}  // namespace sluice::store
