#include "store/connection.hpp"
#include "store/data_folder.hpp"
#include "store/read_pool.hpp"
#include "store/schema.hpp"
#include "store/sql_error.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::store {

namespace {

// Percent-encodes what has a meaning in SQLite's file URIs.
std::string uri_path(const std::string& path) {
    std::string out;
    for (const char c : path) {
        if (c == '%') {
            out += "%25";
        } else if (c == '?') {
            out += "%3f";
        } else if (c == '#') {
            out += "%23";
        } else {
            out += c;
        }
    }
    return out;
}

std::int64_t size_of(const std::filesystem::path& path) {
    std::error_code problem;
    const auto size = std::filesystem::file_size(path, problem);
    return problem ? 0 : static_cast<std::int64_t>(size);
}

// Opens the store for each query and lets go of it after: a host that starts meanwhile waits for
// one query at most, and each query sees whether a host runs.
class sqlite_reader final : public reader {
  public:
    sqlite_reader(std::filesystem::path folder, base::clock& time)
        : folder_(std::move(folder)), time_(time) {}

    base::result<std::vector<execution_summary>> history(const history_filter& filter) override {
        return with<std::vector<execution_summary>>(
            "read the history", [&](queries& ask) { return ask.history(filter); });
    }
    base::result<execution_detail> execution(event_id id) override {
        return with<execution_detail>("read an execution",
                                      [&](queries& ask) { return ask.execution(id); });
    }
    base::result<std::vector<config_record>> config(const std::string& kind) override {
        return with<std::vector<config_record>>("read the configuration",
                                                [&](queries& ask) { return ask.config(kind); });
    }
    base::result<std::vector<config_record>> config_before(const std::string& kind,
                                                           const std::string& before,
                                                           int limit) override {
        return with<std::vector<config_record>>("read the configuration", [&](queries& ask) {
            return ask.config_before(kind, before, limit);
        });
    }
    base::result<health_report> health() override {
        return with<health_report>("look at the store", [&](queries&) {
            health_report report;
            report.wal_bytes = size_of(wal_path());
            if (auto facts = probe_file_system(folder_)) report.free_bytes = facts->free_bytes;
            report.engine = sqlite_version();
            return report;
        });
    }

    base::result<std::vector<log_line>> log_lines(event_id id, std::int64_t after,
                                                  int limit) override {
        return with<std::vector<log_line>>(
            "read a log", [&](queries& ask) { return ask.log_lines(id, after, limit); });
    }
    base::result<void> copy_to(const std::string& file) override {
        auto visit = visit_folder(folder_);
        if (!visit) return std::move(visit).error_value();
        try {
            auto database = open(*visit);
            if (!database) return std::move(database).error_value();
            if (auto usable = check_schema(**database); !usable) return usable;
            copy_database(**database, file);
            return {};
        } catch (const SQLite::Exception& problem) {
            return to_error(problem, "copy the store");
        }
    }

    // The reason why nothing can be read, if there is one.
    base::result<void> check() {
        auto looked = with<bool>("open the store", [](queries&) { return true; });
        if (!looked) return looked.error_value();
        return {};
    }

  private:
    std::filesystem::path wal_path() const {
        return std::filesystem::path(database_path(folder_).string() + "-wal");
    }

    // A connection that creates no file. While a host runs, the log and its index exist. Without
    // one, an empty log means that the database file is all there is ("immutable": SQLite then
    // looks for nothing else); a log left by a crash is read with its index in memory, which
    // SQLite does for a connection that has the file to itself (and the lock says it has).
    base::result<std::unique_ptr<SQLite::Database>> open(const folder_visit& visit) const {
        const std::string path = database_path(folder_).string();
        if (visit.host_runs) return open_for_reading({path, {}, false});
        const std::string uri = "file:" + uri_path(std::filesystem::absolute(path).string());
        if (size_of(wal_path()) == 0) return open_for_reading({uri + "?immutable=1", {}, false});
        return open_for_reading({uri, "unix-none", true});
    }

    template <class T, class Query>
    base::result<T> with(const char* doing, const Query& query) {
        auto visit = visit_folder(folder_);
        if (!visit) return visit.error_value();
        try {
            auto database = open(*visit);
            if (!database) return database.error_value();
            if (auto usable = check_schema(**database); !usable) return usable.error_value();
            read_connection connection(std::move(*database), time_, query_limit_ms);
            connection.limit.start();
            return query(connection.ask);
        } catch (const SQLite::Exception& problem) {
            return to_error(problem, doing);
        }
    }

    static constexpr std::int64_t query_limit_ms = 2000;
    std::filesystem::path folder_;
    base::clock& time_;
};

}  // namespace

base::result<std::unique_ptr<reader>> open_sqlite_reader(const std::filesystem::path& folder,
                                                         base::clock& time) {
    auto made = std::make_unique<sqlite_reader>(folder, time);
    if (auto usable = made->check(); !usable) return usable.error_value();
    return std::unique_ptr<reader>(std::move(made));
}

}  // namespace sluice::store
