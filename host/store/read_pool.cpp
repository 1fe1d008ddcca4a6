#include "store/read_pool.hpp"

#include <sqlite3.h>

namespace sluice::store {

namespace {

constexpr std::size_t kept_connections = 4;
// Virtual machine steps of SQLite between two looks at the clock: well under a millisecond.
constexpr int steps_between_checks = 5000;

}  // namespace

time_limit::time_limit(SQLite::Database& database, base::clock& time, std::int64_t limit_ms)
    : time_(time), limit_ns_(limit_ms * 1'000'000) {
    sqlite3_progress_handler(
        database.getHandle(), steps_between_checks,
        [](void* self) {
            const auto* limit = static_cast<time_limit*>(self);
            return limit->time_.steady_ns() > limit->end_ns_ ? 1 : 0;
        },
        this);
}

void time_limit::start() { end_ns_ = time_.steady_ns() + limit_ns_; }

read_pool::read_pool(database_place place, base::clock& time, std::int64_t limit_ms)
    : place_(std::move(place)), time_(time), limit_ms_(limit_ms) {}

base::result<std::unique_ptr<read_connection>> read_pool::take() {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return base::make_error(base::error_code::unavailable, "the store is closed");
        }
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    auto database = open_for_reading(place_);
    if (!database) return database.error_value();
    return std::make_unique<read_connection>(std::move(*database), time_, limit_ms_);
}

void read_pool::give_back(std::unique_ptr<read_connection> connection) {
    const std::lock_guard lock(mutex_);
    if (!closed_ && idle_.size() < kept_connections) idle_.push_back(std::move(connection));
}

void read_pool::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    idle_.clear();
}

}  // namespace sluice::store
