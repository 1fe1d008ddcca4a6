#include "judged_host.hpp"

#include <algorithm>

namespace sluice::checking {
namespace {

constexpr std::uint64_t patience_ms = 2'000;
constexpr std::uint64_t too_long_on_a_strand_ms = 500;

testing::mock_options options_for(const subject& checked, testing::mock_options options) {
    options.patience_ms = patience_ms;
    for (const checked_action& action : checked.actions) {
        if (action.verifier) options.verifiers.push_back(action.id);
    }
    return options;
}

std::string called(const checked_action& action) { return "action `" + action.id + "`: "; }

const char* next_step_for(std::string_view problem) {
    const auto has = [&](std::string_view part) { return problem.find(part) != problem.npos; };
    if (has("second time")) return "End each call once: by complete or by fail, not by both.";
    if (has("never completes")) {
        return "End the call on every path, also after a failed operation and after a cancel.";
    }
    if (has("not released")) return "Release each blob that create, find and retain gave you.";
    if (has("exception")) return "Catch it inside the action and end the call with fail.";
    if (has("after it had ended")) {
        return "Ask the host for nothing more once complete or fail was called.";
    }
    if (has("slot")) return "Write to request->slot in actions that are not blocking only.";
    if (has("cannot be used")) {
        return "Results and details are UTF-8 JSON of at most 16 MiB and 512 levels.";
    }
    return "include/sluice/abi.h says what is allowed.";
}

}  // namespace

std::string describe(const trial& one) {
    std::string text = "action `" + one.action->id + "` " + one.what;
    if (one.connection.is_object()) {
        text += " (connection `" + one.connection.get_or("type", "") + "`)";
    }
    return text + "; input: " + one.input;
}

judged_host::judged_host(const subject& checked, report& out, const testing::mock_options& options)
    : checked_(checked), out_(out), host_(checked.entry, options_for(checked, options)) {
    if (is_open()) return;
    out.fail("open failed: " + host_.open_error()->message,
             "A connector opens without a network; what it needs belongs into a connection.");
}

void judged_host::begin(const trial& one) {
    ++calls_;
    out_.doing(describe(one));
}

testing::call_result judged_host::run(const trial& one) {
    begin(one);
    const testing::call_result result = host_.run_text(
        one.action->id, one.input, one.connection.is_null() ? "" : one.connection.dump());
    judge(*one.action, result);
    return result;
}

testing::call_result judged_host::run_cancelled_at(unsigned n, const trial& one) {
    begin(one);
    testing::call_plan plan{one.action->id, one.input,
                            one.connection.is_null() ? "" : one.connection.dump()};
    const testing::call_result result =
        host_.run_cancelled_at(n, plan.action, json::parse(plan.input), one.connection);
    judge(*one.action, result);
    return result;
}

void judged_host::judge(const checked_action& action, const testing::call_result& result) {
    for (const std::string& problem : result.problems)
        out_.fail(called(action) + problem, next_step_for(problem));
    if (result.strand_waited_ms > too_long_on_a_strand_ms) {
        out_.fail(called(action) + "it waited on its strand, where all other calls stand behind it",
                  "Flag the action as blocking, or move what waits to sluice.work/1.");
    }
    if (result.error.code > SLUICE_INTERNAL) {
        out_.fail(called(action) + "it failed with code " + std::to_string(result.error.code) +
                      ", which ABI 1.0 does not have",
                  "Use the codes of abi.h; hosts take others for SLUICE_INTERNAL.");
    }
    if (!result.ok && result.problems.empty() && result.error.message.empty()) {
        out_.warn(called(action) + "it failed without a message",
                  "Say in one sentence what went wrong: people read it in the execution.");
    }
    look_for_secrets(action, result);
}

namespace {

bool shows(std::string_view text, const std::string& secret) {
    return text.find(secret) != text.npos;
}

bool shows(const std::vector<testing::log_line>& log, const std::string& secret) {
    return std::any_of(log.begin(), log.end(), [&](const testing::log_line& line) {
        return shows(line.message, secret) || shows(line.fields.dump(), secret);
    });
}

}  // namespace

void judged_host::look_for_secrets(const checked_action& action,
                                   const testing::call_result& result) {
    for (const std::string& secret : checked_.secrets) {
        const bool logged = shows(result.log, secret);
        if (!logged && !shows(result.error.message, secret) &&
            !shows(result.error.details.dump(), secret)) {
            continue;
        }
        out_.fail(
            called(action) + "a secret of the connection is in its " + (logged ? "log" : "failure"),
            "Leave secrets out of messages, details and logs.");
    }
}

void judged_host::forget() {
    for (const std::string& problem : host_.problems())
        out_.fail(problem, next_step_for(problem));
    for (const std::string& secret : checked_.secrets) {
        if (!shows(host_.log(), secret)) continue;
        out_.fail("a secret of a connection is in the host's own log",
                  "Leave secrets out of messages, details and logs.");
    }
    host_.forget_calls();
}

}  // namespace sluice::checking
