// What is SQLite's own: the data folder, its lock, readers of other processes, limits.
#include "store/sqlite_store.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "base/manual_loop.hpp"
#include "base/thread.hpp"
#include "store/data_folder.hpp"
#include "store/store_testing.hpp"

namespace sluice::store::testing {

using ::testing::HasSubstr;

class sqlite_store : public ::testing::Test {
  protected:
    std::unique_ptr<store> open() { return open(small_options(folder_.path(), clock_)); }
    std::unique_ptr<store> open(sqlite_options options) {
        auto opened = open_sqlite_store(std::move(options));
        if (opened) return std::move(*opened);
        ADD_FAILURE() << opened.error_value().to_text();
        return nullptr;
    }
    base::error refusal(sqlite_options options) {
        auto opened = open_sqlite_store(std::move(options));
        if (!opened) return opened.error_value();
        ADD_FAILURE() << "was opened";
        return {};
    }
    void execute(const std::string& sql) {
        SQLite::Database database(database_path(folder_.path()).string(), SQLite::OPEN_READWRITE);
        database.exec(sql);
    }
    std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& one : std::filesystem::directory_iterator(folder_.path())) {
            names.insert(one.path().filename().string());
        }
        return names;
    }

    base::temporary_folder folder_;
    base::system_clock clock_;
};

TEST_F(sqlite_store, makes_a_private_folder) {
    auto options = small_options(folder_.path() / "new" / "data", clock_);
    auto opened = open(options);
    ASSERT_NE(opened, nullptr);
    struct stat found {};
    ASSERT_EQ(::stat(options.folder.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST_F(sqlite_store, narrows_an_own_folder_and_refuses_one_that_others_may_write_to) {
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    open();
    struct stat found {};
    ASSERT_EQ(::stat(folder_.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
    EXPECT_THAT(refusal(small_options(folder_.path(), clock_)).message, HasSubstr("others"));
}

TEST_F(sqlite_store, refuses_a_second_host_and_names_the_first) {
    auto first = open();
    ASSERT_NE(first, nullptr);
    const auto refused = refusal(small_options(folder_.path(), clock_));
    EXPECT_EQ(refused.code, base::error_code::conflict);
    EXPECT_THAT(refused.message, HasSubstr("pid " + std::to_string(::getpid())));
    first->close();
    EXPECT_NE(open(), nullptr);
}

TEST_F(sqlite_store, a_host_that_was_killed_leaves_no_lock_and_loses_nothing) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto opened = open_sqlite_store(small_options(folder_.path(), clock_));
        const bool stored = opened && append_and_wait(**opened, make_event(1, "kept", "key"));
        const char answer = stored ? 'y' : 'n';
        if (::write(ready[1], &answer, 1) != 1) ::_exit(2);
        while (true)
            ::pause();
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    const auto refused = refusal(small_options(folder_.path(), clock_));
    EXPECT_THAT(refused.message, HasSubstr("pid " + std::to_string(child)));

    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    // A reader sees what the killed host left in its log, and adds no file to the folder.
    const auto before = files();
    auto visitor = open_sqlite_reader(folder_.path(), clock_);
    ASSERT_TRUE(visitor) << visitor.error_value().to_text();
    EXPECT_EQ((*visitor)->execution(1).value().payload_json, "kept");
    EXPECT_EQ(files(), before);

    auto again = open();
    ASSERT_NE(again, nullptr);
    EXPECT_EQ(again->payload(1).value(), "kept");
    EXPECT_EQ(append_and_wait(*again, make_event(2, "kept", "key")).value().what,
              append_outcome::kind::duplicate);
}

TEST_F(sqlite_store, refuses_a_network_file_system) {
    for (const std::int64_t type : {0x6969ll, 0x517Bll, 0xFE534D42ll, 0xFF534D42ll}) {
        auto options = small_options(folder_.path(), clock_);
        options.probe = [type](const auto&) { return file_system_facts{type, 1 << 30, 1 << 30}; };
        const auto refused = refusal(options);
        EXPECT_EQ(refused.code, base::error_code::unsupported);
        EXPECT_THAT(refused.message, HasSubstr("network file system"));
    }
}

TEST_F(sqlite_store, refuses_a_newer_schema_and_a_foreign_file) {
    open()->close();
    execute("PRAGMA user_version = 99");
    const auto newer = refusal(small_options(folder_.path(), clock_));
    EXPECT_EQ(newer.code, base::error_code::unsupported);
    EXPECT_THAT(newer.message, HasSubstr("newer version"));
    const auto visit = open_sqlite_reader(folder_.path(), clock_);
    ASSERT_FALSE(visit);
    EXPECT_EQ(visit.error_value().code, base::error_code::unsupported)
        << visit.error_value().to_text();
    execute("PRAGMA application_id = 5");
    EXPECT_EQ(refusal(small_options(folder_.path(), clock_)).code, base::error_code::invalid_input);
}

TEST_F(sqlite_store, finds_damage_after_an_unclean_stop) {
    {
        auto opened = open();
        std::vector<new_event> events;
        for (event_id id = 1; id <= 200; ++id)
            events.push_back(make_event(id));
        ASSERT_TRUE(append_and_wait(*opened, events));
    }
    // A row that the table's own rules forbid, and no record of a clean end.
    execute(
        "PRAGMA ignore_check_constraints = 1; UPDATE event SET state = 9 WHERE id = 7; "
        "UPDATE meta SET value = 0 WHERE key = 'clean'");
    EXPECT_THAT(refusal(small_options(folder_.path(), clock_)).message, HasSubstr("damaged"));
}

TEST_F(sqlite_store, a_clean_close_leaves_one_database_file) {
    auto opened = open();
    ASSERT_TRUE(append_and_wait(*opened, make_event(1)));
    opened->close();
    EXPECT_EQ(files(), (std::set<std::string>{"lock", "reserve", "sluice.db"}));
}

TEST_F(sqlite_store, counts_boots_as_epochs) {
    EXPECT_EQ(open()->acquire(0).value(), 1u);
    EXPECT_EQ(open()->acquire(0).value(), 2u);
}

TEST_F(sqlite_store, a_reader_follows_a_running_host) {
    auto opened = open();
    auto visitor = open_sqlite_reader(folder_.path(), clock_);
    ASSERT_TRUE(visitor) << visitor.error_value().to_text();
    for (event_id id = 1; id <= 20; ++id) {
        ASSERT_TRUE(append_and_wait(*opened, make_event(id)));
        EXPECT_EQ((*visitor)->history({}).value().size(), static_cast<std::size_t>(id));
    }
    ASSERT_TRUE(put_config_and_wait(*opened, {"flow", "a", "{}", 0}));
    EXPECT_EQ((*visitor)->config("flow").value().size(), 1u);
    EXPECT_THAT((*visitor)->health().value().engine, HasSubstr("SQLite 3"));
    opened->close();
    EXPECT_EQ((*visitor)->history({}).value().size(), 20u);  // the same one, without a host
    EXPECT_EQ(files(), (std::set<std::string>{"lock", "reserve", "sluice.db"}));
    opened = open();
    ASSERT_TRUE(append_and_wait(*opened, make_event(21)));
    EXPECT_EQ((*visitor)->history({}).value().size(), 21u);
}

TEST_F(sqlite_store, a_reader_says_when_there_is_no_store) {
    const auto nothing = open_sqlite_reader(folder_.path() / "none", clock_);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error_value().code, base::error_code::not_found);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "none"));
    EXPECT_FALSE(open_sqlite_reader(folder_.path(), clock_));
    EXPECT_TRUE(files().empty());
}

TEST_F(sqlite_store, keeps_a_reserve_and_stops_taking_events_when_space_runs_out) {
    std::atomic<std::int64_t> free_bytes{100 << 20};
    auto options = small_options(folder_.path(), clock_);
    options.disk.admit_above_bytes = 10 << 20;
    options.disk.reserve_bytes = 2 << 20;
    options.probe = [&free_bytes](const auto&) {
        return file_system_facts{0xEF53, free_bytes.load(), std::int64_t{1} << 40};
    };
    auto opened = open(options);
    EXPECT_EQ(std::filesystem::file_size(folder_.path() / "reserve"), 2u << 20);
    ASSERT_EQ(append_and_wait(*opened, make_event(1)).value().what, append_outcome::kind::stored);

    free_bytes = 9 << 20;
    const auto refused = append_and_wait(*opened, make_event(2)).value();
    EXPECT_EQ(refused.what, append_outcome::kind::refused);
    EXPECT_THAT(refused.reason, HasSubstr("disk space"));
    EXPECT_FALSE(opened->health().value().admitting);
    // What runs may come to its end.
    EXPECT_EQ(commit_and_wait(*opened, {recorded(1, "/do/0"), finished(1)}).value(),
              commit_outcome::committed);

    free_bytes = 11 << 20;
    EXPECT_EQ(append_and_wait(*opened, make_event(3)).value().what, append_outcome::kind::stored);
    EXPECT_TRUE(opened->health().value().admitting);
}

TEST_F(sqlite_store, a_small_disk_is_measured_by_its_share) {
    auto options = small_options(folder_.path(), clock_);
    options.disk = disk_limits{};  // 512 MB or 5 %
    options.disk.reserve_bytes = 0;
    options.probe = [](const auto&) { return file_system_facts{0xEF53, 60 << 20, 1000 << 20}; };
    auto opened = open(options);
    EXPECT_EQ(append_and_wait(*opened, make_event(1)).value().what, append_outcome::kind::stored);
}

TEST_F(sqlite_store, forgets_keys_that_left_the_window) {
    base::manual_clock clock;
    auto opened = open(small_options(folder_.path(), clock));
    ASSERT_TRUE(append_and_wait(*opened, make_event(1, "x", "key")));
    clock.advance_ms(80ll * 3'600'000);
    ASSERT_TRUE(append_and_wait(*opened, make_event(2, "x", "other")));
    SQLite::Database database(database_path(folder_.path()).string());
    // Old keys are deleted when the writer has nothing else to do.
    EXPECT_TRUE(base::wait_until(
        [&database] { return database.execAndGet("SELECT count(*) FROM dedup").getInt() == 1; }));
}

TEST_F(sqlite_store, knows_the_keys_of_earlier_processes_before_and_after_it_has_read_them) {
    base::manual_clock time;
    base::manual_loop loop(time);
    auto options = small_options(folder_.path(), time);
    options.run_on = &loop;
    constexpr event_id count = 5000;
    for (int boot = 0; boot < 3; ++boot) {
        auto opened = open(options);
        std::vector<new_event> events;
        for (event_id id = 1; id <= count; ++id) {
            events.push_back(make_event(boot * count + id, "x", "key" + std::to_string(id)));
            if (id % 1000 == 0) time.advance_ms(3'600'000 / 5);  // over several hours
        }
        for (int idle = 0; idle < 20 * boot; ++idle)
            loop.advance_ms(60);
        int duplicates = 0;
        opened->append(events, [&duplicates](const auto& reply) {
            for (const auto& one : reply.value()) {
                if (one.what == append_outcome::kind::duplicate) ++duplicates;
            }
        });
        loop.run_ready();
        EXPECT_EQ(duplicates, boot == 0 ? 0 : count);
        loop.advance_ms(60);
    }
}

TEST_F(sqlite_store, ends_queries_that_take_too_long) {
    auto options = small_options(folder_.path(), clock_);
    options.query_limit_ms = 0;
    auto opened = open(options);
    for (event_id first = 1; first < 8000; first += 1000) {
        std::vector<new_event> events;
        for (event_id id = first; id < first + 1000; ++id) {
            events.push_back(make_event(id, "x", "", "instance" + std::to_string(id)));
        }
        ASSERT_TRUE(append_and_wait(*opened, events));
    }
    history_filter filter;
    filter.flow = "none of them";
    const auto slow = opened->history(filter);
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error_value().code, base::error_code::timeout);
    EXPECT_TRUE(opened->payload(5));  // the next one starts afresh
}

TEST_F(sqlite_store, takes_events_and_answers_readers_on_many_threads) {
    auto opened = open();
    constexpr int threads = 8;
    constexpr int each = 60;
    std::atomic<int> stored{0};
    std::atomic<int> committed{0};
    {
        std::vector<base::thread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back("worker", [&, t] {
                for (int i = 0; i < each; ++i) {
                    const event_id id = 1 + t * 1000 + i;
                    // Two threads each send the same keys.
                    auto event = make_event(id, "body", "key" + std::to_string(t / 2 * 1000 + i));
                    const auto outcome = append_and_wait(*opened, event).value();
                    if (outcome.what != append_outcome::kind::stored) continue;
                    ++stored;
                    if (commit_and_wait(*opened, {recorded(id, "/do/0"), finished(id)}).value() ==
                        commit_outcome::committed) {
                        ++committed;
                    }
                    EXPECT_EQ(opened->payload(id).value(), "body");
                    EXPECT_EQ(opened->checkpoints(id).value().size(), 1u);
                }
            });
        }
    }
    EXPECT_EQ(stored, threads / 2 * each);
    EXPECT_EQ(committed, stored);
    EXPECT_TRUE(opened->load_ready_all(0, 10).value().empty());
    history_filter all;
    all.limit = 10'000;
    EXPECT_EQ(opened->history(all).value().size(), static_cast<std::size_t>(stored));
}

TEST_F(sqlite_store, shares_transactions_between_callers) {
    auto opened = open();
    constexpr int count = 500;
    std::atomic<int> answered{0};
    for (int i = 0; i < count; ++i) {
        opened->append({make_event(i + 1)}, [&answered](const auto&) { ++answered; });
    }
    ASSERT_TRUE(base::wait_until([&answered] { return answered == count; }));
    const auto health = opened->health().value();
    EXPECT_EQ(health.batches, static_cast<std::uint64_t>(count));
    EXPECT_LT(health.transactions, static_cast<std::uint64_t>(count) / 2);
}

}  // namespace sluice::store::testing
