#include "expression/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace sluice::expression {
namespace {

// Edits (with swaps of neighbours) that turn one into the other, ignoring case.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            cost[i][j] = std::min(
                {cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0u : 1u)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
    if (name.empty() || name.size() > 64) return {};
    const std::size_t most = std::max<std::size_t>(1, name.size() / 3);
    std::string best;
    std::size_t best_cost = most + 1;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > name.size() + most || name.size() > candidate.size() + most) {
            continue;
        }
        const std::size_t cost = distance(name, candidate);
        // One letter for another is no likeness in names that short.
        const bool alike = cost < std::max(name.size(), candidate.size());
        if (alike && cost < best_cost) {
            best_cost = cost;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
    const std::string near = nearest(name, candidates);
    if (!near.empty()) return "did you mean \"" + near + "\"?";
    if (candidates.empty()) return {};
    std::string text = "known: ";
    constexpr std::size_t most = 8;
    for (std::size_t i = 0; i < candidates.size() && i < most; ++i) {
        text += (i > 0 ? ", " : "") + candidates[i];
    }
    return candidates.size() > most ? text + ", ..." : text;
}

}  // namespace sluice::expression
