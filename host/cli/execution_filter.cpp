#include "cli/execution_filter.hpp"

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "api/execution_filter.hpp"
#include "base/clock.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

using api::all_states;
using store::event_state;

std::vector<std::pair<const char*, const std::string*>> members_of(const execution_filter& filter) {
    return {{"instance", &filter.instance}, {"customer", &filter.customer}, {"flow", &filter.flow},
            {"state", &filter.state},       {"from", &filter.from},         {"to", &filter.to},
            {"text", &filter.text}};
}

base::result<std::int64_t> time_of(const std::string& text) {
    if (text.empty()) return std::int64_t{0};
    const auto found = base::parse_rfc3339(text);
    if (found) return *found;
    return base::make_error(base::error_code::invalid_input,
                            "\"" + text + "\" is no time such as 2026-11-23T13:00:00Z");
}

}  // namespace

void add_filter_options(CLI::App& command, execution_filter& filter, bool only_ended) {
    command.add_option("--instance", filter.instance, "Only of this instance");
    command.add_option("--customer", filter.customer, "Only of this customer's instances");
    command.add_option("--flow", filter.flow, "Only of this flow");
    std::vector<std::string> names;
    for (const event_state state : all_states) {
        if (!only_ended || store::is_terminal(state)) names.emplace_back(store::to_string(state));
    }
    command.add_option("--state", filter.state, "Only in this state")->check(CLI::IsMember(names));
    command.add_option("--from", filter.from,
                       "Accepted at this time or later, for example 2026-11-23T13:00:00Z");
    command.add_option("--to", filter.to, "Accepted before this time");
    command.add_option("--text", filter.text, "With this text somewhere in the error");
}

std::string query_of(const execution_filter& filter) {
    std::string out;
    for (const auto& [name, content] : members_of(filter)) {
        if (!content->empty()) out += std::string("&") + name + '=' + net::percent_encode(*content);
    }
    return filter.dead ? out + "&dead=true" : out;
}

void add_members(json::value& to, const execution_filter& filter) {
    for (const auto& [name, content] : members_of(filter)) {
        if (!content->empty()) to.set(name, *content);
    }
    if (filter.dead) to.set("dead", true);
}

base::result<store::history_filter> history_of(const execution_filter& filter) {
    if (!filter.customer.empty()) {
        return base::make_error(base::error_code::invalid_input,
                                "only a running host knows whose instances are whose",
                                "leave out --data, or give --instance");
    }
    store::history_filter out;
    out.instance = filter.instance;
    out.flow = filter.flow;
    out.error_text = filter.text;
    out.dead = filter.dead;
    for (const event_state state : all_states) {
        if (filter.state == store::to_string(state)) out.state = state;
    }
    const base::result<std::int64_t> from = time_of(filter.from);
    if (!from) return from.error_value();
    const base::result<std::int64_t> to = time_of(filter.to);
    if (!to) return to.error_value();
    out.from_ms = *from;
    out.to_ms = *to;
    return out;
}

}  // namespace sluice::cli
