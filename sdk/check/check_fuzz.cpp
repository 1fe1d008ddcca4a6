// fuzz: inputs and answers that nobody has thought of, the same for the same seed.
#include <cstdint>
#include <random>

#include "checks.hpp"
#include "judged_host.hpp"
#include "mutation.hpp"
#include "replies.hpp"
#include "stopwatch.hpp"

namespace sluice::checking {
namespace {

constexpr std::uint64_t most_rounds = 600;

// Nothing of a round depends on the rounds before it, but for what the connector remembers.
void run_round(const subject& checked, judged_host& on, report& out, std::uint64_t round) {
    std::mt19937_64 random(checked.seed * 1'000'003 + round);
    const checked_action& action = checked.actions[round % checked.actions.size()];
    const json& example = action.inputs[random() % action.inputs.size()];
    const json& connection = action.connections[random() % action.connections.size()];
    const json files = with_files(on.host(), example);
    const json input = random() % 4 == 0 ? files : mutated(files, random);
    on.host().answer_others(surprising(action, random()));
    const std::string replay =
        "in round " + std::to_string(round) + " of seed " + std::to_string(checked.seed);
    const trial one{&action, input.dump(), connection, replay};
    const bool stop = input.is_object() && random() % 5 == 0;
    const testing::call_result result =
        stop ? on.run_cancelled_at(static_cast<unsigned>(random() % 6), one) : on.run(one);
    for (const testing::recorded_request& request : on.host().requests()) {
        if (request.header("X-More").empty()) continue;
        out.fail("action `" + action.id + "` lets its input add headers to a request",
                 "Refuse line breaks in what goes into a header.");
    }
    on.forget();
}

}  // namespace

void check_fuzz(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    const std::string of_seed = " of seed " + std::to_string(checked.seed);
    if (checked.round) {
        run_round(checked, on, out, *checked.round);
        return out.saw("round " + std::to_string(*checked.round) + of_seed);
    }
    const stopwatch since;
    std::uint64_t round = 0;
    for (; round < most_rounds && !since.is_over(checked.budget); ++round)
        run_round(checked, on, out, round);
    if (round < most_rounds) {
        out.left_out(std::to_string(most_rounds - round) + " of " + std::to_string(most_rounds) +
                     " rounds");
    }
    out.saw(std::to_string(round) + " rounds" + of_seed);
}

}  // namespace sluice::checking
