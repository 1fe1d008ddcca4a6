// Does an event fit a listener's filters.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/task.hpp"

namespace sluice::engine {

// Evaluates a template with this input.
using evaluator =
    std::function<base::result<json::value>(const manifest::template_value&, const json::value&)>;

// Values that correlations have taken from events so far, by name.
using correlation_values = std::map<std::string, json::value>;

// `input` is the input of the listening task, for expected values. On a match, `known` has the
// correlation values of this event, too.
base::result<bool> matches(const manifest::event_filter& filter, const json::value& event,
                           const json::value& input, const evaluator& evaluate,
                           correlation_values& known);

}  // namespace sluice::engine
