#include "api/execution_filter.hpp"

#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace sluice::api {
namespace {

using store::event_state;

base::error wrong(std::string message) {
    return base::make_error(base::error_code::invalid_input, std::move(message));
}

base::result<std::int64_t> time_of(const query_parameters& from, std::string_view name) {
    const std::string text = parameter(from, name);
    if (text.empty()) return std::int64_t{0};
    const std::optional<std::int64_t> ms = base::parse_rfc3339(text);
    if (!ms) return wrong(std::string(name) + " is a time such as 2026-11-23T13:00:00Z");
    return *ms;
}

base::result<std::optional<event_state>> state_of(const query_parameters& from) {
    const std::string text = parameter(from, "state");
    if (text.empty()) return std::optional<event_state>();
    for (const event_state one : all_states) {
        if (text == store::to_string(one)) return std::optional<event_state>(one);
    }
    return wrong("there is no state \"" + text + "\"");
}

}  // namespace

base::result<store::history_filter> filter_of(const query_parameters& given,
                                              const tenant_view& view,
                                              const instance::deployments& deployed) {
    store::history_filter out;
    out.instance = parameter(given, "instance");
    out.flow = parameter(given, "flow");
    out.error_text = parameter(given, "text");
    out.any_of = view.instances();
    const std::string customer = parameter(given, "customer");
    if (!customer.empty()) out.any_of = view.of_customer(customer, deployed);
    auto state = state_of(given);
    if (!state) return std::move(state).error_value();
    out.state = *state;
    base::result<std::int64_t> from = time_of(given, "from");
    if (!from) return std::move(from).error_value();
    out.from_ms = *from;
    base::result<std::int64_t> to = time_of(given, "to");
    if (!to) return std::move(to).error_value();
    out.to_ms = *to;
    const std::string dead = parameter(given, "dead");
    if (!dead.empty() && dead != "true") return wrong("dead is \"true\" or not there");
    out.dead = dead == "true";
    return out;
}

}  // namespace sluice::api
