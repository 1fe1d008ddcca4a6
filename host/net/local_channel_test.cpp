// Bytes between two processes, in whatever mood the other end is.
#include "net/local_channel.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>

#include "base/base_testing.hpp"

namespace sluice::net {
namespace {

struct receiver {
    std::mutex mutex;
    std::string bytes;
    std::atomic<int> ends{0};

    local_channel::events events() {
        return {[this](std::string_view got) {
                    const std::lock_guard lock(mutex);
                    bytes += got;
                },
                [this] { ++ends; }};
    }
    std::size_t size() {
        const std::lock_guard lock(mutex);
        return bytes.size();
    }
};

constexpr std::size_t much = 64u << 20;

TEST(local_channel, carries_more_than_a_socket_holds_both_ways_at_once) {
    auto ends = make_local_pair();
    ASSERT_TRUE(ends);
    receiver left;
    receiver right;
    local_channel a(std::move(ends->first), "a", much, left.events());
    local_channel b(std::move(ends->second), "b", much, right.events());
    const std::string block(1u << 20, 'x');
    for (int count = 0; count < 16; ++count) {
        a.send(block);
        b.send(block);
    }
    EXPECT_TRUE(base::wait_until(
        [&] { return left.size() == 16 * block.size() && right.size() == 16 * block.size(); }));
    EXPECT_EQ(left.ends + right.ends, 0);
}

TEST(local_channel, tells_once_that_the_other_end_is_gone_after_its_last_bytes) {
    auto ends = make_local_pair();
    receiver left;
    local_channel a(std::move(ends->first), "a", much, left.events());
    {
        receiver right;
        local_channel b(std::move(ends->second), "b", much, right.events());
        b.send("last");
    }
    EXPECT_TRUE(base::wait_until([&] { return left.ends == 1; }));
    EXPECT_EQ(left.bytes, "last");
    a.send("to nobody");
    a.stop();
    EXPECT_EQ(left.ends, 1);
}

TEST(local_channel, never_waits_for_one_that_does_not_read_and_gives_it_up) {
    auto ends = make_local_pair();
    receiver left;
    local_channel a(std::move(ends->first), "a", 1u << 20, left.events());
    const std::string block(256u << 10, 'x');
    for (int count = 0; count < 32; ++count)
        a.send(block);
    EXPECT_TRUE(base::wait_until([&] { return left.ends == 1; }));
}

// The other end died after it had answered, and just then something was sent to it.
TEST(local_channel, a_failed_send_loses_nothing_that_was_received) {
    auto ends = make_local_pair();
    std::string got;
    std::atomic<bool> first{false};
    std::atomic<bool> go_on{false};
    std::atomic<bool> over{false};
    local_channel a(std::move(ends->first), "a", much,
                    {[&](std::string_view bytes) {
                         got += bytes;
                         first = true;
                         base::wait_until([&] { return go_on.load(); });
                     },
                     [&] { over = true; }});
    ASSERT_EQ(::write(ends->second.get(), "begun,", 6), 6);
    ASSERT_TRUE(base::wait_until([&] { return first.load(); }));
    ASSERT_EQ(::write(ends->second.get(), "complete", 8), 8);
    ends->second.close();
    a.send("to nobody");
    go_on = true;
    ASSERT_TRUE(base::wait_until([&] { return over.load(); }));
    EXPECT_EQ(got, "begun,complete");
}

TEST(local_channel, what_was_flushed_arrives_whatever_becomes_of_the_sender) {
    auto ends = make_local_pair();
    const base::file_descriptor other(::dup(ends->first.get()));
    receiver left;
    receiver right;
    local_channel a(std::move(ends->first), "a", much, left.events());
    const std::string block(4u << 20, 'x');
    a.send(block);  // more than the socket holds
    local_channel b(std::move(ends->second), "b", much, right.events());
    a.flush();
    a.close();  // sends nothing more
    EXPECT_TRUE(base::wait_until([&] { return right.size() == block.size(); }));
}

TEST(local_channel, nobody_waits_for_what_cannot_be_sent) {
    auto ends = make_local_pair();
    receiver left;
    local_channel a(std::move(ends->first), "a", much, left.events());
    a.send(std::string(4u << 20, 'x'));
    ends->second.close();
    a.flush();
    EXPECT_TRUE(base::wait_until([&] { return left.ends == 1; }));
}

TEST(local_channel, ends_with_the_other_process_though_somebody_holds_its_end) {
    auto ends = make_local_pair();
    auto process = make_local_pair();
    receiver left;
    local_channel a(std::move(ends->first), "a", much, left.events(), std::move(process->first));
    ASSERT_EQ(::write(ends->second.get(), "last", 4), 4);
    process->second.close();  // as the descriptor of a process that has ended
    EXPECT_TRUE(base::wait_until([&] { return left.ends == 1; }));
    EXPECT_EQ(left.bytes, "last");
}

TEST(local_channel, is_silent_once_it_is_closed) {
    auto ends = make_local_pair();
    receiver left;
    local_channel a(std::move(ends->first), "a", much, left.events());
    a.close();
    ends->second.close();
    a.send("nothing");
    EXPECT_EQ(left.ends, 0);
}

}  // namespace
}  // namespace sluice::net
