// "Did you mean": the known name nearest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::expression {

// The candidate with the fewest edits (case counts little), or empty when none is near.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// "did you mean \"x\"?", or "known: a, b, c" (at most eight), or empty without candidates.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace sluice::expression
