// try / catch / retry, and the retry of a whole flow.
#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "engine/deadline_guard.hpp"
#include "engine/execution.hpp"
#include "json/schema.hpp"

namespace sluice::engine {
namespace {

constexpr std::int64_t longest_retry_after_ms = 6ll * 60 * 60 * 1000;

fault flow_timeout(std::string detail, std::string place) {
    return fault{manifest::standard_error_type("timeout"), 408, "Timed out", std::move(detail),
                 std::move(place)};
}

bool passes_filter(const manifest::error_filter& filter, const fault& error) {
    if (filter.type && !manifest::same_error_type(*filter.type, error.type)) return false;
    if (filter.status && *filter.status != error.status) return false;
    if (filter.instance && *filter.instance != error.instance) return false;
    if (filter.title && *filter.title != error.title) return false;
    if (filter.detail && *filter.detail != error.detail) return false;
    return true;
}

}  // namespace

base::result<bool> walk::passes(const std::optional<manifest::template_value>& when,
                                const std::optional<manifest::template_value>& except_when,
                                const json::value& input) {
    if (when) {
        base::result<bool> wanted = evaluate_condition(*when, input);
        if (!wanted || !*wanted) return wanted;
    }
    if (!except_when) return true;
    base::result<bool> unwanted = evaluate_condition(*except_when, input);
    if (!unwanted) return unwanted;
    return !*unwanted;
}

std::int64_t walk::retry_wait_ms(const manifest::retry_policy& policy, std::int64_t retry,
                                 const fault& error, std::string_view salt) {
    std::int64_t wait = policy.wait_ms(retry) + policy.jitter_from_ms;
    const std::int64_t jitter = policy.jitter_to_ms - policy.jitter_from_ms;
    if (jitter > 0) {
        // Spread over executions, but the same again when this wait is repeated after a restart.
        std::uint64_t number = 0;
        for (const char c : base::sha256(salt).substr(0, 8))
            number = number << 8 | static_cast<unsigned char>(c);
        wait += static_cast<std::int64_t>(number % (static_cast<std::uint64_t>(jitter) + 1));
    }
    // The other side knows best when it wants to be asked again.
    return std::max(wait, std::min(error.retry_after_ms, longest_retry_after_ms));
}

base::task<bool> walk::wait_for_retry(const manifest::retry_policy& policy, std::string path,
                                      std::int64_t retry, std::int64_t first_start_ms,
                                      const fault& error) {
    if (policy.max_retries && retry > *policy.max_retries) co_return false;
    const std::string salt = base::execution_id_text(run_.start().id) + path + '#' +
                             std::to_string(retry) + '#' + std::to_string(now_ms());
    const std::int64_t due = now_ms() + retry_wait_ms(policy, retry, error, salt);
    if (policy.total_ms && due - first_start_ms > *policy.total_ms) co_return false;
    if (deadline_ != nullptr && due >= deadline_ms()) co_return false;
    if (due > host_.clock.unix_ms()) {
        const woken why = co_await pause(due, {});
        if (why == woken::stopped) co_return false;
    }
    last_step_ms_ = std::max(last_step_ms_, due);
    co_return !stopping();
}

walk::execution_counters walk::visits_below(const std::string& reference) const {
    execution_counters found;
    for (const auto& [path, count] : run_.visits()) {
        if (is_below(path, reference)) found.emplace(path, count);
    }
    return found;
}

void walk::restore_visits(const std::string& reference, const execution_counters& before) {
    for (auto& [path, count] : run_.visits()) {
        if (!is_below(path, reference)) continue;
        const auto earlier = before.find(path);
        count = earlier == before.end() ? 0 : earlier->second;
    }
}

// Whether a flow that has failed runs again from its start.
bool walk::flow_runs_again(const manifest::flow& flow, const outcome& result,
                           const json::value& payload) {
    if (!result.faulted() || result.error->cancelled || !flow.retry) return false;
    scope_.push("error", result.error->to_json());
    const base::result<bool> wanted = passes(flow.retry->when, flow.retry->except_when, payload);
    scope_.pop();
    return wanted && *wanted;
}

base::task<outcome> walk::run_flow(const manifest::flow& flow, json::value payload) {
    // `/do` holds every task of a flow.
    static const std::string whole_flow = "";
    const std::int64_t first_start = now_ms();
    outcome result;
    // The time allowed is for all runs together.
    const std::optional<std::int64_t> limit = time_allowed(flow, payload, result);
    if (result.faulted()) co_return result;
    const deadline_guard guard(*this, limit, run_.started_ms());
    for (std::int64_t retry = 1;; ++retry) {
        {
            const deadline_guard attempt(
                *this, flow.retry ? flow.retry->attempt_timeout_ms : std::nullopt, now_ms());
            result = co_await run_flow_once(flow, payload);
            if (result.faulted() && !result.error->cancelled && attempt.broken()) {
                result = faulted_with(
                    flow_timeout("the time allowed for one run of the flow was over", "/retry"));
            }
        }
        if (result.faulted() && !result.error->cancelled && guard.broken()) {
            co_return faulted_with(
                flow_timeout("the time allowed for the flow was over", "/timeout"));
        }
        if (!flow_runs_again(flow, result, payload)) co_return result;
        if (!co_await wait_for_retry(*flow.retry, whole_flow, retry, first_start, *result.error)) {
            if (stopping()) co_return faulted_with(stopping_fault());
            co_return result;
        }
        restore_visits(whole_flow, {});
        scope_.forget_progress();
        attempt_ = static_cast<int>(retry) + 1;
    }
}

std::optional<std::int64_t> walk::time_allowed(const manifest::flow& flow,
                                               const json::value& payload, outcome& result) {
    if (!flow.timeout) return std::nullopt;
    base::result<std::int64_t> limit = evaluate_duration(*flow.timeout, payload);
    if (limit) return *limit;
    result = faulted_with(fault_of_expression(limit.error_value(), "/timeout"));
    return std::nullopt;
}

// The flow's input in the place of the payload; else a fault in `result`.
bool walk::begin_flow(const manifest::flow& flow, json::value& input, outcome& result) {
    if (flow.input_schema) {
        if (auto refused = fault_of_schema(*flow.input_schema, input, "input", "/input/schema")) {
            result = faulted_with(std::move(*refused));
            return false;
        }
    }
    if (!flow.input_from) return true;
    base::result<json::value> shaped = evaluate(*flow.input_from, input);
    if (shaped) {
        input = std::move(*shaped);
    } else {
        result = faulted_with(fault_of_expression(shaped.error_value(), "/input/from"));
    }
    return result.completed();
}

outcome walk::end_flow(const manifest::flow& flow, outcome result) {
    if (result.faulted()) return result;
    scope_.set_output(result.output);
    if (flow.output_as) {
        base::result<json::value> shaped = evaluate(*flow.output_as, result.output);
        if (!shaped) {
            return faulted_with(fault_of_expression(shaped.error_value(), "/output/as"));
        }
        result.output = std::move(*shaped);
    }
    if (flow.output_schema) {
        if (auto refused =
                fault_of_schema(*flow.output_schema, result.output, "output", "/output/schema")) {
            return faulted_with(std::move(*refused));
        }
    }
    return result;
}

base::task<outcome> walk::run_flow_once(const manifest::flow& flow, json::value payload) {
    outcome result;
    if (!begin_flow(flow, payload, result)) co_return result;
    scope_.set_input(payload);
    result = co_await run_list(flow.tasks, std::move(payload));
    co_return end_flow(flow, std::move(result));
}

base::task<outcome> walk::run_try(const manifest::task& task, const manifest::try_task& body,
                                  const json::value& input) {
    execution_counters visits;
    if (body.retry) visits = visits_below(path_of(task));
    const int outer_attempt = std::exchange(attempt_, 1);
    const std::int64_t first_start = now_ms();
    outcome result;
    bool handled = false;
    for (std::int64_t retry = 1;; ++retry) {
        {
            const deadline_guard guard(
                *this, body.retry ? body.retry->attempt_timeout_ms : std::nullopt, now_ms());
            result = co_await run_list(body.tasks, input);
            if (result.faulted() && !result.error->cancelled && guard.broken()) {
                result = timeout_fault(task);
            }
        }
        // An outer deadline that is over is not this try's to catch.
        if (!result.faulted() || result.error->cancelled || past_deadline()) break;

        const json::value problem = result.error->to_json();
        scope_.set_input(input);
        scope_.push("error", problem);
        scope_.push(body.error_name, problem);
        base::result<bool> caught = passes_filter(body.filter, *result.error)
                                        ? passes(body.when, body.except_when, input)
                                        : base::result<bool>(false);
        base::result<bool> again = caught && *caught && body.retry
                                       ? passes(body.retry->when, body.retry->except_when, input)
                                       : base::result<bool>(false);
        scope_.pop(2);
        if (!caught || !again) {
            const base::error& failure = !caught ? caught.error_value() : again.error_value();
            result = expression_fault(failure, task);
            break;
        }
        if (!*caught) break;
        if (*again && co_await wait_for_retry(*body.retry, path_of(task), retry, first_start,
                                              *result.error)) {
            restore_visits(path_of(task), visits);
            attempt_ = static_cast<int>(retry) + 1;
            continue;
        }
        if (stopping()) {
            result = faulted_with(stopping_fault());
            break;
        }
        // Caught, and not tried again: a handler, or nothing at all, takes it. A policy that has
        // come to its end, with nothing said about what follows, lets the fault through.
        handled = body.handler.has_value() || !body.retry ||
                  body.then.action != manifest::directive::kind::next;
        break;
    }
    attempt_ = outer_attempt;
    if (!handled) co_return result;

    outcome recovered;
    if (body.handler) {
        const json::value problem = result.error->to_json();
        scope_.push("error", problem);
        scope_.push(body.error_name, problem);
        recovered = co_await run_list(*body.handler, input);
        scope_.pop(2);
        if (!recovered.completed()) co_return recovered;
    } else {
        recovered.output = input;
    }
    if (body.then.action != manifest::directive::kind::next) recovered.then = &body.then;
    co_return recovered;
}

}  // namespace sluice::engine
