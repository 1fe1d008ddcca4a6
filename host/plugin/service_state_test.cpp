#include <gtest/gtest.h>

#include "plugin/services_testing.hpp"
#include "store/store_testing.hpp"

namespace sluice::plugin {

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

TEST_F(state_service_test, what_is_asked_for_after_a_cancel_is_not_done) {
    std::optional<call_outcome> outcome;
    begin([] {},
          [&](const sluice_host*, sluice_call*) {
              table()->set(
                  call, view("late"), view("1"),
                  [](void* user, const sluice_error* error) {
                      EXPECT_TRUE(error && error->code == SLUICE_CANCELLED);
                      auto* test = static_cast<state_service_test*>(user);
                      test->table()->get(
                          test->call, view("late"),
                          [](void* again, const sluice_error* failed, std::uint32_t, sluice_str,
                             std::uint64_t) { end_with_code<state_service_test>(again, failed); },
                          user);
                  },
                  this);
          });
    call_request request = scope("acme");
    request.action = "run";
    request.input_json = code->input_json();
    const auto subject = world->connectors->find("probe");
    const auto handle =
        subject->start(request, [&](call_outcome got) { outcome = std::move(got); });
    ASSERT_TRUE(world->run_until([&] { return call != nullptr; }));
    subject->cancel(handle);
    ASSERT_TRUE(world->run_until([&] { return outcome.has_value(); }));
    EXPECT_EQ(output_of(*outcome), std::to_string(SLUICE_CANCELLED));
    EXPECT_EQ(get("acme", "late"), "\"nothing\"");
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
