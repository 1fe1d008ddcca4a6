#include "in_turns.hpp"

#include <algorithm>
#include <string>

namespace sluice::checking {

void in_turns(const subject& checked, report& out,
              const std::function<std::size_t(const checked_action&)>& count,
              const std::function<void(const checked_action&, std::size_t)>& run) {
    const stopwatch since;
    std::size_t longest = 0;
    std::size_t total = 0;
    for (const checked_action& action : checked.actions) {
        longest = std::max(longest, count(action));
        total += count(action);
    }
    std::size_t left_out = 0;
    std::string first;
    for (std::size_t k = 0; k < longest; ++k) {
        for (const checked_action& action : checked.actions) {
            if (k >= count(action)) continue;
            if (!since.is_over(checked.budget)) {
                run(action, k);
                continue;
            }
            ++left_out;
            if (first.empty()) {
                first = "action `" + action.id + "` had " + std::to_string(k) + " of " +
                        std::to_string(count(action));
            }
        }
    }
    if (left_out == 0) return;
    out.left_out(std::to_string(left_out) + " of " + std::to_string(total) + " cases; " + first);
}

}  // namespace sluice::checking
