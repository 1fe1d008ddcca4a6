// cancel, completion, strand, concurrent
#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "checks.hpp"
#include "in_turns.hpp"
#include "judged_host.hpp"
#include "process_facts.hpp"
#include "replies.hpp"
#include "stopwatch.hpp"

namespace sluice::checking {
namespace {

constexpr unsigned most_places = 40;
constexpr std::size_t calls_together = 1'000;

// A second completion that is late comes from a thread that the connector has begun meanwhile.
void wait_for_late_threads(std::size_t threads_before) {
    const stopwatch since;
    while (running_threads() > threads_before && !since.is_over(std::chrono::seconds(2)))
        std::this_thread::yield();
}

http_answers mixed(std::uint64_t seed) {
    auto random = std::make_shared<std::mt19937_64>(seed);  // used under the mock host's lock
    return [random](const testing::recorded_request& request) {
        switch ((*random)() % 6) {
            case 0:
                return always(500, "{}")(request);
            case 1:
                return never(SLUICE_UNAVAILABLE)(request);
            case 2:
                return always(429, "{}", {{"Retry-After", "1"}})(request);
            default: {
                http_answer made = always(200, "{}")(request);
                made.delay_ms = (*random)() % 1'000;
                return made;
            }
        }
    };
}

// Which connector's calls, in which order, ended when: all from the seed.
std::vector<testing::call_plan> plan_calls(const subject& checked, judged_host& on,
                                           std::mt19937_64& random,
                                           std::vector<const checked_action*>& actions) {
    std::vector<testing::call_plan> plans;
    for (std::size_t i = 0; i < calls_together; ++i) {
        const checked_action& action = checked.actions[random() % checked.actions.size()];
        const json& connection = action.connections[random() % action.connections.size()];
        testing::call_plan& plan = plans.emplace_back();
        plan.action = action.id;
        plan.input = on.files(action.inputs[random() % action.inputs.size()]);
        if (!connection.is_null()) plan.connection = connection.dump();
        plan.options.idempotency_key = "key-" + std::to_string(i);
        plan.options.instance = "instance-" + std::to_string(i % 3);
        if (random() % 5 == 0) plan.cancel_at = static_cast<unsigned>(random() % 4);
        actions.push_back(&action);
    }
    return plans;
}

void run_together(const subject& checked, report& out, unsigned threads, std::uint64_t seed,
                  std::size_t& calls) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    std::mt19937_64 random(seed);
    on.host().answer_others(mixed(seed));
    std::vector<const checked_action*> actions;
    const std::vector<testing::call_plan> plans = plan_calls(checked, on, random, actions);
    out.doing(std::to_string(plans.size()) + " calls of all actions at the same time on " +
              std::to_string(threads) + " thread(s), seed " + std::to_string(seed));
    const std::vector<testing::call_result> results = on.host().run_together(plans, threads, seed);
    for (std::size_t i = 0; i < results.size(); ++i) {
        testing::call_result result = results[i];
        result.strand_waited_ms = 0;  // they wait for each other, which is none of their business
        on.judge(*actions[i], result);
    }
    calls += plans.size();
    on.forget();
}

}  // namespace

void check_cancel(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    // Twice: third parties answer {}, and something that leads further into the action.
    in_turns(
        checked, out, [](const checked_action& action) { return 2 * combination::count(action); },
        [&](const checked_action& action, std::size_t k) {
            const combination with(action, k);
            unsigned operations = 0;
            for (unsigned n = 0; n <= operations && n < most_places; ++n) {
                on.host().answer_others(
                    k < combination::count(action)
                        ? always(200, "{}")
                        : as_in_example(action, with.example, like_output(action)));
                const trial one{&action, on.files(with.input), with.connection,
                                "cancelled after " + std::to_string(n) + " host operations"};
                const testing::call_result result = on.run_cancelled_at(n, one);
                // Nothing is new to find behind its end.
                operations = result.operations;
                on.forget();
                if (!result.ok && result.error.code == SLUICE_INTERNAL) {
                    out.warn(
                        "action `" + action.id +
                            "` fails as SLUICE_INTERNAL after a cancel: " + result.error.message,
                        "End with SLUICE_CANCELLED, or with the result if there is one.");
                }
            }
        });
    out.saw(std::to_string(on.calls()) + " calls");
}

void check_completion(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    for (const http_answers& answers : {always(200, "{}"), never(SLUICE_UNAVAILABLE)}) {
        on.host().answer_others(answers);
        const std::size_t threads = running_threads();
        in_turns(checked, out, combination::count,
                 [&](const checked_action& action, std::size_t k) {
                     const combination with(action, k);
                     on.run({&action, on.files(with.input), with.connection, "once"});
                 });
        out.doing("waiting for calls that end a second time");
        wait_for_late_threads(threads);
        on.forget();
    }
    out.saw(std::to_string(on.calls()) + " calls, each ended exactly once");
}

void check_strand(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    in_turns(checked, out, combination::count, [&](const checked_action& action, std::size_t k) {
        const combination with(action, k);
        // Slow answers, which nobody may wait for on a strand.
        on.host().answer_others([answers = as_in_example(action, with.example, always(200, "{}"))](
                                    const testing::recorded_request& request) {
            http_answer slow = answers(request);
            slow.delay_ms = 5'000;
            return slow;
        });
        on.run({&action, on.files(with.input), with.connection, "while others are slow"});
        on.forget();
    });
    const auto strands = std::count_if(checked.actions.begin(), checked.actions.end(),
                                       [](const checked_action& one) { return !one.blocking; });
    out.saw(std::to_string(strands) + " actions on strands, " +
            std::to_string(std::ssize(checked.actions) - strands) + " that may block");
}

void check_concurrent(const subject& checked, report& out) {
    std::size_t calls = 0;
    run_together(checked, out, 1, checked.seed, calls);
    run_together(checked, out, 4, checked.seed + 1, calls);
    out.saw(std::to_string(calls) + " calls, first on one thread, then on four");
}

}  // namespace sluice::checking
