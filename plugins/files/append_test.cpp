#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <sluice/file_descriptor.hpp>

#include "files_testing.hpp"

namespace files::testing {
namespace {

class files_append : public files_test {};

TEST_F(files_append, appends_once_for_each_step) {
    EXPECT_TRUE(run("append", {{"path", "log"}, {"text", "one\n"}}, "1").ok);
    const call_result two = run("append", {{"path", "log"}, {"text", "two\n"}}, "2");
    EXPECT_EQ(two.output.get_or("at", 0), 4);
    EXPECT_EQ(two.output.get_or("size", 0), 8);
    for (const char* key : {"1", "2", "2"}) {
        const std::string text = *key == '1' ? "one\n" : "two\n";
        EXPECT_TRUE(run("append", {{"path", "log"}, {"text", text}}, key).ok);
    }
    EXPECT_EQ(get(root / "log"), "one\ntwo\n");
}

TEST_F(files_append, completes_what_an_earlier_try_began_to_append) {
    put(root / "log", "old");
    EXPECT_TRUE(run("append", {{"path", "log"}, {"text", "-new"}}, "1").ok);
    ASSERT_EQ(::truncate((root / "log").c_str(), 5), 0);  // as if it had been killed there
    EXPECT_TRUE(run("append", {{"path", "log"}, {"text", "-new"}}, "1").ok);
    EXPECT_EQ(get(root / "log"), "old-new");
    put(root / "log", "old-NEW");
    EXPECT_EQ(run("append", {{"path", "log"}, {"text", "-new"}}, "1").error.code, SLUICE_CONFLICT);
    EXPECT_EQ(get(root / "log"), "old-NEW");
}

TEST_F(files_append, appends_only_where_it_is_told) {
    put(root / "log", "abc");
    EXPECT_EQ(run("append", {{"path", "log"}, {"text", "x"}, {"at", 2}}, "1").error.code,
              SLUICE_CONFLICT);
    EXPECT_TRUE(run("append", {{"path", "log"}, {"text", "d"}, {"at", 3}}, "2").ok);
    EXPECT_EQ(run("append", {{"path", "new"}, {"text", "x"}, {"create", false}}).error.code,
              SLUICE_NOT_FOUND);
    EXPECT_EQ(get(root / "log"), "abcd");
    EXPECT_EQ(tree(), "log");
}

// Whenever one of them ends, before or after it has written, and whoever comes in between.
TEST_F(files_append, goes_on_after_a_try_that_ended_anywhere_and_another_step) {
    const std::string text = "the same\n";
    unsigned n = 0;
    for (bool ended = false; !ended; ++n) {
        put(root / "log", "old\n");
        const json input{{"path", "log"}, {"text", text}};
        const std::string key = "first-" + std::to_string(n);
        ended =
            host.run_cancelled_at(n, "append", input, connection(), {.idempotency_key = key}).ok;
        EXPECT_TRUE(run("append", input, "other-" + std::to_string(n)).ok);
        const call_result again = run("append", input, key);
        EXPECT_TRUE(again.ok) << n << ": " << again.explain();
        EXPECT_EQ(get(root / "log"), "old\n" + text + text) << n;
    }
    EXPECT_GT(n, 4u);
}

TEST_F(files_append, keeps_every_line_of_steps_that_run_together) {
    std::vector<sluice::testing::call_plan> plans;
    for (int i = 0; i < 20; ++i) {
        plans.push_back({"append",
                         R"({"path": "log", "text": "the same line\n"})",
                         connection().dump(),
                         {.idempotency_key = "step-" + std::to_string(i)}});
    }
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        fs::remove(root / "log");
        for (auto& plan : plans)
            plan.options.idempotency_key += '-' + std::to_string(seed);
        for (const call_result& result : host.run_together(plans, 1, seed))
            EXPECT_TRUE(result.ok) << result.explain();
        std::string all;
        for (std::size_t i = 0; i < plans.size(); ++i)
            all += "the same line\n";
        EXPECT_EQ(get(root / "log"), all);
    }
}

TEST_F(files_append, waits_for_others_that_have_the_file_but_not_for_ever) {
    put(root / "log", "");
    const sluice::file_descriptor other(::open((root / "log").c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    const std::uint64_t before = host.now_ms();
    EXPECT_EQ(run("append", {{"path", "log"}, {"text", "x"}}).error.code, SLUICE_UNAVAILABLE);
    EXPECT_GE(host.now_ms() - before, 60'000u);
    EXPECT_EQ(get(root / "log"), "");
}

}  // namespace
}  // namespace files::testing
