#include "engine/event_match.hpp"

#include "expression/expression.hpp"

namespace sluice::engine {

base::result<bool> matches(const manifest::event_filter& filter, const json::value& event,
                           const json::value& input, const evaluator& evaluate,
                           correlation_values& known) {
    for (const manifest::event_filter::attribute& wanted : filter.with) {
        if (wanted.is_condition) {
            base::result<json::value> holds = evaluate(wanted.expected, event);
            if (!holds) return std::move(holds).error_value();
            // A condition on the event, or an expression that gives the value to be equal to.
            if (holds->is_bool()) {
                if (!expression::is_true(*holds)) return false;
                continue;
            }
            if (!(*holds == event.get(wanted.name))) return false;
            continue;
        }
        base::result<json::value> expected = evaluate(wanted.expected, input);
        if (!expected) return std::move(expected).error_value();
        if (!(*expected == event.get(wanted.name))) return false;
    }
    correlation_values found = known;
    for (const manifest::event_filter::correlation& rule : filter.correlate) {
        base::result<json::value> content = evaluate(rule.from, event);
        if (!content) return std::move(content).error_value();
        if (rule.expect) {
            base::result<json::value> expected = evaluate(*rule.expect, input);
            if (!expected) return std::move(expected).error_value();
            if (!(*expected == *content)) return false;
            continue;
        }
        const auto [entry, first] = found.emplace(rule.name, *content);
        if (!first && !(entry->second == *content)) return false;
    }
    known = std::move(found);
    return true;
}

}  // namespace sluice::engine
