// Which services there are; timer and work.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "plugin/services_testing.hpp"

namespace sluice::plugin {

TEST_F(services, unknown_ones_are_null) {
    plugin_world world;
    world.install("probe");
    begin([&] {
        EXPECT_EQ(host->service(host, "sluice.teleport/1"), nullptr);
        EXPECT_EQ(host->service(host, "sluice.state/1"), nullptr);  // this host has no store
        EXPECT_EQ(host->service(host, nullptr), nullptr);
        EXPECT_NE(host->service(host, "sluice.http/1"), nullptr);
        finish();
    });
    (void)world.run(*code);
}

TEST_F(services, a_timer_fires_when_it_is_due_and_not_before) {
    plugin_world world;
    world.install("probe");
    bool fired = false;
    begin([&] {
        service<sluice_timer_1>("sluice.timer/1")->after(call, 500, end_with_code<services>, this);
    });
    call_request request;
    request.action = "run";
    request.input_json = code->input_json();
    world.connectors->find("probe")->start(request, [&](call_outcome) { fired = true; });
    ASSERT_TRUE(world.run_until([&] { return call != nullptr; }));
    world.loop.run_ready();
    world.loop.advance_ms(499);
    EXPECT_FALSE(fired);
    world.loop.advance_ms(1);
    EXPECT_TRUE(fired);
    EXPECT_EQ(error_code, SLUICE_OK);
}

TEST_F(services, a_cancelled_timer_answers_cancelled) {
    plugin_world world;
    world.install("probe");
    begin([&] {
        const auto* timer = service<sluice_timer_1>("sluice.timer/1");
        const auto id = timer->after(call, 3'600'000, end_with_code<services>, this);
        EXPECT_NE(id, 0u);
        timer->cancel(call, id);
        timer->cancel(call, id + 1'000);
    });
    EXPECT_EQ(*world.run(*code).output_json, std::to_string(SLUICE_CANCELLED));
}

TEST_F(services, cancelling_a_call_cancels_what_it_waits_for) {
    plugin_world world;
    world.install("probe");
    std::optional<call_outcome> outcome;
    begin([&] {
        service<sluice_timer_1>("sluice.timer/1")
            ->after(call, 3'600'000, end_with_code<services>, this);
    });
    call_request request;
    request.action = "run";
    request.input_json = code->input_json();
    const auto subject = world.connectors->find("probe");
    const auto handle =
        subject->start(request, [&](call_outcome got) { outcome = std::move(got); });
    ASSERT_TRUE(world.run_until([&] { return call != nullptr; }));
    world.loop.run_ready();
    subject->cancel(handle);
    ASSERT_TRUE(world.run_until([&] { return outcome.has_value(); }));
    EXPECT_EQ(error_code, SLUICE_CANCELLED);
}

TEST_F(services, what_is_asked_for_after_a_cancel_ends_cancelled_without_beginning) {
    plugin_world world;
    world.install("probe");
    sluice_blob* text = nullptr;
    bool worked = false;
    int answers = 0;
    const auto answered = [](void* user, const sluice_error* error) {
        EXPECT_TRUE(error && error->code == SLUICE_CANCELLED);
        ++*static_cast<int*>(user);
    };
    const auto ask_for_everything = [&](const sluice_host*, sluice_call*) {
        const auto* blobs = service<sluice_blob_1>("sluice.blob/1");
        const auto io_answered = [](void* user, const sluice_error* error, std::uint64_t) {
            EXPECT_TRUE(error && error->code == SLUICE_CANCELLED);
            ++*static_cast<int*>(user);
        };
        service<sluice_timer_1>("sluice.timer/1")->after(call, 0, answered, &answers);
        service<sluice_work_1>("sluice.work/1")
            ->run(
                call, [](void* user) { *static_cast<bool*>(user) = true; },
                [](void*, const sluice_error* error) {
                    EXPECT_TRUE(error && error->code == SLUICE_CANCELLED);
                },
                &worked);
        blobs->write(call, text, "more", 4, io_answered, &answers);
        blobs->read(call, text, 0, nullptr, 0, io_answered, &answers);
        sluice_http_request bad = {};
        bad.size = sizeof bad;
        service<sluice_http_1>("sluice.http/1")
            ->send(
                call, &bad,
                [](void* user, const sluice_error* error, const sluice_http_response*) {
                    end_with_code<services>(user, error);
                },
                this);
    };
    begin([&] { text = service<sluice_blob_1>("sluice.blob/1")->create(call, view("text/plain")); },
          ask_for_everything);
    std::optional<call_outcome> outcome;
    call_request request;
    request.action = "run";
    request.input_json = code->input_json();
    const auto subject = world.connectors->find("probe");
    const auto handle =
        subject->start(request, [&](call_outcome got) { outcome = std::move(got); });
    ASSERT_TRUE(world.run_until([&] { return text != nullptr; }));
    subject->cancel(handle);
    ASSERT_TRUE(world.run_until([&] { return outcome.has_value(); }));
    EXPECT_EQ(output_of(*outcome), std::to_string(SLUICE_CANCELLED));
    EXPECT_EQ(answers, 3);
    EXPECT_FALSE(worked);
    const auto* blobs = service<sluice_blob_1>("sluice.blob/1");
    EXPECT_EQ(blobs->length(text), 0u);
    EXPECT_TRUE(world.http.requests.empty());
    blobs->release(text);
}

TEST_F(services, operations_that_are_pending_when_the_call_ends_are_dropped) {
    plugin_world world;
    world.install("probe");
    int answers = 0;
    const auto count = [](void* user, const sluice_error*) { ++*static_cast<int*>(user); };
    begin([&] {
        service<sluice_timer_1>("sluice.timer/1")->after(call, 10, count, &answers);
        sluice_http_request request = {};
        request.size = sizeof request;
        request.method = view("GET");
        request.url = view("https://example.test/");
        service<sluice_http_1>("sluice.http/1")
            ->send(
                call, &request,
                [](void* user, const sluice_error*, const sluice_http_response*) {
                    static_cast<services*>(user)->finish("\"a second end\"");
                },
                this);
    });
    std::optional<call_outcome> outcome;
    call_request request;
    request.action = "run";
    request.input_json = code->input_json();
    world.connectors->find("probe")->start(request,
                                           [&](call_outcome got) { outcome = std::move(got); });
    ASSERT_TRUE(world.run_until([&] { return !world.http.requests.empty(); }));
    finish("\"ended\"");
    const auto late = service<sluice_timer_1>("sluice.timer/1")->after(call, 0, count, &answers);
    EXPECT_NE(late, 0u);
    ASSERT_TRUE(world.run_until([&] { return outcome.has_value(); }));
    world.loop.advance_ms(1'000);
    EXPECT_EQ(world.http.cancelled, 1);
    EXPECT_EQ(world.count("run").second, 0u);
    EXPECT_EQ(answers, 0);
}

TEST_F(services, work_runs_on_another_thread_and_answers_on_the_loop) {
    plugin_world world;
    world.install("probe");
    const auto loop_thread = std::this_thread::get_id();
    struct seen {
        services* test;
        std::thread::id blocking, done;
    } threads{this, {}, {}};
    begin([&] {
        service<sluice_work_1>("sluice.work/1")
            ->run(
                call,
                [](void* user) { static_cast<seen*>(user)->blocking = std::this_thread::get_id(); },
                [](void* user, const sluice_error* error) {
                    EXPECT_EQ(error, nullptr);
                    static_cast<seen*>(user)->done = std::this_thread::get_id();
                    static_cast<seen*>(user)->test->finish();
                },
                &threads);
    });
    EXPECT_TRUE(world.run(*code).output_json);
    EXPECT_NE(threads.blocking, loop_thread);
    EXPECT_EQ(threads.done, loop_thread);
}

TEST_F(services, work_beyond_the_queue_is_unavailable) {
    std::atomic<bool> open = false;  // outlives the world: work that waits for it may still look
    plugin_world world({.blocking_threads = 1, .blocking_queue = 0});
    world.install("probe");
    begin([&] {
        const auto* work = service<sluice_work_1>("sluice.work/1");
        work->run(
            call,
            [](void* user) {
                auto* gate = static_cast<std::atomic<bool>*>(user);
                base::wait_until([&] { return gate->load(); });
            },
            [](void*, const sluice_error*) {}, &open);
        work->run(
            call, [](void*) {}, end_with_code<services>, this);
    });
    EXPECT_EQ(*world.run(*code).output_json, std::to_string(SLUICE_UNAVAILABLE));
    open = true;
}

}  // namespace sluice::plugin
