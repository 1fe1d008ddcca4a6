// One address for several flows: what the preprocess flow says about a request.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/execution.hpp"
#include "json/value.hpp"
#include "net/http_types.hpp"

namespace sluice::trigger {

struct choice {
    std::string flow;                  // empty: nobody takes the request
    std::optional<json::value> input;  // none: the request itself
    std::optional<std::string> key;    // of the queue; none: what the chosen flow says
};

// From the output of a preprocess flow, `{flow, input?, key?}`. null stands for "not given".
base::result<choice> read_choice(const json::value& output);

// The preprocess flow has not ended well: 422 with its problem, or 503 when it was not its fault.
net::http_response refusal_of_preprocess(const engine::end_of_execution& end);

// 422: the preprocess flow has said something that cannot be done.
net::http_response wrong_choice(const std::string& detail);

}  // namespace sluice::trigger
