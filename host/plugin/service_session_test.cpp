// sluice.session/1: what is kept by one call and found by another.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "plugin/services_testing.hpp"

namespace sluice::plugin {

namespace {

// A session counts how often it was closed.
struct tracked {
    std::atomic<int> closed = 0;
    static void SLUICE_CALL close(void* self) { ++static_cast<tracked*>(self)->closed; }
};

}  // namespace

struct sessions : services {
    sessions() { world.emplace().install("probe"); }

    static call_request from(std::string instance, std::string connection = R"({"type":"a"})") {
        call_request request = as(std::move(instance));
        request.connection_json = std::move(connection);
        return request;
    }
    // Runs `body` as a call, which then ends as it says.
    void in_call(call_request request, std::function<void()> body, sluice_code end = SLUICE_OK,
                 const char* action = "run") {
        begin([&] {
            table = service<sluice_session_1>("sluice.session/1");
            body();
            if (end == SLUICE_OK) return finish();
            sluice_error error = {};
            error.size = sizeof error;
            error.code = end;
            host->fail(call, &error);
        });
        (void)world->run(*code, std::move(request), action);
    }
    void keep(tracked& session, const std::string& instance, std::uint64_t idle_ms = 60'000,
              std::string_view key = "login") {
        in_call(from(instance),
                [&] { table->keep(call, view(key), &session, idle_ms, &tracked::close); });
    }
    void* take(call_request request, std::string_view key = "login") {
        void* found = nullptr;
        in_call(std::move(request), [&] { found = table->take(call, view(key)); });
        return found;
    }
    void expect_closed(const tracked& session, int times = 1) {
        EXPECT_TRUE(world->run_until([&] { return session.closed >= times; }));
        EXPECT_EQ(session.closed, times);
    }

    std::deque<tracked> made;  // the world closes them at its end
    std::optional<plugin_world> world;
    const sluice_session_1* table = nullptr;
};

TEST_F(sessions, are_found_by_the_next_call_once) {
    tracked& session = made.emplace_back();
    EXPECT_EQ(take(from("acme")), nullptr);
    keep(session, "acme");
    EXPECT_EQ(take(from("acme")), &session);
    EXPECT_EQ(take(from("acme")), nullptr);
    world.reset();
    EXPECT_EQ(session.closed, 0);  // the connector's own again
}

TEST_F(sessions, stay_with_their_instance_their_values_and_their_key) {
    tracked& session = made.emplace_back();
    keep(session, "acme");
    EXPECT_EQ(take(from("globex")), nullptr);
    EXPECT_EQ(take(from("acme", R"({"type":"a","token":"new"})")), nullptr);
    EXPECT_EQ(take(from("acme"), "other"), nullptr);
    EXPECT_EQ(take(from("acme")), &session);
}

TEST_F(sessions, the_one_kept_last_comes_first) {
    tracked& first = made.emplace_back();
    tracked& second = made.emplace_back();
    keep(first, "acme");
    keep(second, "acme");
    EXPECT_EQ(take(from("acme")), &second);
    EXPECT_EQ(take(from("acme")), &first);
}

TEST_F(sessions, are_closed_when_they_were_idle_too_long) {
    tracked& soon = made.emplace_back();
    tracked& later = made.emplace_back();
    keep(later, "acme", 5'000);
    keep(soon, "acme", 1'000);
    tracked& between = made.emplace_back();
    keep(between, "acme", 3'000, "another");
    world->loop.advance_ms(999);
    EXPECT_EQ(soon.closed, 0);
    world->loop.advance_ms(1);
    expect_closed(soon);
    world->loop.advance_ms(1'999);
    EXPECT_EQ(between.closed, 0);
    world->loop.advance_ms(1);
    expect_closed(between);
    EXPECT_EQ(later.closed, 0);
    EXPECT_EQ(take(from("acme")), &later);
    keep(later, "acme", 5'000);
    world->loop.advance_ms(4'999);
    EXPECT_EQ(later.closed, 0);
    world->loop.advance_ms(1);
    expect_closed(later);
}

TEST_F(sessions, idle_for_ten_minutes_at_most) {
    tracked& session = made.emplace_back();
    keep(session, "acme", ~std::uint64_t{0});
    world->loop.advance_ms(600'000 - 1);
    EXPECT_EQ(session.closed, 0);
    world->loop.advance_ms(1);
    expect_closed(session);
}

TEST_F(sessions, the_oldest_of_too_many_with_one_key_is_closed) {
    std::deque<tracked>& all = made;
    all.resize(9);
    for (tracked& each : all)
        keep(each, "acme");
    expect_closed(all[0]);
    for (std::size_t i = 1; i < all.size(); ++i)
        EXPECT_EQ(all[i].closed, 0);
}

TEST_F(sessions, the_oldest_of_too_many_of_one_connector_is_closed) {
    std::deque<tracked>& all = made;
    all.resize(257);
    for (std::size_t i = 0; i < all.size(); ++i)
        keep(all[i], "acme-" + std::to_string(i));
    expect_closed(all[0]);
    EXPECT_EQ(all[1].closed, 0);
}

TEST_F(sessions, all_of_a_connection_are_closed_when_its_values_are_refused) {
    tracked& session = made.emplace_back();
    tracked& of_another_key = made.emplace_back();
    tracked& of_another = made.emplace_back();
    keep(session, "acme");
    keep(of_another_key, "acme", 60'000, "data");
    keep(of_another, "globex");
    in_call(
        from("acme"), [] {}, SLUICE_UNAVAILABLE);
    // Anybody can send a request whose signature is wrong.
    in_call(
        from("acme"), [] {}, SLUICE_AUTH, "verify");
    EXPECT_EQ(world->connectors->find("probe")->live_calls(), 0u);
    EXPECT_EQ(take(from("acme")), &session);
    keep(session, "acme");
    in_call(
        from("acme"), [] {}, SLUICE_AUTH);
    expect_closed(session);
    expect_closed(of_another_key);
    EXPECT_EQ(of_another.closed, 0);
}

TEST_F(sessions, are_closed_before_the_connector_is) {
    tracked& first = made.emplace_back();
    tracked& second = made.emplace_back();
    keep(first, "acme");
    keep(second, "globex");
    world.reset();
    EXPECT_EQ(first.closed, 1);
    EXPECT_EQ(second.closed, 1);
}

TEST_F(sessions, kept_after_the_call_are_closed_at_once) {
    tracked& session = made.emplace_back();
    in_call(from("acme"), [] {});
    table->keep(call, view("login"), &session, 60'000, &tracked::close);
    EXPECT_EQ(session.closed, 1);
    EXPECT_EQ(table->take(call, view("login")), nullptr);
    world.reset();
    table->keep(call, view("login"), &session, 60'000, &tracked::close);
    EXPECT_EQ(session.closed, 2);
}

TEST_F(sessions, with_a_key_that_is_too_long_are_closed_at_once) {
    tracked& session = made.emplace_back();
    keep(session, "acme", 60'000, std::string(257, 'k'));
    EXPECT_EQ(session.closed, 1);
    tracked& fits = made.emplace_back();
    keep(fits, "acme", 60'000, std::string(256, 'k'));
    EXPECT_EQ(fits.closed, 0);
}

// Many calls of one connection at once, on threads of the pool: each session is held by one call
// at a time and closed once.
TEST_F(sessions, go_from_thread_to_thread_without_being_shared) {
    struct held : tracked {
        std::atomic<bool> busy = false;
    };
    std::mutex mutex;
    std::deque<held> opened;
    std::atomic<bool> shared = false;
    probe_code body([&](const sluice_host* given, sluice_call* mine, const sluice_request*) {
        const auto* cache =
            static_cast<const sluice_session_1*>(given->service(given, "sluice.session/1"));
        auto* session = static_cast<held*>(cache->take(mine, view("login")));
        if (session == nullptr) {
            const std::lock_guard lock(mutex);
            session = &opened.emplace_back();
        }
        if (session->busy.exchange(true)) shared = true;
        std::this_thread::yield();
        session->busy = false;
        // `close` of the base: held* and tracked* are one address.
        cache->keep(mine, view("login"), static_cast<tracked*>(session), 60'000, &tracked::close);
        given->complete(mine, view("null"));
    });
    int ended = 0;
    const auto subject = world->connectors->find("probe");
    for (int i = 0; i < 500; ++i) {
        call_request request = from("acme");
        request.action = "runBlocking";
        request.input_json = body.input_json();
        subject->start(request, [&](const call_outcome& outcome) {
            EXPECT_TRUE(outcome.output_json);
            ++ended;
        });
    }
    ASSERT_TRUE(world->run_until([&] { return ended == 500; }));
    EXPECT_FALSE(shared);
    world.reset();
    for (const held& each : opened)
        EXPECT_EQ(each.closed, 1);
}

}  // namespace sluice::plugin
