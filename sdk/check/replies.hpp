// What third parties answer to a connector that is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <random>

#include "sluice/testing/mock_host.hpp"
#include "subject.hpp"

namespace sluice::checking {

using http_answer = testing::http_rule::answer;
using http_answers = std::function<http_answer(const testing::recorded_request&)>;

// The same again and again.
http_answers always(unsigned status, std::string body, testing::header_list headers = {});
http_answers never(sluice_code code);

// What the example says that third parties answer, one after the other and the last again and
// again. Without that: `otherwise`.
http_answers as_in_example(const checked_action& action, std::size_t example,
                           http_answers otherwise);
// An answer of the shape of the action's result, which leads further into it than {} does.
http_answers like_output(const checked_action& action);

// Good and bad, whole and cut, of the right and of the wrong shape, chosen by `random`. After fifty
// of them it is always a 500: a connector may follow pages for as long as there are some.
http_answers surprising(const checked_action& action, std::uint64_t seed);

}  // namespace sluice::checking
