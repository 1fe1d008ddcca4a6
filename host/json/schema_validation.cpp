#include "json/schema_validation.hpp"

namespace sluice::json::schemas {

bool validation::apply(const node& with, const subject& of) {
    if (!charge(of, 1)) return false;
    if (depth_ >= options_.depth) {
        return stop(of, "too deep to be checked: more than " + std::to_string(options_.depth) +
                            " schemas inside each other");
    }
    ++depth_;
    const bool fits = with.last.empty() ? check_all(with.keywords, of) : apply_tracked(with, of);
    --depth_;
    return fits;
}

// Keywords beside and below an unevaluated... keyword count for it, those around it do not.
bool validation::apply_tracked(const node& with, const subject& of) {
    evaluated own;
    const subject tracked{of.instance, of.at, &own, of.quiet};
    if (!check_all(with.keywords, tracked) || !check_all(with.last, tracked)) return false;
    if (of.seen != nullptr) of.seen->add(own);
    return true;
}

bool validation::check_all(const std::vector<std::unique_ptr<const keyword>>& keywords,
                           const subject& of) {
    bool fits = true;
    for (const auto& each : keywords) {
        if (each->check(of, *this)) continue;
        fits = false;
        if (of.quiet || stopped_) break;
    }
    return fits;
}

bool validation::fits(const node& with, const subject& of) {
    if (of.seen == nullptr) return apply(with, {of.instance, of.at, nullptr, true});
    evaluated own;
    if (!apply(with, {of.instance, of.at, &own, true})) return false;
    if (!charge(of, (own.items.size() + own.members.size()) / 8)) return false;
    of.seen->add(own);
    return true;
}

bool validation::charge(const subject& of, std::uint64_t steps) {
    if (stopped_) return false;
    if (steps > steps_left_) return stop(of, "too much work to be checked to the end");
    steps_left_ -= steps;
    return true;
}

bool validation::matches(const subject& of, const base::regex& pattern, std::string_view text) {
    // Most searches are short; the rare long one is paid for as what it may cost, so that the
    // budget holds for patterns, too.
    constexpr std::uint64_t retries_for_free = 1000;
    constexpr std::uint64_t most_retries = 1'000'000;
    constexpr std::uint64_t price_of_long_search = 50'000;
    if (!charge(of, 1 + text.size() / 16)) return false;
    auto found = pattern.search(text, 0, retries_for_free + text.size() * 4);
    if (!found && found.error_value().code == base::error_code::timeout) {
        if (!charge(of, price_of_long_search)) return false;
        found = pattern.search(text, 0, most_retries);
    }
    if (!found) return stop(of, "could not be matched: " + found.error_value().message);
    return found->has_value();
}

bool validation::stop(const subject& of, std::string message) {
    if (!stopped_) note(of.at, "", std::move(message));
    stopped_ = true;
    return false;
}

void validation::note(const place& at, const std::string& keyword, std::string message) {
    found_.push_back({at.pointer(), keyword, std::move(message)});
    // There is room for no more: what follows would be work for nothing.
    if (found_.size() >= options_.violations) stopped_ = true;
}

}  // namespace sluice::json::schemas
