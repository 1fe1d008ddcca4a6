// open-close, missing-services, struct-sizes
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <thread>

#include "checks.hpp"
#include "judged_host.hpp"
#include "process_facts.hpp"
#include "replies.hpp"
#include "stopwatch.hpp"

namespace sluice::checking {
namespace {

constexpr std::array services = {"sluice.http/1", "sluice.blob/1",  "sluice.state/1",
                                 "sluice.work/1", "sluice.timer/1", "sluice.session/1",
                                 "sluice.clock/1"};

bool lists(const json& names, std::string_view name) {
    const auto& all = names.items();
    return std::find(all.begin(), all.end(), json(name)) != all.end();
}

// Every action once, on a host where third parties answer with something.
void call_all(const subject& checked, judged_host& on, const std::string& what,
              std::vector<testing::call_result>* results = nullptr) {
    on.host().answer_others(always(200, "{}"));
    for (const checked_action& action : checked.actions) {
        testing::call_result result =
            on.run({&action, on.files(action.inputs.front()), action.connections.front(), what});
        if (results != nullptr) results->push_back(std::move(result));
        on.forget();
    }
}

// Threads end a moment after they were joined, in the eyes of the system.
std::size_t threads_after_a_while(std::size_t expected) {
    const stopwatch since;
    while (running_threads() > expected && since.passed() < std::chrono::seconds(2))
        std::this_thread::yield();
    return running_threads();
}

void open_and_close(const subject& checked, report& out, const char* which, bool with_calls) {
    out.doing(std::string("open and close") + which);
    const std::size_t files = open_files();
    const std::size_t threads = running_threads();
    {
        judged_host on(checked, out);
        if (!on.is_open()) return;
        if (with_calls) call_all(checked, on, std::string("before close") + which);
        out.doing(std::string("close") + which);
    }
    // The first time libraries fill tables and open files that stay.
    if (!with_calls) return;
    if (threads_after_a_while(threads) > threads) {
        out.fail("threads of the connector run on after close",
                 "Join them in close: the host may end right after it.");
    }
    if (open_files() > files) {
        out.fail(std::to_string(open_files() - files) + " files stay open after close",
                 "Close files and sockets with the call, the session or the connector.");
    }
}

void check_without(const subject& checked, report& out, const std::string& service,
                   const std::vector<testing::call_result>& with_all) {
    const bool required = lists(checked.descriptor["services"]["required"], service);
    const bool named = required || lists(checked.descriptor["services"]["optional"], service);
    testing::mock_options options;
    options.without = {service};
    if (required) {
        // The host refuses it before that; here it must fail in order.
        out.doing("open without the required " + service);
        testing::mock_host alone(checked.entry, options);
        if (const auto& why = alone.open_error(); why && why->message.empty()) {
            out.warn("without " + service + " open fails and does not say why",
                     "Fill in `why`: people read it when their host is too old.");
        }
        return;
    }
    out.doing("open without " + service);
    judged_host on(checked, out, options);
    if (!on.is_open()) {
        out.fail("it does not open without " + service + ", which its descriptor does not require",
                 "Name it in services.required, or do without it.");
        return;
    }
    std::vector<testing::call_result> without;
    call_all(checked, on, "without " + service, &without);
    for (std::size_t i = 0; i < without.size() && i < with_all.size(); ++i) {
        const bool needs = without[i].error.code == SLUICE_UNSUPPORTED && !without[i].ok &&
                           with_all[i].error.code != SLUICE_UNSUPPORTED;
        if (needs && !named) {
            out.warn("action `" + checked.actions[i].id + "` needs " + service +
                         ", which the descriptor does not name",
                     "Name it in services.optional or services.required.");
        }
    }
}

}  // namespace

void check_open_close(const subject& checked, report& out) {
    open_and_close(checked, out, ", the first time", false);
    open_and_close(checked, out, ", the second time", false);
    open_and_close(checked, out, " after calls", true);
    open_and_close(checked, out, " after calls, again", true);
    out.saw("opened and closed four times");
}

void check_missing_services(const subject& checked, report& out) {
    std::vector<testing::call_result> with_all;
    {
        judged_host on(checked, out);
        if (!on.is_open()) return;
        call_all(checked, on, "with all services", &with_all);
    }
    for (const char* service : services)
        check_without(checked, out, service, with_all);
    testing::mock_options none;
    none.without.assign(services.begin(), services.end());
    out.doing("open without any service");
    const testing::mock_host bare(checked.entry, none);
    if (bare.open_error() && bare.open_error()->message.empty()) {
        out.warn("without any service open fails and does not say why",
                 "Fill in `why`: people read it when their host is too old.");
    }
    out.saw("opened without each of " + std::to_string(services.size()) + " services");
}

void check_struct_sizes(const subject& checked, report& out) {
    std::vector<testing::call_result> of_today;
    {
        judged_host on(checked, out);
        if (!on.is_open()) return;
        call_all(checked, on, "where structs are those of the header", &of_today);
    }
    testing::mock_options first_day;
    first_day.smallest_structs = true;
    out.doing("open on a host whose structs end with ABI 1.0");
    {
        judged_host on(checked, out, first_day);
        if (on.is_open()) call_all(checked, on, "where structs end with ABI 1.0");
    }
    testing::mock_options later;
    later.later_structs = true;
    out.doing("open on a later host whose structs are longer");
    judged_host on(checked, out, later);
    std::vector<testing::call_result> of_later;
    if (on.is_open()) call_all(checked, on, "where structs are longer than ABI 1.0", &of_later);
    for (std::size_t i = 0; i < of_later.size() && i < of_today.size(); ++i) {
        const auto refuses = [](const testing::call_result& one) {
            const sluice_code code = one.error.code;
            return !one.ok && (code == SLUICE_UNSUPPORTED || code == SLUICE_INTERNAL);
        };
        if (!refuses(of_later[i]) || refuses(of_today[i])) continue;
        out.fail("action `" + checked.actions[i].id +
                     "` refuses to work on a later host: " + of_later[i].error.message,
                 "Ask with SLUICE_HAS for what you need; a longer struct is fine.");
    }
    out.saw("a host of ABI 1.0 and a later one");
}

}  // namespace sluice::checking
