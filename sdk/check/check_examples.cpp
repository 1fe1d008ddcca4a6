// examples, http-failures
#include <map>
#include <string>
#include <utility>

#include "checks.hpp"
#include "in_turns.hpp"
#include "judged_host.hpp"
#include "replies.hpp"

namespace sluice::checking {
namespace {

std::string input_name(const checked_action& action, std::size_t number) {
    return action.has_examples ? "with its example " + std::to_string(number + 1)
                               : "with an input made from its schema";
}

// Every example. `then` gets each outcome while its requests are known.
void run_examples(const subject& checked, judged_host& on, const http_answers& answers,
                  const std::string& circumstance,
                  const std::function<void(const trial&, const testing::call_result&)>& then) {
    on.host().answer_others(answers);
    for (const checked_action& action : checked.actions) {
        for (std::size_t i = 0; i < action.inputs.size(); ++i) {
            const trial one{&action, on.files(action.inputs[i]), action.connections.front(),
                            input_name(action, i) + circumstance};
            const testing::call_result result = on.run(one);
            then(one, result);
            on.forget();
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

// Whether an example is taken with at least one of the connections: some belong to others of the
// action's kind.
class example_judge {
  public:
    void judge(report& out, const trial& one, const combination& with,
               const testing::call_result& result) {
        const sluice_code code = result.ok ? SLUICE_OK : result.error.code;
        if (code == SLUICE_INTERNAL) {
            out.warn("action `" + one.action->id + "` fails as SLUICE_INTERNAL " + one.what + ": " +
                         result.error.message,
                     "SLUICE_INTERNAL says that the connector has a bug.");
        }
        outcome& known = outcomes_[{one.action, with.example}];
        ++known.calls;
        if (code == SLUICE_INVALID_INPUT || code == SLUICE_UNSUPPORTED) {
            known.refusal = result.error.message;
        } else {
            known.taken = true;
        }
    }

    void finish(report& out) const {
        out.doing("looking at which examples were refused");
        for (const auto& [key, known] : outcomes_) {
            const auto& [action, example] = key;
            // Files and requests are made up here, and an action may well refuse what is in them.
            const bool made_up =
                !action->has_examples || action->verifier || has_files(action->inputs[example]);
            if (known.taken || made_up || known.calls < action->connections.size()) continue;
            out.fail("action `" + action->id + "` refuses its own example " +
                         std::to_string(example + 1) + ": " + known.refusal,
                     "Correct the example; `http` beside its `input` may say what third parties "
                     "answer.");
        }
    }

  private:
    struct outcome {
        std::size_t calls = 0;
        bool taken = false;
        std::string refusal;
    };
    std::map<std::pair<const checked_action*, std::size_t>, outcome> outcomes_;
};

// For the parent, which can hold it against the schema.
void give_result(report& out, const trial& one, const testing::call_result& result) {
    constexpr std::size_t longest = 32'000;
    if (result.output.dump().size() <= longest) out.result(one.action->id, result.output);
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
    example_judge judge;
    in_turns(checked, out, combination::count, [&](const checked_action& action, std::size_t k) {
        const combination with(action, k);
        on.host().answer_others(as_in_example(action, with.example, always(200, "{}")));
        const bool scripted = !action.replies[with.example].items().empty();
        const trial one{
            &action, on.files(with.input), with.connection,
            input_name(action, with.example) + (scripted ? ", third parties answering as it says"
                                                         : ", third parties answering {}")};
        const testing::call_result result = on.run(one);
        judge.judge(out, one, with, result);
        // What {} leads to is nobody's promise.
        if (result.ok && (scripted || on.host().requests().empty())) give_result(out, one, result);
        on.forget();
    });
    judge.finish(out);
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
        run_examples(checked, on, each.answers, std::string(", ") + each.circumstance,
                     [&](const trial& one, const testing::call_result& result) {
                         judge_failure(out, on, each, one, result);
                     });
    }
    // No code to expect: only that it ends, and how the connector takes it.
    for (const http_answers& each :
         {always(200, "[[[["), always(200, ""), always(200, "null"), always(204, ""),
          always(200, std::string(std::size_t{1} << 20, 'x')), always(302, "")}) {
        run_examples(checked, on, each, ", after an answer of another kind",
                     [](const trial&, const testing::call_result&) {});
    }
    out.saw(std::to_string(on.calls()) + " calls");
}

}  // namespace sluice::checking
