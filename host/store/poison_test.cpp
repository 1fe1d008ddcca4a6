// Events whose step killed the process, and stores of an older schema.
#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include "store/data_folder.hpp"
#include "store/sqlite_store.hpp"
#include "store/store_testing.hpp"

namespace sluice::store::testing {
namespace {

class poison : public ::testing::Test {
  protected:
    std::unique_ptr<store> open_after(std::vector<death> died_inside) {
        sqlite_options options = small_options(folder_.path(), clock_);
        options.died_inside = [died_inside] { return died_inside; };
        auto opened = open_sqlite_store(std::move(options));
        if (opened) return std::move(*opened);
        ADD_FAILURE() << opened.error_value().to_text();
        return nullptr;
    }
    std::vector<event_id> live(store& in) {
        std::vector<event_id> ids;
        const std::vector<ready_event> all = in.load_ready_all(0, 100).value();
        for (const ready_event& one : all)
            ids.push_back(one.id);
        return ids;
    }

    base::temporary_folder folder_;
    base::system_clock clock_;
};

TEST_F(poison, deaths_of_the_process_are_counted_for_events_that_have_not_ended) {
    {
        auto it = open_after({});
        ASSERT_TRUE(append_and_wait(*it, {make_event(1), make_event(2), make_event(3)}));
        ASSERT_TRUE(commit_and_wait(*it, {finished(3)}));
    }
    for (int deaths = 1; deaths <= 3; ++deaths) {
        auto it = open_after({{1, death::crash}, {3, death::crash}});
        EXPECT_EQ(live(*it), (std::vector<event_id>{1, 2}));
        const int points = it->load_ready_all(0, 1).value().at(0).death_points;
        EXPECT_EQ(points >= death::most_points, deaths == 3) << points;
        EXPECT_EQ(it->load_ready_all(1, 1).value().at(0).death_points, 0);
        EXPECT_EQ(it->execution(3).value().summary.state, event_state::succeeded);
    }
}

TEST_F(poison, an_end_that_nobody_explained_weighs_less_than_a_crash) {
    {
        auto it = open_after({});
        ASSERT_TRUE(append_and_wait(*it, {make_event(1)}));
    }
    for (int ends = 1; ends <= 12; ++ends) {
        auto it = open_after({{1, death::unexplained}});
        const int points = it->load_ready_all(0, 1).value().at(0).death_points;
        EXPECT_EQ(points >= death::most_points, ends == 12) << points;
    }
}

TEST_F(poison, a_store_of_the_first_schema_is_brought_to_this_one) {
    {
        auto it = open_after({});
        ASSERT_TRUE(append_and_wait(*it, {make_event(1)}));
    }
    {
        SQLite::Database database(database_path(folder_.path()).string(), SQLite::OPEN_READWRITE);
        for (const char* later : {"signal", "attempt", "earlier_step", "log"})
            database.exec(std::string("DROP TABLE ") + later);
        database.exec("DROP INDEX event_of_parent");
        database.exec("PRAGMA user_version = 1");
    }
    auto it = open_after({});
    ASSERT_NE(it, nullptr);
    EXPECT_EQ(live(*it), std::vector<event_id>{1});
    ASSERT_TRUE(commit_and_wait(*it, {emit_op{"acme", R"({"type":"t"})", 5}}));
    EXPECT_EQ(it->signals("acme", 0, 10).value().at(0).event_json, R"({"type":"t"})");
    EXPECT_EQ(it->last_signal().value(), 1);
}

}  // namespace
}  // namespace sluice::store::testing
