// Read-only connections for many threads, each query with a time limit. Internal to this module.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"
#include "store/connection.hpp"
#include "store/queries.hpp"
#include "store/sql_error.hpp"

namespace sluice::store {

// Ends queries on a connection that last too long.
class time_limit {
  public:
    time_limit(SQLite::Database& database, base::clock& time, std::int64_t limit_ms);
    void start();

  private:
    base::clock& time_;
    std::int64_t limit_ns_;
    std::int64_t end_ns_ = 0;
};

// A connection that is ready to be asked.
struct read_connection {
    read_connection(std::unique_ptr<SQLite::Database> database, base::clock& time,
                    std::int64_t limit_ms)
        : limit(*database, time, limit_ms), ask(std::move(database)) {}
    time_limit limit;
    queries ask;
};

class read_pool {
  public:
    // Connections are opened when they are first needed; idle ones are kept.
    read_pool(database_place place, base::clock& time, std::int64_t limit_ms);

    // Runs `query(queries&)`, which may return a value or a result. Any thread.
    template <class Query>
    auto read(const char* doing, const Query& query) {
        using value = std::invoke_result_t<Query, queries&>;
        return run(doing, query, static_cast<value*>(nullptr));
    }

    // Closes the idle connections and refuses new queries.
    void close();

  private:
    template <class Query, class T>
    base::result<T> run(const char* doing, const Query& query, T*) {
        return guarded<T>(doing, query);
    }
    template <class Query, class T>
    base::result<T> run(const char* doing, const Query& query, base::result<T>*) {
        return guarded<T>(doing, query);
    }
    template <class T, class Query>
    base::result<T> guarded(const char* doing, const Query& query) {
        auto connection = take();
        if (!connection) return connection.error_value();
        try {
            (*connection)->limit.start();
            base::result<T> answer = query((*connection)->ask);
            give_back(std::move(*connection));
            return answer;
        } catch (const SQLite::Exception& problem) {
            return to_error(problem, doing);  // the connection is not used again
        }
    }

    base::result<std::unique_ptr<read_connection>> take();
    void give_back(std::unique_ptr<read_connection> connection);

    database_place place_;
    base::clock& time_;
    std::int64_t limit_ms_;
    std::mutex mutex_;
    bool closed_ = false;
    std::vector<std::unique_ptr<read_connection>> idle_;
};

}  // namespace sluice::store
