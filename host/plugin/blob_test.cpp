#include "plugin/blob.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/base_testing.hpp"
#include "plugin/blob_registry.hpp"

namespace sluice::plugin {
namespace {

std::shared_ptr<blob_place> temporary_place(const std::filesystem::path& folder) {
    blob_options options;
    options.temporary_folder = folder;
    return std::make_shared<blob_place>(std::make_shared<const blob_options>(options), 1);
}

std::string all_of(const blob& one) {
    std::string text(one.length(), '\0');
    const auto got = one.read(0, text.data(), text.size());
    EXPECT_TRUE(got) << got.error_value().to_text();
    return got ? text.substr(0, *got) : "";
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& each : std::filesystem::recursive_directory_iterator(folder, ignored)) {
        if (each.is_regular_file()) names.push_back(each.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

TEST(blob, keeps_small_payloads_in_memory_and_large_ones_in_a_file) {
    const base::temporary_folder folder;
    blob one("b1", "text/plain", temporary_place(folder.path()));
    ASSERT_TRUE(one.append("hello "));
    ASSERT_TRUE(one.append("world"));
    EXPECT_TRUE(one.in_memory());
    EXPECT_TRUE(one.append_blocks(1u << 20));
    ASSERT_TRUE(one.append(std::string(1u << 20, 'x')));
    EXPECT_FALSE(one.in_memory());
    // Nothing with a name stays on disk.
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    one.seal();
    EXPECT_FALSE(one.unsettled());
    char text[12] = {};
    EXPECT_EQ(*one.read(0, text, 11), 11u);
    EXPECT_STREQ(text, "hello world");
    EXPECT_EQ(*one.read(one.length() - 1, text, 5), 1u);
    EXPECT_EQ(*one.read(one.length(), text, 5), 0u);
    EXPECT_EQ(*one.read(~std::uint64_t{0}, text, 5), 0u);
}

TEST(blob, is_written_then_sealed_then_read) {
    blob one("b1", "", temporary_place({}));
    char text[4];
    EXPECT_EQ(one.read(0, text, 4).error_value().code, base::error_code::conflict);
    EXPECT_EQ(one.make_durable().error_value().code, base::error_code::conflict);
    ASSERT_TRUE(one.append("abc"));
    one.seal();
    EXPECT_EQ(one.append("d").error_value().code, base::error_code::conflict);
    EXPECT_EQ(*one.read(1, text, 4), 2u);
}

TEST(blob, a_folder_that_is_not_there_is_an_error) {
    blob one("b1", "", temporary_place("/nowhere/at/all"));
    EXPECT_FALSE(one.append(std::string((1u << 20) + 1, 'x')));
}

TEST(blob, says_in_json_what_it_is) {
    blob one("b7", "text/csv", temporary_place({}));
    ASSERT_TRUE(one.append("a;b"));
    EXPECT_EQ(one.to_json_text(), R"({"$blob":"b7","size":3,"contentType":"text/csv"})");
}

TEST(blob, an_id_from_outside_cannot_leave_the_folder) {
    for (const char* bad : {"", "b", "../b1", "b/1", "b1.part", "B1", "c1"})
        EXPECT_FALSE(is_blob_id(bad)) << bad;
    EXPECT_FALSE(is_blob_id("b" + std::string(60, '1')));
    EXPECT_TRUE(is_blob_id("bmf3k2a9c-1z"));
}

// ---- Durable ones -------------------------------------------------------------------------------

class durable_blobs : public testing::Test {
  protected:
    blob_registry open(std::int64_t started_ms = 1'000) {
        blob_options rules = options;
        rules.folder = folder.path() / "blobs";
        rules.started_ms = started_ms;
        return blob_registry(std::move(rules));
    }

    const base::temporary_folder folder;
    blob_options options;
};

TEST_F(durable_blobs, survive_the_process_with_bytes_and_type) {
    std::string small_id;
    std::string large_id;
    const std::string large(3u << 20, 'x');
    {
        blob_registry first = open();
        const auto small = first.create(5, "text/plain");
        ASSERT_TRUE(small->append("hello"));
        const auto big = first.create(5, "");
        ASSERT_TRUE(big->append(large));
        EXPECT_TRUE(first.unsettled(5).empty());
        small->seal();
        big->seal();
        EXPECT_EQ(first.unsettled(5).size(), 2u);
        EXPECT_EQ(all_of(*small), "hello");
        for (const auto& each : first.unsettled(5))
            ASSERT_TRUE(each->make_durable());
        EXPECT_TRUE(first.unsettled(5).empty());
        EXPECT_EQ(all_of(*small), "hello");
        EXPECT_TRUE(all_of(*big) == large);
        small_id = small->id();
        large_id = big->id();
    }
    EXPECT_EQ(files_in(folder.path() / "blobs" / "x0000000000005"),
              (std::vector<std::string>{small_id, small_id + ".type", large_id}));
    blob_registry second = open(2'000);
    const auto small = second.find(5, small_id);
    ASSERT_TRUE(small);
    EXPECT_EQ(small->to_json_text(),
              R"({"$blob":")" + small_id + R"(","size":5,"contentType":"text/plain"})");
    EXPECT_TRUE(small->sealed());
    EXPECT_EQ(all_of(*small), "hello");
    EXPECT_EQ(all_of(*second.find(5, large_id)), large);
    EXPECT_EQ(second.find(6, small_id), nullptr);
    EXPECT_EQ(second.find(5, "../" + small_id), nullptr);
    EXPECT_NE(second.create(5, "")->id(), small_id);
}

TEST_F(durable_blobs, what_was_not_sealed_goes_with_the_run) {
    blob_registry blobs = open();
    auto kept = blobs.create(5, "");
    ASSERT_TRUE(kept->append(std::string(100'000, 'k')));
    kept->seal();
    ASSERT_TRUE(kept->make_durable());
    auto partial = blobs.create(5, "");
    ASSERT_TRUE(partial->append(std::string(100'000, 'p')));
    EXPECT_EQ(files_in(folder.path()).size(), 2u);
    const std::string id = kept->id();
    kept.reset();
    partial.reset();
    blobs.forget(5);
    EXPECT_EQ(blobs.count(), 0u);
    EXPECT_EQ(files_in(folder.path()), std::vector<std::string>{id});
    EXPECT_TRUE(blobs.find(5, id));
    blobs.remove(5);
    EXPECT_FALSE(blobs.find(5, id));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "blobs"));
}

TEST_F(durable_blobs, a_discarded_one_leaves_nothing_behind) {
    blob_registry blobs = open();
    auto one = blobs.create(5, "text/plain");
    ASSERT_TRUE(one->append("x"));
    one->seal();
    ASSERT_TRUE(one->make_durable());
    EXPECT_EQ(files_in(folder.path()).size(), 2u);
    blobs.discard(5, std::move(one));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "blobs"));
}

TEST_F(durable_blobs, of_an_execution_that_is_dropped_go_with_it_sealed_or_not) {
    for (const bool elsewhere : {false, true}) {
        std::vector<std::function<void()>> work;
        if (elsewhere) {
            options.run_blocking = [&](std::function<void()> one) { work.push_back(one); };
        }
        blob_registry blobs = open();
        for (const bool sealed : {true, false}) {
            const auto one = blobs.create(5, "text/plain");
            ASSERT_TRUE(one->append(std::string(100'000, 'x')));
            if (!sealed) continue;
            one->seal();
            ASSERT_TRUE(one->make_durable());
        }
        blobs.create(6, "");
        blobs.drop(5);
        for (const auto& one : work)
            one();
        EXPECT_EQ(blobs.count(), 1u);
        EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "blobs"));
        blobs.stop();
    }
}

TEST_F(durable_blobs, leftovers_of_a_crash_are_removed_and_own_work_is_not) {
    std::filesystem::create_directories(folder.path() / "blobs" / "x0000000000005");
    std::ofstream(folder.path() / "blobs" / "x0000000000005" / "bold-1.part") << "half";
    blob_registry blobs = open();
    const auto mine = blobs.create(5, "");
    ASSERT_TRUE(mine->append(std::string(100'000, 'm')));
    EXPECT_EQ(blobs.stored(), std::vector<store::event_id>{5});
    blobs.remove_leftovers(5);
    EXPECT_EQ(files_in(folder.path()), std::vector<std::string>{mine->id() + ".part"});
}

TEST_F(durable_blobs, an_execution_has_a_quota_that_counts_earlier_processes) {
    options.bytes_per_execution = 1'000'000;
    {
        blob_registry first = open();
        const auto one = first.create(5, "");
        ASSERT_TRUE(one->append(std::string(600'000, 'x')));
        one->seal();
        ASSERT_TRUE(one->make_durable());
    }
    blob_registry second = open(2'000);
    auto two = second.create(5, "");
    ASSERT_TRUE(two->append(std::string(400'000, 'x')));
    const auto refused = two->append("x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error_value().code, base::error_code::unsupported);
    // What goes gives its bytes back; other executions have their own.
    second.discard(5, std::move(two));
    EXPECT_TRUE(second.create(5, "")->append(std::string(400'000, 'x')));
    EXPECT_TRUE(second.create(6, "")->append(std::string(1'000'000, 'x')));
    EXPECT_FALSE(second.create(7, "")->append(std::string(1'000'001, 'x')));
}

TEST_F(durable_blobs, a_disk_that_is_short_takes_no_more) {
    std::string shortage;
    options.shortage = [&] { return shortage; };
    blob_registry blobs = open();
    const auto one = blobs.create(5, "");
    ASSERT_TRUE(one->append("x"));
    shortage = "too little disk space";
    ASSERT_FALSE(blobs.create(6, "")->append("x"));
    // Asked again every 16 MiB.
    base::result<void> outcome;
    for (int i = 0; i < 20 && outcome; ++i)
        outcome = one->append(std::string(1u << 20, 'x'));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error_value().code, base::error_code::unavailable);
    EXPECT_EQ(outcome.error_value().message, "too little disk space");
}

}  // namespace
}  // namespace sluice::plugin
