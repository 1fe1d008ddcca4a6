#include "store/sqlite_store.hpp"

#include <future>

#include "store/connection.hpp"
#include "store/data_folder.hpp"
#include "store/read_pool.hpp"
#include "store/schema.hpp"
#include "store/sql_error.hpp"
#include "store/writer.hpp"

namespace sluice::store {

namespace {

class sqlite_store final : public store {
  public:
    sqlite_store(std::unique_ptr<folder_lock> lock, database_place place,
                 std::unique_ptr<read_pool> readers, std::unique_ptr<writer> the_writer,
                 epoch_number epoch)
        : lock_(std::move(lock)),
          place_(std::move(place)),
          readers_(std::move(readers)),
          writer_(std::move(the_writer)),
          epoch_(epoch) {}
    ~sqlite_store() override { close(); }

    void append(std::vector<new_event> events, appended finished) override {
        writer_->submit(make_append(std::move(events), std::move(finished)));
    }
    void commit(partition_id partition, epoch_number epoch, std::vector<op> ops,
                committed finished) override {
        writer_->submit(make_commit(partition, epoch, std::move(ops), std::move(finished)));
    }
    void change_config(std::vector<config_change> changes, done finished) override {
        writer_->submit({config_request{std::move(changes), std::move(finished)}, std::nullopt});
    }

    base::result<epoch_number> acquire(partition_id) override { return epoch_; }
    base::result<void> renew(partition_id partition, epoch_number epoch) override {
        if (epoch == epoch_) return {};
        return base::make_error(base::error_code::conflict,
                                "partition " + std::to_string(partition) + " has epoch " +
                                    std::to_string(epoch_) + ", not " + std::to_string(epoch));
    }
    void release(partition_id, epoch_number) override {}

    base::result<std::vector<execution_summary>> history(const history_filter& filter) override {
        return readers_->read("read the history",
                              [&](queries& ask) { return ask.history(filter); });
    }
    base::result<execution_detail> execution(event_id id) override {
        return readers_->read("read an execution", [&](queries& ask) { return ask.execution(id); });
    }
    base::result<std::vector<config_record>> config(const std::string& kind) override {
        return readers_->read("read the configuration",
                              [&](queries& ask) { return ask.config(kind); });
    }
    base::result<std::vector<config_record>> config_before(const std::string& kind,
                                                           const std::string& before,
                                                           int limit) override {
        return readers_->read("read the configuration",
                              [&](queries& ask) { return ask.config_before(kind, before, limit); });
    }
    base::result<health_report> health() override {
        health_report report = writer_->health();
        report.engine = sqlite_version();
        return report;
    }
    base::result<std::vector<log_line>> log_lines(event_id id, std::int64_t after,
                                                  int limit) override {
        return readers_->read("read a log",
                              [&](queries& ask) { return ask.log_lines(id, after, limit); });
    }
    base::result<void> copy_to(const std::string& file) override {
        auto database = open_for_reading(place_);
        if (!database) return std::move(database).error_value();
        try {
            copy_database(**database, file);
            return {};
        } catch (const SQLite::Exception& problem) {
            return to_error(problem, "copy the store");
        }
    }
    base::result<std::vector<ready_event>> load_ready(partition_id partition, event_id after,
                                                      int limit) override {
        return readers_->read(
            "load events", [&](queries& ask) { return ask.load_ready(partition, after, limit); });
    }
    base::result<std::vector<ready_event>> load_ready_all(event_id after, int limit) override {
        return readers_->read("load events",
                              [&](queries& ask) { return ask.load_ready(-1, after, limit); });
    }
    base::result<std::string> payload(event_id id) override {
        return readers_->read("load a payload", [&](queries& ask) { return ask.payload(id); });
    }
    base::result<std::vector<step_record>> checkpoints(event_id id) override {
        return readers_->read("load steps", [&](queries& ask) { return ask.checkpoints(id); });
    }
    base::result<state_value> state_get(const std::string& instance, const std::string& flow,
                                        const std::string& key) override {
        return readers_->read("read a state value",
                              [&](queries& ask) { return ask.state_get(instance, flow, key); });
    }
    base::result<ended_page> ended_before(std::int64_t before_ms, event_id after,
                                          int limit) override {
        return readers_->read("look for what is to be removed", [&](queries& ask) {
            return ask.ended_before(before_ms, after, limit);
        });
    }
    void remove(std::vector<event_id> ended, removed finished) override {
        writer_->submit({remove_request{std::move(ended), std::move(finished), {}}, std::nullopt});
    }
    base::result<std::vector<event_id>> unknown_of(const std::vector<event_id>& ids) override {
        return readers_->read("look up executions",
                              [&](queries& ask) { return ask.unknown_of(ids); });
    }
    base::result<std::vector<signal_record>> signals(const std::string& instance,
                                                     std::int64_t after, int limit) override {
        return readers_->read("read events",
                              [&](queries& ask) { return ask.signals(instance, after, limit); });
    }
    base::result<std::int64_t> last_signal() override {
        return readers_->read("read events", [](queries& ask) { return ask.last_signal(); });
    }
    base::result<event_id> last_id() override {
        return readers_->read("read the last id", [](queries& ask) { return ask.last_id(); });
    }

    void close() override {
        writer_->stop([this] { readers_->close(); });
        lock_.reset();
    }

  private:
    std::unique_ptr<folder_lock> lock_;  // first in, last out
    database_place place_;
    std::unique_ptr<read_pool> readers_;
    std::unique_ptr<writer> writer_;
    epoch_number epoch_;
};

// The tables are there afterwards, and the boot is counted.
base::result<boot_record> prepare(SQLite::Database& database, disk_guard& disk,
                                  std::span<const death> died_inside) {
    try {
        if (auto usable = check_schema(database); !usable) {
            if (usable.error_value().code != base::error_code::not_found) {
                return usable.error_value();
            }
            create_schema(database);
        }
        upgrade_schema(database);
        return begin_boot(database, died_inside);
    } catch (const SQLite::Exception& problem) {
        const bool full = classify(problem) == sql_failure::disk_full;
        // What was running can still come to its end in the space of the reserve.
        if (full && disk.give_up_reserve()) return prepare(database, disk, died_inside);
        return to_error(problem, "open the store");
    }
}

}  // namespace

base::result<std::unique_ptr<store>> open_sqlite_store(sqlite_options options) {
    std::unique_ptr<folder_lock> lock;
    database_place place{"sluice.db", options.vfs, false};
    if (options.vfs.empty()) {
        auto claimed = claim_folder(options.folder, options.probe);
        if (!claimed) return claimed.error_value();
        lock = std::move(*claimed);
        place.path = database_path(options.folder).string();
    }
    auto disk =
        std::make_unique<disk_guard>(options.vfs.empty() ? options.folder : std::filesystem::path(),
                                     options.disk, options.probe);
    disk->keep_reserve();
    disk->refusal();

    auto database = open_for_writing(place);
    if (!database) return database.error_value();
    const std::vector<death> died_inside =
        options.died_inside ? options.died_inside() : std::vector<death>();
    auto boot = prepare(**database, *disk, died_inside);
    if (!boot) return boot.error_value();

    try {
        auto readers = std::make_unique<read_pool>(place, *options.clock, options.query_limit_ms);
        auto the_writer = std::make_unique<writer>(
            std::move(*database), std::move(disk),
            writer_options{options.clock, options.run_on, options.dedup_window_ms, boot->number,
                           std::move(options.on_fatal), std::move(options.on_commit)});
        return std::unique_ptr<store>(std::make_unique<sqlite_store>(
            std::move(lock), std::move(place), std::move(readers), std::move(the_writer),
            static_cast<epoch_number>(boot->number)));
    } catch (const SQLite::Exception& problem) {
        return to_error(problem, "open the store");
    }
}

}  // namespace sluice::store
