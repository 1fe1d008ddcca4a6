// Connectors in real processes that die, hang and try to get out.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "json/text.hpp"
#include "plugin/plugin_testing.hpp"
#include "plugin/runner_link.hpp"

namespace sluice::plugin {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

struct isolation : testing::Test {
    static plugin_world_options options() {
        plugin_world_options out;
        out.runner = process_runner(SLUICE_RUNNER);
        return out;
    }
    explicit isolation(plugin_world_options given = options()) : world(std::move(given)) {
        world.install("crashing");
        subject = world.connectors->find("crashing");
    }
    call_handle begin(std::string action, std::string input = "{}") {
        const std::size_t place = outcomes.size();
        outcomes.emplace_back();
        call_request request;
        request.action = std::move(action);
        request.input_json = std::move(input);
        return subject->start(std::move(request), [this, place](call_outcome got) {
            outcomes[place] = std::move(got);
        });
    }
    // Time goes on as in life, but faster.
    bool all_ended(std::int64_t step_ms = 2) {
        // A loaded machine starts processes slowly.
        constexpr std::int64_t patience_ms = 60'000;
        return base::wait_until(
            [&] {
                world.loop.run_ready();
                world.loop.advance_ms(step_ms);
                return std::ranges::all_of(outcomes,
                                           [](const auto& one) { return one.has_value(); });
            },
            patience_ms);
    }
    // Until the calls have been handed to the connector: a later one is answered.
    void settle() { (void)world.call("crashing", "echo", "{}"); }
    std::string call(std::string action, std::string input = "{}") {
        const std::size_t place = outcomes.size();
        begin(std::move(action), std::move(input));
        EXPECT_TRUE(all_ended());
        return output_of(outcomes[place].value_or(call_outcome{}));
    }
    std::string attempt(const std::string& what) {
        return call("attempt", R"({"what":")" + what + R"("})");
    }

    // The world ends first: its calls do, too.
    std::vector<std::optional<call_outcome>> outcomes;
    plugin_world world;
    std::shared_ptr<connector> subject;
};

TEST_F(isolation, a_call_runs_in_another_process) {
    const std::string pid = call("pid");
    EXPECT_NE(pid, std::to_string(::getpid()));
    EXPECT_EQ(pid, std::to_string(subject->isolation().pid));
    EXPECT_EQ(subject->isolation().starts, 1u);
    const auto hardening = json::parse(subject->isolation().hardening_json);
    ASSERT_TRUE(hardening);
    EXPECT_TRUE(hardening->bool_or("noNewPrivileges", false));
}

TEST_F(isolation, its_death_fails_the_call_with_the_signal_and_the_last_words) {
    const std::string told = call("now", R"({"poison":1})");
    EXPECT_NE(told.find("crashing 0.1.0"), std::string::npos) << told;
    EXPECT_NE(told.find("signal 11"), std::string::npos) << told;
    EXPECT_NE(told.find("about to die of it"), std::string::npos) << told;
    EXPECT_EQ(code_of(*outcomes[0]), base::error_code::unavailable);
    EXPECT_EQ(call("echo", R"({"again":1})"), R"({"again":1})");
    EXPECT_EQ(subject->isolation().deaths, 1u);
    EXPECT_EQ(subject->isolation().starts, 2u);
}

TEST_F(isolation, an_exit_is_told_with_its_code) {
    const std::string told = call("exit");
    EXPECT_NE(told.find("exit code 3"), std::string::npos) << told;
    EXPECT_NE(told.find("goodbye"), std::string::npos) << told;
}

TEST_F(isolation, one_poisonous_call_in_a_hundred_fails_alone) {
    settle();
    for (int number = 0; number < 100; ++number) {
        begin("slow", number == 42 ? R"({"poison":1})" : "{\"n\":" + std::to_string(number) + "}");
    }
    ASSERT_TRUE(all_ended());
    for (int number = 0; number < 100; ++number) {
        const std::string told = output_of(*outcomes[number]);
        if (number == 42) {
            EXPECT_NE(told.find("signal 11"), std::string::npos) << told;
        } else {
            EXPECT_EQ(told, "{\"n\":" + std::to_string(number) + "}");
        }
    }
    EXPECT_FALSE(subject->isolation().quarantined);
}

TEST_F(isolation, calls_that_had_not_begun_run_whatever_the_action_is) {
    settle();
    for (int number = 0; number < 20; ++number)
        begin("now", number == 5 ? R"({"poison":1})" : "{}");
    ASSERT_TRUE(all_ended());
    for (int number = 0; number < 20; ++number)
        EXPECT_EQ(outcomes[number]->output_json.has_value(), number != 5) << number;
    EXPECT_EQ(subject->isolation().deaths, 1u);
}

TEST_F(isolation, calls_that_are_not_idempotent_run_once) {
    settle();
    begin("wait");
    begin("slow", R"({"poison":1})");
    begin("slow", R"({"n":1})");
    ASSERT_TRUE(all_ended());
    const std::string once = output_of(*outcomes[0]);
    EXPECT_NE(once.find("signal 11 (Segmentation fault) while this call and 2 more ran"),
              std::string::npos)
        << once;
    EXPECT_NE(output_of(*outcomes[1]).find("signal 11"), std::string::npos);
    EXPECT_EQ(output_of(*outcomes[2]), R"({"n":1})");
}

TEST_F(isolation, killed_from_outside_it_is_started_again) {
    settle();
    begin("wait");
    settle();
    ASSERT_EQ(::kill(subject->isolation().pid, SIGKILL), 0);
    ASSERT_TRUE(all_ended());
    EXPECT_NE(output_of(*outcomes[0]).find("signal 9"), std::string::npos);
    EXPECT_EQ(call("echo"), "{}");
}

TEST_F(isolation, the_third_death_brings_quarantine_until_it_is_released) {
    for (int death = 0; death < 3; ++death)
        EXPECT_NE(call("exit").find("exit code 3"), std::string::npos);
    EXPECT_TRUE(subject->isolation().quarantined);
    const std::string refused = call("echo");
    EXPECT_NE(refused.find("is in quarantine"), std::string::npos) << refused;
    EXPECT_NE(refused.find("sluice connector release crashing"), std::string::npos) << refused;
    EXPECT_EQ(subject->isolation().starts, 3u);
    subject->release();
    EXPECT_EQ(call("echo"), "{}");
    EXPECT_FALSE(subject->isolation().quarantined);
}

TEST_F(isolation, deaths_far_apart_bring_no_quarantine) {
    for (int death = 0; death < 4; ++death) {
        EXPECT_NE(call("exit").find("exit code 3"), std::string::npos);
        world.loop.advance_ms(400'000);
    }
    EXPECT_EQ(call("echo"), "{}");
}

TEST_F(isolation, one_that_hangs_is_killed) {
    begin("hang");
    ASSERT_TRUE(all_ended(50));
    const std::string told = output_of(*outcomes[0]);
    EXPECT_NE(told.find("it hangs"), std::string::npos) << told;
    EXPECT_EQ(call("echo"), "{}");
}

TEST_F(isolation, a_long_call_that_waits_is_not_taken_for_one_that_hangs) {
    begin("wait");
    settle();
    for (int minute = 0; minute < 10; ++minute) {
        world.loop.advance_ms(4'000);
        settle();
    }
    EXPECT_EQ(subject->isolation().deaths, 0u);
    EXPECT_FALSE(outcomes[0].has_value());
}

TEST_F(isolation, one_that_speaks_nonsense_to_the_host_is_ended) {
    const std::string told = call("garbage");
    EXPECT_NE(told.find("it sent a frame of"), std::string::npos) << told;
    EXPECT_EQ(call("echo"), "{}");
}

TEST_F(isolation, a_call_that_waits_for_a_new_process_can_be_cancelled) {
    (void)call("exit");
    const call_handle waiting = begin("echo");
    world.loop.run_ready();
    subject->cancel(waiting);
    ASSERT_TRUE(world.run_until([&] { return outcomes.back().has_value(); }));
    EXPECT_EQ(code_of(*outcomes.back()), base::error_code::cancelled);
    EXPECT_EQ(subject->isolation().starts, 1u);
}

TEST_F(isolation, a_blocking_call_that_never_ends_is_given_up_and_the_others_go_on) {
    call_request request;
    request.action = "sleep";
    request.input_json = "{}";
    request.deadline_unix_ms = world.clock.unix_ms() + 1'000;
    std::optional<call_outcome> ended;
    subject->start(request, [&](call_outcome got) { ended = std::move(got); });
    settle();
    ASSERT_TRUE(world.run_until([&] {
        world.loop.advance_ms(100);
        return ended.has_value();
    }));
    EXPECT_EQ(code_of(*ended), base::error_code::timeout);
    EXPECT_EQ(call("echo"), "{}");
    // Its place is free again once its process is gone.
    EXPECT_EQ(subject->live_calls(), 1u);
    ASSERT_EQ(::kill(subject->isolation().pid, SIGKILL), 0);
    EXPECT_TRUE(world.run_until([&] { return subject->live_calls() == 0; }));
}

TEST_F(isolation, a_program_that_is_missing_is_named) {
    plugin_world_options missing;
    missing.runner = process_runner("/nowhere/sluice-runner");
    plugin_world other(missing);
    other.install("crashing");
    const std::string told = output_of(other.call("crashing", "echo", "{}"));
    EXPECT_NE(told.find("/nowhere/sluice-runner"), std::string::npos) << told;
}

TEST_F(isolation, one_that_crashes_while_it_is_opened_fails_its_calls) {
    world.install("open_crashes");
    const auto all = world.connectors->all();
    const auto found = std::ranges::find_if(
        all, [](const auto& one) { return one->description().id != "crashing"; });
    ASSERT_NE(found, all.end());
    const std::string action = (*found)->description().actions.begin()->first;
    const std::string told = output_of(world.call((*found)->description().id, action, "{}"));
    EXPECT_NE(told.find("while it was loaded and opened"), std::string::npos) << told;
}

// ---- What it may not do -------------------------------------------------------------------------

TEST_F(isolation, it_may_not_reach_out) {
    (void)call("echo");
    const auto hardening = json::parse(subject->isolation().hardening_json);
    ASSERT_TRUE(hardening);
    const std::string eperm = std::to_string(EPERM);
    const std::string eacces = std::to_string(EACCES);
    if (hardening->int_or("landlock", 0) > 0) {
        EXPECT_EQ(attempt("shadow"), eacces);
        EXPECT_EQ(attempt("write"), eacces);
        EXPECT_EQ(attempt("temporary"), "0");
        EXPECT_EQ(attempt("library"), "0");
        if (hardening->int_or("landlock", 0) >= 6) {
            EXPECT_EQ(attempt("kill"), eperm);
        }
    }
    if (hardening->bool_or("seccomp", false)) {
        EXPECT_EQ(attempt("ptrace"), eperm);
        EXPECT_EQ(attempt("exec"), eperm);
        EXPECT_EQ(attempt("fork"), eperm);
        EXPECT_EQ(attempt("setuid"), eperm);
    }
    EXPECT_EQ(attempt("socket"), "0");
    EXPECT_EQ(attempt("files"), std::to_string(EMFILE));
    if (!sanitized) {
        EXPECT_EQ(attempt("memory"), std::to_string(ENOMEM));
    }
    EXPECT_EQ(subject->isolation().deaths, 0u);
}

}  // namespace
}  // namespace sluice::plugin
