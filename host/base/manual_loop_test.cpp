#include "base/manual_loop.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

namespace sluice::base {
namespace {

class manual_loop_test : public testing::Test {
  protected:
    std::function<void()> note(char what) {
        return [this, what] { ran_ += what; };
    }
    manual_clock clock_{0};
    manual_loop loop_{clock_};
    std::string ran_;
};

TEST_F(manual_loop_test, posted_work_runs_in_order_and_never_inline) {
    loop_.post(note('a'));
    loop_.post([this] {
        loop_.post(note('c'));
        ran_ += 'b';
    });
    EXPECT_EQ(ran_, "");
    EXPECT_EQ(loop_.run_ready(), 3u);
    EXPECT_EQ(ran_, "abc");
    EXPECT_EQ(loop_.run_ready(), 0u);
}

TEST_F(manual_loop_test, timers_wait_for_their_time) {
    loop_.run_after(10, note('a'));
    EXPECT_EQ(loop_.run_ready(), 0u);
    clock_.advance_ms(9);
    EXPECT_EQ(loop_.run_ready(), 0u);
    clock_.advance_ms(1);
    EXPECT_EQ(loop_.run_ready(), 1u);
    EXPECT_EQ(ran_, "a");
}

TEST_F(manual_loop_test, advancing_runs_timers_by_due_time_then_by_age) {
    loop_.run_after(20, note('c'));
    loop_.run_after(10, note('a'));
    loop_.run_after(10, note('b'));
    loop_.advance_ms(15);
    EXPECT_EQ(ran_, "ab");
    EXPECT_EQ(clock_.unix_ms(), 15);
    loop_.advance_ms(5);
    EXPECT_EQ(ran_, "abc");
}

TEST_F(manual_loop_test, timers_see_the_time_they_are_due) {
    std::int64_t seen = -1;
    loop_.run_after(10, [&] { seen = clock_.unix_ms(); });
    loop_.advance_ms(1'000);
    EXPECT_EQ(seen, 10);
    EXPECT_EQ(clock_.unix_ms(), 1'000);
}

TEST_F(manual_loop_test, a_timer_set_while_advancing_runs_if_it_is_due) {
    loop_.run_after(10, [this] { loop_.run_after(10, note('b')); });
    loop_.advance_ms(19);
    EXPECT_EQ(ran_, "");
    loop_.advance_ms(1);
    EXPECT_EQ(ran_, "b");
}

TEST_F(manual_loop_test, jumps_to_the_next_timer) {
    EXPECT_FALSE(loop_.advance_to_next_timer());
    loop_.run_after(1'000, note('b'));
    loop_.run_after(500, note('a'));
    EXPECT_TRUE(loop_.advance_to_next_timer());
    EXPECT_EQ(ran_, "a");
    EXPECT_EQ(clock_.unix_ms(), 500);
    EXPECT_TRUE(loop_.advance_to_next_timer());
    EXPECT_EQ(ran_, "ab");
    EXPECT_FALSE(loop_.advance_to_next_timer());
}

TEST_F(manual_loop_test, cancelled_timers_do_not_run) {
    const auto cancelled = loop_.run_after(10, note('a'));
    const auto kept = loop_.run_after(10, note('b'));
    EXPECT_NE(cancelled, 0u);
    EXPECT_NE(cancelled, kept);
    loop_.cancel(cancelled);
    loop_.cancel(cancelled);
    loop_.cancel(4711);
    loop_.advance_ms(20);
    EXPECT_EQ(ran_, "b");
    loop_.cancel(kept);
}

TEST_F(manual_loop_test, a_timer_may_cancel_another_that_is_due_too) {
    event_loop::timer_id second = 0;
    loop_.run_after(10, [&] { loop_.cancel(second); });
    second = loop_.run_after(10, note('b'));
    loop_.advance_ms(10);
    EXPECT_EQ(ran_, "");
}

TEST_F(manual_loop_test, cancelling_may_end_an_object_that_cancels_again) {
    struct cancels_at_end {
        manual_loop& loop;
        ~cancels_at_end() { loop.cancel(1); }
    };
    auto owner = std::shared_ptr<cancels_at_end>(new cancels_at_end{loop_});
    const auto timer = loop_.run_after(10, [owner = std::move(owner)] {});
    loop_.cancel(timer);
    EXPECT_FALSE(loop_.advance_to_next_timer());
}

TEST_F(manual_loop_test, delays_out_of_range_are_now_and_never) {
    loop_.run_after(-5, note('a'));
    EXPECT_EQ(loop_.run_ready(), 1u);
    loop_.advance_ms(1);
    loop_.run_after(std::numeric_limits<std::int64_t>::max(), note('b'));
    loop_.advance_ms(1'000'000);
    EXPECT_EQ(ran_, "a");
}

}  // namespace
}  // namespace sluice::base
