// examples, http-failures
#include "checks.hpp"
#include "judged_host.hpp"
#include "replies.hpp"

namespace sluice::checking {
namespace {

std::string input_name(const checked_action& action, std::size_t number) {
    return action.has_examples ? "with its example " + std::to_string(number + 1)
                               : "with an input made from its schema";
}

// Every example with every connection. `then` gets each outcome while its requests are known.
void run_examples(const subject& checked, judged_host& on, const http_answers& answers,
                  const std::string& circumstance, bool all_connections,
                  const std::function<void(const trial&, const testing::call_result&)>& then) {
    on.host().answer_others(answers);
    for (const checked_action& action : checked.actions) {
        for (std::size_t i = 0; i < action.inputs.size(); ++i) {
            for (const json& connection : action.connections) {
                const trial one{&action, on.files(action.inputs[i]), connection,
                                input_name(action, i) + circumstance};
                const testing::call_result result = on.run(one);
                then(one, result);
                on.forget();
                if (!all_connections) break;
            }
        }
    }
}

struct failure_case {
    http_answers answers;
    const char* circumstance;
    sluice_code expected;
    const char* expected_name;
};

void judge_failure(report& out, judged_host& on, const failure_case& each, const trial& one,
                   const testing::call_result& result) {
    if (on.host().requests().empty() || result.ok) return;  // it asked nobody, or needs no answer
    const std::string what = "action `" + one.action->id + "`: " + each.circumstance;
    if (result.error.code != each.expected) {
        out.warn(what + " it does not fail as " + each.expected_name + " but with code " +
                     std::to_string(result.error.code) + ": " + result.error.message,
                 "The host retries by the code; sluice/http_status.hpp chooses it.");
    } else if (each.expected == SLUICE_RATE_LIMITED && result.error.retry_after_ms == 0) {
        out.warn(what + " it does not hand on how long to wait",
                 "Set retry_after_ms; sluice/http_status.hpp reads the headers.");
    }
}

}  // namespace

void check_examples(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    for (const checked_action& action : checked.actions) {
        if (!action.has_examples && action.input_schema["properties"].size() != 0) {
            out.warn("action `" + action.id + "` has no example",
                     "People and these checks learn from examples how it is called.");
        }
    }
    run_examples(checked, on, always(200, "{}"), ", third parties answering {}", true,
                 [&](const trial& one, const testing::call_result& result) {
                     if (result.ok || result.error.code != SLUICE_INTERNAL) return;
                     out.warn("action `" + one.action->id + "` fails as SLUICE_INTERNAL " +
                                  one.what + ": " + result.error.message,
                              "SLUICE_INTERNAL says that the connector has a bug.");
                 });
    out.saw(std::to_string(on.calls()) + " calls");
}

void check_http_failures(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    const failure_case cases[] = {
        {always(500, "{}"), "after a 500", SLUICE_UNAVAILABLE, "SLUICE_UNAVAILABLE"},
        {always(503, "<html>busy</html>"), "after a 503 with HTML", SLUICE_UNAVAILABLE,
         "SLUICE_UNAVAILABLE"},
        {never(SLUICE_UNAVAILABLE), "after a broken connection", SLUICE_UNAVAILABLE,
         "SLUICE_UNAVAILABLE"},
        {never(SLUICE_TIMEOUT), "without an answer in time", SLUICE_TIMEOUT, "SLUICE_TIMEOUT"},
        {always(401, "{}"), "after a 401", SLUICE_AUTH, "SLUICE_AUTH"},
        {always(429, "{}", {{"Retry-After", "7"}}), "after a 429 with Retry-After",
         SLUICE_RATE_LIMITED, "SLUICE_RATE_LIMITED"},
    };
    for (const failure_case& each : cases) {
        run_examples(checked, on, each.answers, std::string(", ") + each.circumstance, false,
                     [&](const trial& one, const testing::call_result& result) {
                         judge_failure(out, on, each, one, result);
                     });
    }
    // No code to expect: only that it ends, and how the connector takes it.
    for (const http_answers& each :
         {always(200, "[[[["), always(200, ""), always(200, "null"), always(204, ""),
          always(200, std::string(std::size_t{1} << 20, 'x')), always(302, "")}) {
        run_examples(checked, on, each, ", after an answer of another kind", false,
                     [](const trial&, const testing::call_result&) {});
    }
    out.saw(std::to_string(on.calls()) + " calls");
}

}  // namespace sluice::checking
