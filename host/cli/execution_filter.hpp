// Which executions a command is about: --instance, --customer, --flow, --state, --from, --to,
// --text.
#pragma once

#include <string>

#include "base/result.hpp"
#include "json/value.hpp"
#include "store/types.hpp"

namespace CLI {
class App;
}

namespace sluice::cli {

struct execution_filter {
    std::string instance, customer, flow, state, from, to, text;
    bool dead = false;
};

// `only_ended`: no other states.
void add_filter_options(CLI::App& command, execution_filter& filter, bool only_ended = false);
// "&name=value" for each that was given.
std::string query_of(const execution_filter& filter);
// A member for each that was given.
void add_members(json::value& to, const execution_filter& filter);
// For the data folder, which knows no customers.
base::result<store::history_filter> history_of(const execution_filter& filter);

}  // namespace sluice::cli
