// cancel, completion, strand, concurrent
#include <array>
#include <chrono>
#include <random>
#include <thread>

#include "checks.hpp"
#include "judged_host.hpp"
#include "replies.hpp"
#include "stopwatch.hpp"

namespace sluice::checking {
namespace {

constexpr unsigned most_places = 40;
constexpr std::size_t calls_together = 1'000;
// Each takes a thread while it runs, and what it does there is often a process or a connection.
constexpr std::size_t blocking_calls_together = 100;

// A second completion comes from a thread of the connector's, when it comes late.
void wait_for_late_threads() {
    const stopwatch since;
    while (since.passed() < std::chrono::milliseconds(100))
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
    std::size_t blocking = 0;
    for (std::size_t i = 0; i < calls_together; ++i) {
        const checked_action& action = checked.actions[random() % checked.actions.size()];
        if (action.blocking && ++blocking > blocking_calls_together) continue;
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
    on.host().answer_others(always(200, "{}"));
    for (const checked_action& action : checked.actions) {
        for (const json& connection : action.connections) {
            unsigned operations = 0;
            for (unsigned n = 0; n <= operations && n < most_places; ++n) {
                const trial one{&action, on.files(action.inputs.front()), connection,
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
        }
    }
    out.saw(std::to_string(on.calls()) + " calls");
}

void check_completion(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    std::size_t calls = 0;
    for (const http_answers& answers : {always(200, "{}"), never(SLUICE_UNAVAILABLE)}) {
        on.host().answer_others(answers);
        for (const checked_action& action : checked.actions) {
            for (const json& input : action.inputs) {
                on.run({&action, on.files(input), action.connections.front(), "once"});
                ++calls;
            }
        }
        out.doing("waiting for calls that end a second time");
        wait_for_late_threads();
        on.forget();
    }
    out.saw(std::to_string(calls) + " calls, each ended exactly once");
}

void check_strand(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    // Slow answers, which nobody may wait for on a strand.
    http_answer slow;
    slow.status = 200;
    slow.body = "{}";
    slow.delay_ms = 5'000;
    on.host().answer_others([slow](const testing::recorded_request&) { return slow; });
    std::size_t strands = 0;
    for (const checked_action& action : checked.actions) {
        strands += action.blocking ? 0 : 1;
        on.run({&action, on.files(action.inputs.front()), action.connections.front(),
                "while others are slow"});
        on.forget();
    }
    out.saw(std::to_string(strands) + " actions on strands, " +
            std::to_string(checked.actions.size() - strands) + " that may block");
}

void check_concurrent(const subject& checked, report& out) {
    std::size_t calls = 0;
    run_together(checked, out, 1, checked.seed, calls);
    run_together(checked, out, 4, checked.seed + 1, calls);
    out.saw(std::to_string(calls) + " calls, first on one thread, then on four");
}

}  // namespace sluice::checking
