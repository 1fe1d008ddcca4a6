#include "base/task.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/manual_loop.hpp"

namespace sluice::base {
namespace {

class task_test : public testing::Test {
  protected:
    task<std::string> later(std::string text) {
        const std::function<void(std::function<void(std::string)>)> start =
            [this, text](std::function<void(std::string)> done) {
                loop_.post([done, text] { done(text); });
            };
        callback_awaiter<std::string> waiting(start);
        co_return co_await waiting;
    }
    task<void> join_two(std::string& into) {
        const std::string first = co_await later("a");
        const std::string second = co_await later("b");
        into = first + second;
    }
    manual_clock clock_;
    manual_loop loop_{clock_};
};

TEST_F(task_test, does_nothing_until_awaited) {
    std::string joined;
    {
        const task<void> never_started = join_two(joined);
        EXPECT_EQ(loop_.run_ready(), 0u);
    }
    EXPECT_EQ(joined, "");
}

TEST_F(task_test, resumes_when_the_callback_comes) {
    std::string joined;
    spawn(join_two(joined));
    EXPECT_EQ(joined, "");
    loop_.run_ready();
    EXPECT_EQ(joined, "ab");
}

TEST_F(task_test, moves_a_result_that_cannot_be_copied) {
    const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    int seen = 0;
    const auto use = [&]() -> task<void> {
        const std::unique_ptr<int> made = co_await make();
        seen = *made;
    };
    spawn(use());
    EXPECT_EQ(seen, 7);
}

TEST_F(task_test, a_frame_ends_with_its_task) {
    auto alive = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = alive;
    const auto hold = [](std::shared_ptr<int> held) -> task<int> { co_return *held; };
    {
        const task<int> unused = hold(std::move(alive));
        EXPECT_FALSE(watch.expired());
    }
    EXPECT_TRUE(watch.expired());
}

TEST_F(task_test, a_long_chain_of_finished_tasks_does_not_grow_the_stack) {
    const auto one = []() -> task<int> { co_return 1; };
    int sum = 0;
    const auto add = [&]() -> task<void> {
        for (int i = 0; i < 100'000; ++i) {
            const int number = co_await one();
            sum += number;
        }
    };
    spawn(add());
    EXPECT_EQ(sum, 100'000);
}

}  // namespace
}  // namespace sluice::base
