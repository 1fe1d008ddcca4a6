// try / catch / retry.
#include <algorithm>
#include <utility>

#include "engine/deadline_guard.hpp"
#include "engine/execution.hpp"

namespace sluice::engine {
namespace {

constexpr std::int64_t longest_retry_after_ms = 6ll * 60 * 60 * 1000;

bool passes_filter(const manifest::error_filter& filter, const fault& error) {
    if (filter.type && !manifest::same_error_type(*filter.type, error.type)) return false;
    if (filter.status && *filter.status != error.status) return false;
    if (filter.instance && *filter.instance != error.instance) return false;
    if (filter.title && *filter.title != error.title) return false;
    if (filter.detail && *filter.detail != error.detail) return false;
    return true;
}

}  // namespace

base::result<bool> execution::passes(const std::optional<manifest::template_value>& when,
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

std::int64_t execution::retry_wait_ms(const manifest::retry_policy& policy, std::int64_t retry,
                                      const fault& error) {
    std::int64_t wait = policy.wait_ms(retry);
    const std::int64_t jitter = policy.jitter_to_ms - policy.jitter_from_ms;
    wait += policy.jitter_from_ms;
    if (jitter > 0) {
        wait +=
            static_cast<std::int64_t>(host_.random.below(static_cast<std::uint64_t>(jitter) + 1));
    }
    // The other side knows best when it wants to be asked again.
    return std::max(wait, std::min(error.retry_after_ms, longest_retry_after_ms));
}

base::task<execution::outcome> execution::run_try(const manifest::task& task,
                                                  const manifest::try_task& body,
                                                  const json::value& input) {
    const auto visits_before = visits_;
    const int outer_attempt = std::exchange(attempt_, 1);
    const std::int64_t first_start = last_step_ms_ != 0 ? last_step_ms_ : host_.clock.unix_ms();
    outcome result;
    bool handled = false;
    for (std::int64_t retry = 1;; ++retry) {
        {
            const deadline_guard guard(*this,
                                       body.retry ? body.retry->attempt_timeout_ms : std::nullopt,
                                       host_.clock.unix_ms());
            result = co_await run_list(body.tasks, input);
        }
        if (result.how != outcome::kind::faulted || result.error.cancelled) break;

        const json::value problem = result.error.to_json();
        scope_.set_input(input);
        scope_.push("error", problem);
        scope_.push(body.error_name, problem);
        base::result<bool> caught = passes_filter(body.filter, result.error)
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
        const bool policy_ended =
            body.retry && body.retry->max_retries && retry > *body.retry->max_retries;
        if (*again && !policy_ended) {
            const std::int64_t due =
                last_step_ms_ + retry_wait_ms(*body.retry, retry, result.error);
            const bool in_time =
                (!body.retry->total_ms || due - first_start <= *body.retry->total_ms) &&
                (deadline_ms_ == 0 || due < deadline_ms_);
            if (in_time) {
                if (!co_await sleep_until(due)) {
                    result = faulted(stopping_fault());
                    break;
                }
                visits_ = visits_before;
                attempt_ = static_cast<int>(retry) + 1;
                continue;
            }
        }
        // Caught, and not tried again: a handler, or nothing at all, takes it. A policy without
        // handler that has come to its end lets the fault through.
        handled = body.handler.has_value() || !body.retry;
        break;
    }
    attempt_ = outer_attempt;
    if (!handled) co_return result;

    outcome recovered;
    if (body.handler) {
        const json::value problem = result.error.to_json();
        scope_.push("error", problem);
        scope_.push(body.error_name, problem);
        recovered = co_await run_list(*body.handler, input);
        scope_.pop(2);
        if (recovered.how != outcome::kind::completed) co_return recovered;
    } else {
        recovered.output = input;
    }
    if (body.then.action != manifest::directive::kind::next) recovered.then = &body.then;
    co_return recovered;
}

}  // namespace sluice::engine
