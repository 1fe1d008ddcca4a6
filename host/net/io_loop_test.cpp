#include "net/io_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "net/loop_thread_testing.hpp"

namespace sluice::net {
namespace {

TEST(io_loop, runs_posted_work_in_order_and_never_inline) {
    io_loop loop;
    std::vector<int> order;
    loop.post([&] {
        loop.post([&] {
            order.push_back(3);
            loop.stop();
        });
        order.push_back(1);
    });
    loop.post([&] { order.push_back(2); });
    EXPECT_TRUE(order.empty());
    loop.run();
    EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(io_loop, runs_timers_by_due_time_and_equal_ones_by_age) {
    io_loop loop;
    std::vector<int> order;
    loop.run_after(30, [&] {
        order.push_back(4);
        loop.stop();
    });
    loop.run_after(10, [&] { order.push_back(3); });
    loop.run_after(0, [&] { order.push_back(1); });
    loop.run_after(0, [&] { order.push_back(2); });
    loop.run();
    EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
}

TEST(io_loop, never_runs_a_timer_before_its_time) {
    io_loop loop;
    const auto begin = io_loop::steady_ms();
    std::int64_t ran = 0;
    loop.run_after(25, [&] {
        ran = io_loop::steady_ms();
        loop.stop();
    });
    loop.run();
    EXPECT_GE(ran - begin, 25);
}

TEST(io_loop, does_not_run_cancelled_timers) {
    io_loop loop;
    bool ran = false;
    const auto first = loop.run_after(1, [&] { ran = true; });
    const auto second = loop.run_after(5, [&] { ran = true; });
    EXPECT_NE(first, 0u);
    EXPECT_NE(first, second);
    loop.run_after(2, [&] { loop.cancel(second); });
    loop.run_after(20, [&] { loop.stop(); });
    loop.cancel(first);
    loop.cancel(first);
    loop.cancel(12345);
    loop.run();
    EXPECT_FALSE(ran);
}

TEST(io_loop, accepts_work_and_timers_from_other_threads) {
    loop_thread turning;
    std::atomic<int> ran = 0;
    std::vector<std::thread> posters;
    for (int i = 0; i < 4; ++i) {
        posters.emplace_back([&] {
            for (int j = 0; j < 500; ++j) {
                turning.loop().post([&] { ++ran; });
                turning.loop().run_after(j % 3, [&] { ++ran; });
                turning.loop().cancel(turning.loop().run_after(1000, [&] { ran = -100'000; }));
            }
        });
    }
    for (auto& poster : posters)
        poster.join();
    EXPECT_TRUE(base::wait_until([&] { return ran == 4000; }));
}

TEST(io_loop, knows_its_thread) {
    loop_thread turning;
    EXPECT_FALSE(turning.loop().in_loop_thread());
    EXPECT_TRUE(turning.call([&] { return turning.loop().in_loop_thread(); }));
}

TEST(io_loop, can_be_stopped_before_and_run_again) {
    io_loop loop;
    loop.stop();
    loop.run();
    bool ran = false;
    loop.post([&] {
        ran = true;
        loop.stop();
    });
    loop.run();
    EXPECT_TRUE(ran);
}

TEST(io_loop, hands_each_signal_to_its_handler) {
    io_loop loop;
    std::vector<int> seen;
    loop.add_signal_handler({SIGUSR1, SIGUSR2}, [&](int number) {
        seen.push_back(number);
        if (seen.size() == 1) std::raise(SIGUSR1);
        if (seen.size() == 2) loop.stop();
    });
    loop.post([] { std::raise(SIGUSR2); });
    loop.run();
    EXPECT_EQ(seen, (std::vector{SIGUSR2, SIGUSR1}));
}

TEST(io_loop, drops_what_has_not_run_when_destroyed) {
    const auto held = std::make_shared<int>(0);
    {
        io_loop loop;
        loop.post([held] {});
        loop.run_after(10, [held] {});
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(io_loop, lets_dropped_work_touch_the_loop_from_its_destructor) {
    struct toucher {
        explicit toucher(io_loop& touched) : loop(touched) {}
        ~toucher() {
            loop.cancel(1);
            loop.post([] {});
        }
        io_loop& loop;
    };
    io_loop loop;
    loop.post([touch = std::make_shared<toucher>(loop)] {});
    loop.run_after(10, [touch = std::make_shared<toucher>(loop)] {});
}

}  // namespace
}  // namespace sluice::net
