// Connectors in real processes that die, hang and try to get out.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <vector>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "plugin/plugin_testing.hpp"
#include "plugin/runner_link.hpp"

namespace sluice::plugin {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

// What the kernel says, not the runner.
bool kernel_has_all_layers() {
    constexpr std::uint32_t ask_version = 1;
    const long landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_version);
    return landlock >= 6 && ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

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
    call_handle begin(std::string action, std::string input = "{}", std::string key = {}) {
        const std::size_t place = outcomes.size();
        outcomes.emplace_back();
        call_request request;
        request.action = std::move(action);
        request.input_json = std::move(input);
        request.idempotency_key = std::move(key);
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
    // Until so many calls of "sleep" have their threads: who waits for one ends when it is
    // cancelled.
    void sleeping(std::ptrdiff_t count) {
        EXPECT_TRUE(world.run_until([&] {
            const std::lock_guard lock(world.log_mutex);
            return std::ranges::count(world.log_lines, "it hangs", &connector_log_line::message) >=
                   count;
        }));
    }
    // Until the calls have been handed to the connector: a later one is answered.
    void settle() { (void)world.call("crashing", "echo", "{}"); }
    std::string call(std::string action, std::string input = "{}", std::string key = {}) {
        const std::size_t place = outcomes.size();
        begin(std::move(action), std::move(input), std::move(key));
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
    ASSERT_TRUE(subject->isolation().hardening);
    EXPECT_TRUE(subject->isolation().hardening->no_new_privileges);
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

TEST_F(isolation, its_temporary_folder_goes_with_it_or_with_the_next_host) {
    const base::temporary_folder kept;
    const auto folder = kept.path() / "runners";
    EXPECT_TRUE(std::filesystem::create_directories(folder / "sluice-runner-killed" / "x"));
    plugin_world_options given = options();
    given.runner_folder = folder;
    plugin_world other(given);
    other.install("crashing");
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_EQ(output_of(other.call("crashing", "attempt", R"({"what":"temporary"})")), "0");
    EXPECT_FALSE(std::filesystem::is_empty(folder));
    (void)other.call("crashing", "exit", "{}");
    EXPECT_TRUE(base::wait_until([&] { return std::filesystem::is_empty(folder); }));
}

TEST_F(isolation, a_host_that_ends_waits_for_a_process_that_starts) {
    begin("echo");
    world.loop.run_ready();
    base::wait_until([&] {
        world.loop.run_ready();  // opened at once; now its process starts
        return subject->status() == load_status::ready;
    });
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

// Where time is made to fly: a process that the machine lets wait for a moment hangs for hours
// then.
struct isolation_with_patience : isolation {
    static plugin_world_options patient() {
        plugin_world_options out = options();
        out.runner_timing.silence_ms = 30ll * 24 * 3'600'000;
        return out;
    }
    isolation_with_patience() : isolation(patient()) {}
};

TEST_F(isolation_with_patience, a_blocking_call_that_never_ends_is_given_up_and_the_others_go_on) {
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
    // Its process goes once nothing else runs there, and that is no death.
    EXPECT_TRUE(world.run_until([&] { return subject->live_calls() == 0; }));
    EXPECT_EQ(subject->isolation().deaths, 0u);
    EXPECT_EQ(subject->isolation().starts, 2u);
}

TEST_F(isolation_with_patience, threads_that_hang_are_replaced) {
    std::vector<call_handle> hanging;
    for (int thread = 0; thread < 16; ++thread)
        hanging.push_back(begin("sleep"));
    begin("block", R"({"queued":1})");
    sleeping(16);
    for (const call_handle each : hanging)
        subject->cancel(each);
    ASSERT_TRUE(all_ended(20));
    EXPECT_EQ(output_of(*outcomes.back()), R"({"queued":1})");
    EXPECT_EQ(call("block", R"({"n":17})"), R"({"n":17})");
    EXPECT_EQ(subject->isolation().starts, 2u);
    EXPECT_EQ(subject->isolation().deaths, 0u);
}

TEST_F(isolation_with_patience, a_call_that_still_runs_keeps_its_process) {
    begin("wait");
    const call_handle hanging = begin("sleep");
    sleeping(1);
    const int first = subject->isolation().pid;
    subject->cancel(hanging);
    ASSERT_TRUE(world.run_until([&] {
        world.loop.advance_ms(20);
        return outcomes[1].has_value();
    }));
    EXPECT_TRUE(world.run_until([&] {
        world.loop.advance_ms(20);
        return subject->isolation().pid != first;
    }));
    EXPECT_FALSE(outcomes[0].has_value());
    EXPECT_EQ(::kill(first, 0), 0);
}

TEST_F(isolation, a_program_that_is_missing_is_named) {
    plugin_world_options missing;
    missing.runner = process_runner("/nowhere/sluice-runner");
    plugin_world other(missing);
    other.install("crashing");
    // It is the host's fault, and no reason for quarantine.
    for (int count = 0; count < 5; ++count) {
        const std::string told = output_of(other.call("crashing", "echo", "{}"));
        EXPECT_NE(told.find("/nowhere/sluice-runner"), std::string::npos) << told;
        other.loop.advance_ms(60'001);
    }
    const isolation_facts facts = other.connectors->find("crashing")->isolation();
    EXPECT_EQ(facts.deaths, 0u);
    EXPECT_FALSE(facts.quarantined);
    EXPECT_NE(facts.start_error.find("/nowhere/sluice-runner"), std::string::npos);
}

TEST_F(isolation, dying_while_it_is_opened_counts_like_every_death) {
    world.install("open_crashes");
    const auto all = world.connectors->all();
    const auto found = std::ranges::find_if(
        all, [](const auto& one) { return one->description().id != "crashing"; });
    ASSERT_NE(found, all.end());
    subject = *found;
    const std::string action = subject->description().actions.begin()->first;
    for (int count = 0; count < 3; ++count) {
        const std::string told = call(action);
        const char* wanted =
            count < 2 ? "while it was loaded and opened" : "is in quarantine: its process died";
        EXPECT_NE(told.find(wanted), std::string::npos) << told;
    }
    EXPECT_EQ(subject->isolation().deaths, 3u);
    EXPECT_TRUE(subject->isolation().quarantined);
    EXPECT_NE(call(action).find("is in quarantine"), std::string::npos);
    subject->release();
    EXPECT_NE(call(action).find("while it was loaded and opened"), std::string::npos);
}

TEST_F(isolation, one_poisonous_event_in_a_hundred_brings_no_quarantine) {
    for (int number = 0; number < 1'000; ++number) {
        const bool poison = number % 100 == 50;
        const std::string told = call("now", poison ? R"({"poison":1})" : R"({"n":1})");
        EXPECT_EQ(told.find("signal 11") != std::string::npos, poison) << number << ": " << told;
    }
    EXPECT_EQ(subject->isolation().deaths, 10u);
    EXPECT_FALSE(subject->isolation().quarantined);
}

TEST_F(isolation, one_event_that_is_tried_again_and_again_brings_no_quarantine) {
    for (int attempt = 0; attempt < 5; ++attempt) {
        const std::string told = call("now", R"({"poison":1})", "key-of-the-event");
        EXPECT_NE(told.find("signal 11"), std::string::npos) << told;
        EXPECT_EQ(code_of(*outcomes.back()),
                  attempt == 0 ? base::error_code::unavailable : base::error_code::internal);
    }
    EXPECT_FALSE(subject->isolation().quarantined);
    EXPECT_EQ(call("echo"), "{}");
}

TEST_F(isolation, what_becomes_of_it_while_it_closes_is_in_the_log) {
    for (const char* how : {"close_crashes", "close_hangs"}) {
        testing::internal::CaptureStderr();
        {
            plugin_world_options given = options();
            given.runner_timing.close_ms = 300;
            plugin_world other(given);
            other.install(how);
            EXPECT_EQ(output_of(other.call("crashing", "echo", "{}")), "{}");
        }
        const std::string log = testing::internal::GetCapturedStderr();
        if (how == std::string("close_crashes")) {
            EXPECT_NE(log.find("died while it was closed"), std::string::npos) << log;
            EXPECT_NE(log.find("signal 11"), std::string::npos) << log;
            EXPECT_NE(log.find("about to die of it"), std::string::npos) << log;
        } else {
            EXPECT_NE(log.find("did not close within"), std::string::npos) << log;
        }
    }
}

struct isolation_with_programs : isolation {
    static plugin_world_options with_programs() {
        plugin_world_options out = options();
        out.runner_limits.exec = true;
        return out;
    }
    isolation_with_programs() : isolation(with_programs()) {}
};

TEST_F(isolation_with_programs, its_end_is_seen_though_a_helper_holds_the_channel) {
    const std::string told = call("helper");
    EXPECT_NE(told.find("exit code 4"), std::string::npos) << told;
    EXPECT_EQ(attempt("fork"), "0");
}

// ---- What it may not do -------------------------------------------------------------------------

void expect_shut_in(isolation& test) {
    const std::string eperm = std::to_string(EPERM);
    const std::string eacces = std::to_string(EACCES);
    EXPECT_EQ(test.attempt("shadow"), eacces);
    EXPECT_EQ(test.attempt("keys"), eacces);
    EXPECT_EQ(test.attempt("write"), eacces);
    for (const char* what : {"kill", "ptrace", "exec", "fork", "setuid", "setpgid", "setsid",
                             "chmod", "fchmod", "chown", "setxattr", "removexattr", "utimes",
                             "priority", "affinity", "limits", "memfd", "shared memory"}) {
        EXPECT_EQ(test.attempt(what), eperm) << what;
    }
    for (const char* what : {"unix", "vsock", "datagrams"})
        EXPECT_EQ(test.attempt(what), eacces) << what;
    for (const char* what : {"temporary", "library", "own signal", "pair"})
        EXPECT_EQ(test.attempt(what), "0") << what;
    EXPECT_EQ(test.attempt("files"), std::to_string(EMFILE));
    if (!sanitized) {
        EXPECT_EQ(test.attempt("address space"), std::to_string(ENOMEM));
    }
    EXPECT_EQ(test.subject->isolation().deaths, 0u);
}

TEST_F(isolation, it_may_not_reach_out) {
    if (!kernel_has_all_layers()) GTEST_SKIP() << "a kernel without Landlock 6 or seccomp";
    (void)call("echo");
    const auto told = subject->isolation().hardening;
    ASSERT_TRUE(told);
    EXPECT_GE(told->landlock, 6);
    EXPECT_TRUE(told->seccomp);
    EXPECT_TRUE(told->no_capabilities);
    EXPECT_TRUE(told->refused.empty());
    EXPECT_EQ(attempt("socket"), "0");
    EXPECT_EQ(attempt("netlink"), "0");
    EXPECT_EQ(attempt("truncate"), "0");
    expect_shut_in(*this);
}

struct isolation_without_network : isolation {
    static plugin_world_options without() {
        plugin_world_options out = options();
        out.runner_limits.network = false;
        return out;
    }
    isolation_without_network() : isolation(without()) {}
};

TEST_F(isolation_without_network, it_has_no_sockets_at_all) {
    const std::string eacces = std::to_string(EACCES);
    for (const char* what : {"socket", "unix", "netlink", "vsock", "datagrams"})
        EXPECT_EQ(attempt(what), eacces) << what;
    EXPECT_EQ(attempt("pair"), "0");
}

// As on a kernel of 2022: what its Landlock cannot refuse, the filter of system calls does.
struct isolation_on_an_older_kernel : isolation {
    static plugin_world_options older(const base::temporary_folder& folder) {
        const auto script = folder.path() / "runner";
        EXPECT_TRUE(base::write_file(
            script, "#!/bin/sh\nexec " SLUICE_RUNNER " \"$@\" --landlock-at-most 2\n", 0700));
        plugin_world_options out;
        out.runner = process_runner(script);
        return out;
    }
    explicit isolation_on_an_older_kernel(
        std::unique_ptr<base::temporary_folder> folder = std::make_unique<base::temporary_folder>())
        : isolation(older(*folder)), kept(std::move(folder)) {}
    std::unique_ptr<base::temporary_folder> kept;
};

TEST_F(isolation_on_an_older_kernel, it_may_not_reach_out_either) {
    if (!kernel_has_all_layers()) GTEST_SKIP() << "a kernel without Landlock or seccomp";
    (void)call("echo");
    const auto told = subject->isolation().hardening;
    ASSERT_TRUE(told);
    EXPECT_EQ(told->landlock, 2);
    EXPECT_EQ(told->refused.size(), 2u);
    for (const char* what : {"truncate", "blind"})
        EXPECT_EQ(attempt(what), std::to_string(EACCES)) << what;
    // A signal that comes by a descriptor.
    for (const char* what : {"owner", "set by ioctl"})
        EXPECT_EQ(attempt(what), std::to_string(EPERM)) << what;
    expect_shut_in(*this);
}

}  // namespace
}  // namespace sluice::plugin
