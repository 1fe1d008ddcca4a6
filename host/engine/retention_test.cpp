#include "engine/retention.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "base/base_testing.hpp"
#include "base/ids.hpp"
#include "base/manual_loop.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::engine {
namespace {

constexpr std::int64_t day = 24 * 3'600'000;

class retention_test : public testing::Test {
  protected:
    void SetUp() override {
        store::sqlite_options settings;
        settings.folder = folder.path() / "data";
        settings.clock = &clock;
        settings.disk.reserve_bytes = 0;
        auto opened = store::open_sqlite_store(std::move(settings));
        ASSERT_TRUE(opened) << opened.error_value().to_text();
        store = std::move(*opened);
        plugin::blob_options rules;
        rules.folder = folder.path() / "data" / "blobs";
        rules.started_ms = clock.unix_ms();
        blobs = std::make_shared<plugin::blob_registry>(rules);
    }
    void TearDown() override {
        keeper.reset();
        store->close();
        loop.clear();
    }

    void begin(std::int64_t keep_ms) {
        retention_options options;
        options.keep_ms = keep_ms;
        options.page = 3;
        keeper = std::make_unique<retention>(
            retention_ports{loop, clock, *store, blobs, [](std::function<void()> work) { work(); }},
            options);
        keeper->start(blobs->stored());
    }
    void add(store::event_id id, store::event_id parent = 0) {
        store::new_event event;
        event.id = id;
        event.instance = "acme";
        event.flow = "files";
        event.accepted_ms = clock.unix_ms();
        event.payload_json = "{}";
        event.parent = parent;
        std::promise<void> done;
        store->append({event}, [&](const auto& outcome) {
            EXPECT_TRUE(outcome);
            done.set_value();
        });
        done.get_future().wait();
        const auto one = blobs->create(id, "text/plain");
        EXPECT_TRUE(one->append("bytes"));
        one->seal();
        EXPECT_TRUE(one->make_durable());
        blobs->forget(id);
    }
    void end(store::event_id id) {
        store::finish_op finish;
        finish.event = id;
        finish.ended_ms = clock.unix_ms();
        const auto partition = store::partition_of("acme");
        std::promise<void> done;
        store->commit(partition, *store->acquire(partition), {finish}, [&](const auto& outcome) {
            EXPECT_TRUE(outcome);
            done.set_value();
        });
        done.get_future().wait();
    }
    bool has_files(store::event_id id) {
        return std::filesystem::exists(plugin::blob_folder(folder.path() / "data" / "blobs", id));
    }
    bool run_until(const std::function<bool()>& condition) {
        return base::wait_until([&] {
            loop.run_ready();
            return condition();
        });
    }

    const base::temporary_folder folder;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    std::unique_ptr<store::store> store;
    std::shared_ptr<plugin::blob_registry> blobs;
    std::unique_ptr<retention> keeper;
};

TEST_F(retention_test, what_ended_long_ago_goes_with_its_files_and_the_rest_stays) {
    for (store::event_id id = 1; id <= 8; ++id)
        add(id);
    for (store::event_id id = 1; id <= 7; ++id)
        end(id);
    begin(30 * day);
    loop.run_ready();
    EXPECT_EQ(keeper->removed(), 0u);
    // Only time passes.
    clock.advance_ms(29 * day);
    add(9);
    end(9);
    clock.advance_ms(2 * day);
    ASSERT_TRUE(run_until([&] { return keeper->removed() == 7; }));
    ASSERT_TRUE(run_until([&] { return !has_files(7); }));
    for (store::event_id id = 1; id <= 9; ++id) {
        EXPECT_EQ(has_files(id), id >= 8) << id;
        EXPECT_EQ(store->execution(id).has_value(), id >= 8) << id;
    }
}

TEST_F(retention_test, files_of_a_live_family_stay) {
    add(1);
    add(2, 1);
    end(2);
    add(3);
    add(4, 3);
    end(3);
    clock.advance_ms(31 * day);
    begin(30 * day);
    loop.run_ready();
    loop.advance_ms(2 * 600'000);
    EXPECT_EQ(keeper->removed(), 0u);
    end(1);
    end(4);
    clock.advance_ms(31 * day);
    ASSERT_TRUE(run_until([&] { return keeper->removed() == 4 && !has_files(4); }));
    EXPECT_TRUE(blobs->stored().empty());
}

TEST_F(retention_test, zero_keeps_for_ever) {
    add(1);
    end(1);
    clock.advance_ms(10'000 * day);
    begin(0);
    loop.run_ready();
    EXPECT_FALSE(loop.advance_to_next_timer());
    EXPECT_TRUE(has_files(1));
}

TEST_F(retention_test, a_start_removes_what_a_crash_left) {
    add(1);
    const auto root = folder.path() / "data" / "blobs";
    std::filesystem::create_directories(plugin::blob_folder(root, 77));
    std::ofstream(plugin::blob_folder(root, 77) / "bold-1") << "nobody's";
    std::ofstream(plugin::blob_folder(root, 1) / "bold-2.part") << "half";
    begin(0);
    EXPECT_FALSE(has_files(77));
    EXPECT_TRUE(has_files(1));
    EXPECT_FALSE(std::filesystem::exists(plugin::blob_folder(root, 1) / "bold-2.part"));
}

}  // namespace
}  // namespace sluice::engine
