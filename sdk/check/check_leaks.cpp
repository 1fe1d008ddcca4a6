// leaks
#include <algorithm>
#include <array>
#include <chrono>

#include "checks.hpp"
#include "in_turns.hpp"
#include "judged_host.hpp"
#include "process_facts.hpp"
#include "replies.hpp"
#include "stopwatch.hpp"

namespace sluice::checking {
namespace {

constexpr int warm_up_rounds = 6;
constexpr int rounds_between = 12;
// What each round may grow: lists and tables of libraries grow in jumps now and then.
constexpr std::size_t bytes_per_round = 24;
constexpr std::size_t calls_of_a_round = 5;

// One round, with each example and connection: it works, it fails at the third party, nobody
// answers, it is cancelled, its input is wrong.
void run_round(judged_host& on, const checked_action& action, const combination& with) {
    static const std::array<http_answers, 3> answers = {always(200, "{}"), always(500, "oops"),
                                                        never(SLUICE_TIMEOUT)};
    const json& connection = with.connection;
    for (const http_answers& each : answers) {
        on.host().answer_others(each);
        on.run({&action, on.files(with.input), connection, "again and again"});
        on.forget();
    }
    on.host().answer_others(answers.front());
    on.run_cancelled_at(1,
                        {&action, on.files(with.input), connection, "cancelled again and again"});
    on.run({&action, "{}", connection, "with an empty object again and again"});
    on.forget();
}

// How much more there is after `rounds`, or 0.
std::size_t growth(judged_host& on, const checked_action& action, int rounds) {
    const std::size_t before = allocated_bytes();
    for (int i = 0; i < rounds; ++i) {
        for (std::size_t k = 0; k < combination::count(action); ++k)
            run_round(on, action, combination(action, k));
    }
    const std::size_t after = allocated_bytes();
    return after > before ? after - before : 0;
}

void check_action(judged_host& on, report& out, const checked_action& action,
                  std::chrono::milliseconds longest) {
    const stopwatch since;
    growth(on, action, 1);
    // Slow actions (a process each, a connection that fails) get fewer rounds.
    const bool slow = since.passed() * (warm_up_rounds + 2 * rounds_between) > longest;
    const int rounds = slow ? 4 : rounds_between;
    growth(on, action, slow ? 2 : warm_up_rounds);
    const std::size_t files = open_files();
    const std::size_t first = growth(on, action, rounds);
    const std::size_t second = growth(on, action, rounds);
    const std::size_t combinations = combination::count(action);
    const std::size_t allowed = bytes_per_round * combinations * static_cast<std::size_t>(rounds);
    if (first > allowed && second > allowed) {
        // Once more: what is warm by now does not grow any further.
        const std::size_t third = growth(on, action, rounds);
        if (third > allowed) {
            out.fail("action `" + action.id + "` keeps memory: about " +
                         std::to_string(third / static_cast<std::size_t>(rounds)) +
                         " bytes in each round of " +
                         std::to_string(combinations * calls_of_a_round) + " calls",
                     "Free what belongs to a call on every path, also on failures and cancels. "
                     "AddressSanitizer names the place.");
        }
    }
    if (open_files() > files) {
        out.fail("action `" + action.id + "` keeps files open: " +
                     std::to_string(open_files() - files) + " more than before",
                 "Close files and sockets on every path.");
    }
}

}  // namespace

void check_leaks(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    const auto longest = checked.budget / std::max<std::size_t>(checked.actions.size(), 1);
    in_turns(
        checked, out, [](const checked_action&) { return 1; },
        [&](const checked_action& action, std::size_t) { check_action(on, out, action, longest); });
    out.saw(std::to_string(on.calls()) + " calls");
}

}  // namespace sluice::checking
