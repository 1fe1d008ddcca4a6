// Calls that do not end in time: cancel, deadline, grace, and what comes late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

using base::error_code;
using testing::HasSubstr;

// A call that the test watches.
struct watched {
    std::optional<call_outcome> outcome;
    int times = 0;
    call_handle handle = call_handle::none;

    void start(plugin_world& world, std::string_view id, call_request request) {
        handle = world.connectors->find(id)->start(std::move(request), [this](call_outcome got) {
            outcome = std::move(got);
            ++times;
        });
    }
    error_code code() const {
        if (!outcome) return error_code::ok;
        return outcome->output_json ? error_code::ok : outcome->output_json.error_value().code;
    }
};

call_request request_for(const char* action, std::int64_t deadline = 0) {
    call_request request;
    request.action = action;
    request.input_json = "{}";
    request.deadline_unix_ms = deadline;
    return request;
}

void load(plugin_world& world, const char* fixture_name, const char* action) {
    world.install(fixture_name);
    (void)world.call(fixture_name, action, "{}");
}

}  // namespace

TEST(connector_deadline, a_call_without_end_times_out_after_the_grace_and_counts_as_missing) {
    plugin_world world;
    load(world, "misbehave", "release");
    watched call;
    call.start(world, "misbehave", request_for("never", world.clock.unix_ms() + 1'000));
    world.loop.advance_ms(5'999);
    EXPECT_FALSE(call.outcome);
    world.loop.advance_ms(1);
    ASSERT_EQ(call.code(), error_code::timeout);
    EXPECT_THAT(call.outcome->output_json.error_value().message,
                HasSubstr("misbehave 0.1.0, action never"));
    EXPECT_EQ(world.count("never").missing, 1u);
}

TEST(connector_deadline, a_completion_after_the_grace_is_late_and_changes_nothing) {
    plugin_world world;
    load(world, "misbehave", "release");
    watched call;
    call.start(world, "misbehave", request_for("late", world.clock.unix_ms() + 1'000));
    world.loop.advance_ms(10'000);
    ASSERT_EQ(call.code(), error_code::timeout);
    EXPECT_EQ(world.connectors->find("misbehave")->live_calls(), 1u);

    (void)world.call("misbehave", "release", "{}");
    world.loop.run_ready();
    EXPECT_EQ(call.times, 1);
    EXPECT_EQ(world.count("late").late, 1u);
    EXPECT_EQ(world.count("late").missing, 0u);
    EXPECT_EQ(world.count("late").completions, 0u);
    EXPECT_EQ(world.connectors->find("misbehave")->live_calls(), 0u);
}

TEST(connector_deadline, a_result_within_the_grace_still_counts) {
    plugin_world world;
    load(world, "misbehave", "release");
    watched call;
    call.start(world, "misbehave", request_for("late", world.clock.unix_ms() + 1'000));
    world.loop.advance_ms(3'000);
    (void)world.call("misbehave", "release", "{}");
    ASSERT_TRUE(world.run_until([&] { return call.outcome.has_value(); }));
    ASSERT_TRUE(call.outcome->output_json);
    EXPECT_EQ(*call.outcome->output_json, "\"late\"");
}

TEST(connector_deadline, the_connector_is_asked_to_stop_and_its_answer_becomes_a_timeout) {
    plugin_world world;
    load(world, "probe", "echo");
    int asked = 0;
    probe_code code([](const sluice_host*, sluice_call*, const sluice_request*) {},
                    [&](const sluice_host* host, sluice_call* call) {
                        ++asked;
                        sluice_error error = {};
                        error.size = sizeof error;
                        error.code = SLUICE_CANCELLED;
                        host->fail(call, &error);
                    });
    watched call;
    call_request request = request_for("run", world.clock.unix_ms() + 2'000);
    request.input_json = code.input_json();
    call.start(world, "probe", request);
    world.loop.advance_ms(1'999);
    EXPECT_EQ(asked, 0);
    world.loop.advance_ms(1);
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(call.code(), error_code::timeout);
    EXPECT_EQ(world.count("run").missing, 0u);
}

TEST(connector_deadline, cancel_reaches_the_connector_once) {
    plugin_world world;
    load(world, "probe", "echo");
    int asked = 0;
    probe_code code([](const sluice_host*, sluice_call*, const sluice_request*) {},
                    [&](const sluice_host*, sluice_call*) { ++asked; });
    watched call;
    call_request request = request_for("run");
    request.input_json = code.input_json();
    call.start(world, "probe", request);
    const auto subject = world.connectors->find("probe");
    subject->cancel(call.handle);
    subject->cancel(call.handle);
    EXPECT_EQ(asked, 1);
    world.loop.advance_ms(5'000);
    EXPECT_EQ(call.code(), error_code::cancelled);
    subject->cancel(call.handle);
    subject->cancel(call_handle::none);
    EXPECT_EQ(call.times, 1);
}

TEST(connector_deadline, a_call_that_waits_for_loading_can_be_cancelled) {
    plugin_world world;
    world.install("probe");
    watched call;
    call.start(world, "probe", request_for("echo"));
    world.connectors->find("probe")->cancel(call.handle);
    ASSERT_TRUE(world.run_until([&] { return call.outcome.has_value(); }));
    EXPECT_EQ(call.code(), error_code::cancelled);
}

TEST(connector_blocking, runs_beside_the_loop_and_no_more_at_once_than_allowed) {
    plugin_world world({.blocking_threads = 3});
    load(world, "probe", "echo");
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::atomic<bool> open = false;
    probe_code code([&](const sluice_host* host, sluice_call* call, const sluice_request*) {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        base::wait_until([&] { return open.load(); });
        --running;
        host->complete(call, view("1"));
    });
    int done = 0;
    for (int count = 0; count < 10; ++count) {
        call_request request = request_for("runBlocking");
        request.input_json = code.input_json();
        world.connectors->find("probe")->start(request, [&](call_outcome) { ++done; });
    }
    ASSERT_TRUE(world.run_until([&] { return running == 3; }));
    // The loop is free meanwhile.
    EXPECT_TRUE(world.call("probe", "echo", "{}").output_json);
    open = true;
    ASSERT_TRUE(world.run_until([&] { return done == 10; }));
    EXPECT_EQ(most, 3);
}

TEST(connector_blocking, a_full_queue_is_unavailable_with_a_wait) {
    plugin_world world({.blocking_threads = 1, .blocking_queue = 2});
    load(world, "probe", "echo");
    std::atomic<bool> open = false;
    probe_code code([&](const sluice_host* host, sluice_call* call, const sluice_request*) {
        base::wait_until([&] { return open.load(); });
        host->complete(call, view("1"));
    });
    std::vector<watched> calls(4);
    for (watched& each : calls) {
        call_request request = request_for("runBlocking");
        request.input_json = code.input_json();
        each.start(world, "probe", request);
    }
    ASSERT_TRUE(world.run_until([&] { return calls[3].outcome.has_value(); }));
    EXPECT_EQ(calls[3].code(), error_code::unavailable);
    EXPECT_GT(calls[3].outcome->output_json.error_value().retry_after_ms, 0);
    open = true;
    ASSERT_TRUE(world.run_until([&] { return calls[2].outcome.has_value(); }));
    EXPECT_EQ(calls[2].code(), error_code::ok);
}

TEST(connector_blocking, a_queued_call_that_is_cancelled_never_starts) {
    plugin_world world({.blocking_threads = 1});
    load(world, "probe", "echo");
    std::atomic<bool> open = false;
    std::atomic<int> started = 0;
    probe_code code([&](const sluice_host* host, sluice_call* call, const sluice_request*) {
        ++started;
        base::wait_until([&] { return open.load(); });
        host->complete(call, view("1"));
    });
    watched first;
    watched second;
    for (watched* each : {&first, &second}) {
        call_request request = request_for("runBlocking", world.clock.unix_ms() + 1'000);
        request.input_json = code.input_json();
        each->start(world, "probe", request);
    }
    ASSERT_TRUE(world.run_until([&] { return started == 1; }));
    world.loop.advance_ms(1'000);
    EXPECT_EQ(second.code(), error_code::timeout);
    open = true;
    ASSERT_TRUE(world.run_until([&] { return first.outcome.has_value(); }));
    EXPECT_EQ(started, 1);
}

TEST(connector_calls, a_hundred_thousand_in_flight_all_end) {
    plugin_world world;
    load(world, "misbehave", "release");
    int done = 0;
    for (int count = 0; count < 100'000; ++count) {
        world.connectors->find("misbehave")->start(request_for("late"), [&](call_outcome outcome) {
            done += outcome.output_json ? 1 : 0;
        });
    }
    EXPECT_EQ(world.connectors->find("misbehave")->live_calls(), 100'000u);
    (void)world.call("misbehave", "release", "{}");
    EXPECT_TRUE(world.run_until([&] { return done == 100'000; }));
    EXPECT_EQ(world.connectors->find("misbehave")->live_calls(), 0u);
}

}  // namespace sluice::plugin
