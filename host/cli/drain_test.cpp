#include "cli/drain.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "base/base_testing.hpp"
#include "base/manual_loop.hpp"

namespace sluice::cli {
namespace {

// A host whose parts end when the test says so.
class drain_test : public testing::Test {
  protected:
    drain_ports ports() {
        return {loop_,
                clock_,
                [this](std::int64_t ms, auto done) { server_ms_ = ms, server_ = std::move(done); },
                [this](std::int64_t ms, auto done) { engine_ms_ = ms, engine_ = std::move(done); },
                [this] { ++callers_answered_; },
                [this](std::int64_t ms, auto done) {
                    connectors_ms_ = ms, connectors_ = std::move(done);
                },
                [this](bool cut_off) {
                    EXPECT_FALSE(ended_);
                    ended_ = cut_off;
                }};
    }

    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    std::int64_t server_ms_ = 0, engine_ms_ = 0, connectors_ms_ = 0;
    std::function<void(std::size_t)> server_, connectors_;
    std::function<void()> engine_;
    int callers_answered_ = 0;
    std::optional<bool> ended_;
};

TEST_F(drain_test, engine_and_server_drain_at_once_and_connectors_close_after_both) {
    drain subject(ports());
    subject.start(25'000);
    ASSERT_TRUE(server_ && engine_);
    EXPECT_LT(engine_ms_, server_ms_) << "callers need time for their answers";
    EXPECT_LT(server_ms_, 25'000) << "connectors need time to close";
    engine_();
    EXPECT_EQ(callers_answered_, 1);
    EXPECT_FALSE(connectors_);
    server_(0);
    ASSERT_TRUE(connectors_);
    EXPECT_FALSE(ended_);
    connectors_(0);
    EXPECT_EQ(ended_, false);
    loop_.advance_ms(60'000);
    loop_.run_ready();
}

TEST_F(drain_test, cut_off_requests_are_told_by_the_end) {
    drain subject(ports());
    subject.start(25'000);
    server_(3);
    engine_();
    connectors_(0);
    EXPECT_EQ(ended_, true);
}

TEST_F(drain_test, connectors_that_still_run_are_told_by_the_end) {
    drain subject(ports());
    subject.start(25'000);
    loop_.advance_ms(23'000);
    server_(0);
    engine_();
    EXPECT_LT(connectors_ms_, 2'000) << "the hard stop must not come first";
    connectors_(1);
    EXPECT_EQ(ended_, true);
}

TEST_F(drain_test, the_deadline_ends_it_whatever_hangs) {
    drain subject(ports());
    subject.start(25'000);
    loop_.advance_ms(25'000);
    loop_.run_ready();
    EXPECT_EQ(ended_, true);
    server_(0);
    engine_();
}

TEST_F(drain_test, without_time_an_idle_host_still_ends_well) {
    drain subject(ports());
    subject.start(0);
    EXPECT_EQ(engine_ms_, 0);
    engine_();
    loop_.advance_ms(300);
    loop_.run_ready();
    server_(0);
    connectors_(0);
    EXPECT_EQ(ended_, false);
}

}  // namespace
}  // namespace sluice::cli
