// Services of the host that need no network: timer, work, blob, state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "plugin/plugin_testing.hpp"
#include "store/store_testing.hpp"

namespace sluice::plugin {

namespace {

// Runs test code as a connector: keeps host and call at hand for the done functions.
struct services : testing::Test {
    template <class Table>
    const Table* service(const char* id) const {
        return static_cast<const Table*>(host->service(host, id));
    }
    void begin(std::function<void()> body, probe_code::cancel_function on_cancel = {}) {
        code.emplace(
            [this, body = std::move(body)](const sluice_host* given, sluice_call* mine,
                                           const sluice_request*) {
                host = given;
                call = mine;
                body();
            },
            std::move(on_cancel));
    }
    void finish(std::string_view output = "null") const { host->complete(call, view(output)); }

    const sluice_host* host = nullptr;
    sluice_call* call = nullptr;
    std::uint32_t error_code = 0;
    std::optional<probe_code> code;
};

// A done function that ends the call with the error's code as its result.
template <class Test>
void end_with_code(void* user, const sluice_error* error) {
    auto* test = static_cast<Test*>(user);
    test->error_code = error ? error->code : 0;
    test->finish(std::to_string(test->error_code));
}

call_request as(std::string instance, store::event_id execution = 1) {
    call_request request;
    request.scope.instance = std::move(instance);
    request.scope.flow = "orders";
    request.scope.execution = execution;
    return request;
}

}  // namespace

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
    plugin_world world({.blocking_threads = 1, .blocking_queue = 0});
    world.install("probe");
    std::atomic<bool> open = false;
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

// ---- blob ---------------------------------------------------------------------------------------

TEST_F(services, a_blob_is_written_sealed_read_and_found_by_its_id) {
    plugin_world world;
    world.install("probe");
    struct flow {
        services* test;
        const sluice_blob_1* blobs = nullptr;
        sluice_blob* one = nullptr;
        std::string bytes = std::string(2u << 20, 'x') + "end";  // larger than memory allows
        char tail[16] = {};
    } state{this};
    begin([&] {
        state.blobs = service<sluice_blob_1>("sluice.blob/1");
        state.one = state.blobs->create(call, view("text/plain"));
        state.blobs->write(
            call, state.one, state.bytes.data(), state.bytes.size(),
            [](void* user, const sluice_error* error, std::uint64_t written) {
                auto& here = *static_cast<flow*>(user);
                EXPECT_EQ(error, nullptr);
                EXPECT_EQ(written, here.bytes.size());
                here.blobs->seal(here.test->call, here.one);
                sluice_blob* found = here.blobs->find(here.test->call, here.blobs->id(here.one));
                ASSERT_NE(found, nullptr);
                EXPECT_EQ(here.blobs->length(found), here.bytes.size());
                here.blobs->release(here.one);
                here.blobs->read(
                    here.test->call, found, here.bytes.size() - 3, here.tail, sizeof here.tail,
                    [](void* again, const sluice_error* failed, std::uint64_t got) {
                        auto& inner = *static_cast<flow*>(again);
                        EXPECT_EQ(failed, nullptr);
                        EXPECT_EQ(std::string(inner.tail, got), "end");
                        inner.test->finish();
                    },
                    user);
                here.blobs->release(found);
            },
            &state);
    });
    EXPECT_TRUE(world.run(*code, as("acme", 5)).output_json);
    EXPECT_EQ(world.connectors->blobs().count(), 1u);
    world.connectors->blobs().forget(5);
    EXPECT_EQ(world.connectors->blobs().count(), 0u);
}

TEST_F(services, a_blob_of_another_execution_is_not_found) {
    plugin_world world;
    world.install("probe");
    const auto other = world.connectors->blobs().create(7, "text/plain");
    begin([&] {
        const auto* blobs = service<sluice_blob_1>("sluice.blob/1");
        EXPECT_EQ(blobs->find(call, view(other->id())), nullptr);
        finish();
    });
    (void)world.run(*code, as("acme", 8));
}

TEST_F(services, an_unsealed_blob_cannot_be_read) {
    plugin_world world;
    world.install("probe");
    char buffer[8];
    sluice_blob* one = nullptr;
    const sluice_blob_1* blobs = nullptr;
    begin([&] {
        blobs = service<sluice_blob_1>("sluice.blob/1");
        one = blobs->create(call, view(""));
        blobs->read(
            call, one, 0, buffer, sizeof buffer,
            [](void* user, const sluice_error* error, std::uint64_t) {
                end_with_code<services>(user, error);
            },
            this);
    });
    EXPECT_EQ(*world.run(*code).output_json, std::to_string(SLUICE_CONFLICT));
    blobs->release(one);
}

// ---- state --------------------------------------------------------------------------------------

namespace {

struct state_service_test : services {
    state_service_test() {
        auto opened =
            store::open_sqlite_store(store::testing::small_options(disk.path() / "data", time));
        EXPECT_TRUE(opened) << opened.error_value().to_text();
        durable = std::move(*opened);
        world.emplace(plugin_world_options{.state = durable.get()});
        world->install("probe");
    }
    ~state_service_test() override {
        world.reset();
        durable->close();
    }
    call_request scope(std::string instance) {
        call_request request = as(std::move(instance));
        request.scope.partition = store::partition_of(request.scope.instance);
        request.scope.epoch = *durable->acquire(request.scope.partition);
        return request;
    }
    const sluice_state_1* table() const { return service<sluice_state_1>("sluice.state/1"); }
    std::string run_for(std::string instance, std::function<void()> body) {
        begin(std::move(body));
        const call_outcome outcome = world->run(*code, scope(std::move(instance)));
        return outcome.output_json ? *outcome.output_json
                                   : outcome.output_json.error_value().to_text();
    }
    std::string set(std::string instance, std::string key, std::string value) {
        return run_for(instance, [&] {
            table()->set(call, view(key), view(value), end_with_code<state_service_test>, this);
        });
    }
    std::string swap(std::string key, std::uint64_t expected, std::string value) {
        return run_for("acme", [&] {
            table()->compare_and_set(call, view(key), expected, view(value),
                                     end_with_code<state_service_test>, this);
        });
    }
    // "value@version", "nothing", or the error's code
    std::string get(std::string instance, std::string key) {
        return run_for(instance, [&] {
            table()->get(
                call, view(key),
                [](void* user, const sluice_error* error, std::uint32_t found, sluice_str value,
                   std::uint64_t number) {
                    auto* test = static_cast<state_service_test*>(user);
                    if (error) return test->finish(std::to_string(error->code));
                    if (!found) return test->finish("\"nothing\"");
                    test->version = number;
                    test->finish(text_of(value));
                },
                this);
        });
    }

    base::temporary_folder disk;
    base::system_clock time;
    std::unique_ptr<store::store> durable;
    std::optional<plugin_world> world;
    std::uint64_t version = 0;
};

}  // namespace

TEST_F(state_service_test, keeps_values_per_instance) {
    EXPECT_EQ(get("acme", "cursor"), "\"nothing\"");
    EXPECT_EQ(set("acme", "cursor", R"({"page":3})"), "0");
    EXPECT_EQ(get("acme", "cursor"), R"({"page":3})");
    EXPECT_EQ(get("other", "cursor"), "\"nothing\"");
}

TEST_F(state_service_test, swaps_only_what_nobody_changed) {
    EXPECT_EQ(swap("n", 0, "1"), "0");
    EXPECT_EQ(swap("n", 0, "2"), std::to_string(SLUICE_CONFLICT));
    EXPECT_EQ(get("acme", "n"), "1");
    EXPECT_EQ(swap("n", version, "2"), "0");
    EXPECT_EQ(get("acme", "n"), "2");
}

TEST_F(state_service_test, removes) {
    EXPECT_EQ(set("acme", "gone", "1"), "0");
    EXPECT_EQ(
        run_for(
            "acme",
            [&] { table()->remove(call, view("gone"), end_with_code<state_service_test>, this); }),
        "0");
    EXPECT_EQ(get("acme", "gone"), "\"nothing\"");
}

TEST_F(state_service_test, refuses_bad_keys_and_values) {
    const std::string invalid = std::to_string(SLUICE_INVALID_INPUT);
    EXPECT_EQ(set("acme", "", "1"), invalid);
    EXPECT_EQ(set("acme", std::string(257, 'k'), "1"), invalid);
    EXPECT_EQ(set("acme", "k", "{nope"), invalid);
    EXPECT_EQ(set("acme", "k", "\"" + std::string(256u << 10, 'v') + "\""), invalid);
    EXPECT_EQ(get("acme", ""), invalid);
}

}  // namespace sluice::plugin
