#include "base/thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>

#include "base/base_testing.hpp"

namespace sluice::base {
namespace {

TEST(thread, is_named_and_joined) {
    std::string name;
    {
        const thread named("a-name-that-is-too-long", [&name] {
            char buffer[32] = {};
            ::pthread_getname_np(::pthread_self(), buffer, sizeof buffer);
            name = buffer;
        });
        EXPECT_FALSE(named.is_current());
    }
    EXPECT_EQ(name, "a-name-that-is-");
}

TEST(thread, assignment_joins_the_one_before) {
    std::atomic<int> ended{0};
    thread running("first", [&ended] { ++ended; });
    running = thread("second", [&ended] { ++ended; });
    EXPECT_GE(ended, 1);
    running.join();
    running.join();
    EXPECT_EQ(ended, 2);
}

TEST(thread_death_test, an_escaped_exception_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(thread("thrower", [] { throw std::runtime_error("lost"); }).join(),
                 "escaped from thread thrower: lost");
}

// Work that waits until the test lets it go.
class gate {
  public:
    std::function<void()> work() {
        return [this] {
            ++started;
            std::unique_lock lock(mutex_);
            opened_.wait(lock, [this] { return open_; });
            ++finished;
        };
    }
    void open() {
        {
            const std::lock_guard lock(mutex_);
            open_ = true;
        }
        opened_.notify_all();
    }
    std::atomic<int> started{0};
    std::atomic<int> finished{0};

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
};

TEST(blocking_pool, runs_all_it_accepted_before_it_ends) {
    std::atomic<int> ran{0};
    {
        blocking_pool pool("pool", 2, 1'000);
        for (int i = 0; i < 500; ++i) {
            ASSERT_TRUE(pool.submit([&ran] { ++ran; }));
        }
    }
    EXPECT_EQ(ran, 500);
}

TEST(blocking_pool, refuses_when_threads_and_queue_are_full) {
    gate blocked;
    {
        blocking_pool pool("pool", 2, 3);
        for (int i = 0; i < 5; ++i)
            EXPECT_TRUE(pool.submit(blocked.work())) << i;
        EXPECT_FALSE(pool.submit(blocked.work()));
        EXPECT_TRUE(wait_until([&] { return blocked.started == 2; }));
        EXPECT_FALSE(pool.submit(blocked.work()));
        blocked.open();
        EXPECT_TRUE(wait_until([&] { return blocked.finished == 5; }));
        EXPECT_TRUE(wait_until([&] { return pool.submit([] {}); }));
    }
    EXPECT_EQ(blocked.finished, 5);
}

TEST(blocking_pool, runs_as_many_at_once_as_it_has_threads) {
    gate blocked;
    blocking_pool pool("pool", 3, 0);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(pool.submit(blocked.work()));
    EXPECT_TRUE(wait_until([&] { return blocked.started == 3; }));
    EXPECT_FALSE(pool.submit([] {}));
    blocked.open();
}

TEST(blocking_pool, uses_one_thread_while_one_is_enough) {
    std::mutex mutex;
    std::vector<std::thread::id> ids;
    std::atomic<int> done{0};
    blocking_pool pool("pool", 8, 8);
    for (int i = 1; i <= 20; ++i) {
        // The last piece may still be on its way out of the pool: then a second thread is right.
        const auto work = [&] {
            const std::lock_guard lock(mutex);
            ids.push_back(std::this_thread::get_id());
            ++done;
        };
        ASSERT_TRUE(pool.submit(work));
        ASSERT_TRUE(wait_until([&] { return done == i; }));
    }
    std::sort(ids.begin(), ids.end());
    const auto different = std::unique(ids.begin(), ids.end()) - ids.begin();
    EXPECT_LE(different, 2);
}

TEST(blocking_pool, forgets_work_once_it_ran) {
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = held;
    blocking_pool pool("pool", 1, 1);
    ASSERT_TRUE(pool.submit([held = std::move(held)] {}));
    EXPECT_TRUE(wait_until([&] { return watch.expired(); }));
}

}  // namespace
}  // namespace sluice::base
