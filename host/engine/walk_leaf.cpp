// Tasks without inner tasks and without waiting, and what all leaf tasks share: their records.
#include <utility>

#include "engine/execution.hpp"
#include "engine/hide_secrets.hpp"
#include "json/text.hpp"

namespace sluice::engine {

namespace {

// Null for tasks that hold others: those end when what is inside them does.
const char* kind_of_step(const manifest::task& task) {
    const auto& body = task.body;
    if (std::holds_alternative<manifest::call_task>(body)) return "call";
    if (std::holds_alternative<manifest::http_task>(body)) return "http";
    if (std::holds_alternative<manifest::openapi_task>(body)) return "openapi";
    if (std::holds_alternative<manifest::set_task>(body)) return "set";
    if (std::holds_alternative<manifest::switch_task>(body)) return "switch";
    if (std::holds_alternative<manifest::raise_task>(body)) return "raise";
    if (std::holds_alternative<manifest::wait_task>(body)) return "wait";
    if (std::holds_alternative<manifest::emit_task>(body)) return "emit";
    if (std::holds_alternative<manifest::listen_task>(body)) return "listen";
    if (std::holds_alternative<manifest::run_task>(body)) return "run";
    return nullptr;
}

bool has_key(const manifest::task& task) {
    const auto& body = task.body;
    return std::holds_alternative<manifest::call_task>(body) ||
           std::holds_alternative<manifest::http_task>(body) ||
           std::holds_alternative<manifest::openapi_task>(body) ||
           std::holds_alternative<manifest::emit_task>(body) ||
           std::holds_alternative<manifest::run_task>(body);
}

}  // namespace

std::string walk::path_of(const manifest::task& task) const { return prefix_ + task.reference; }

store::step_record walk::begin_step(const manifest::task& task, const char* kind) {
    store::step_record step;
    step.path = path_of(task);
    step.item = run_.runs()[step.path]++;
    step.name = task.name;
    step.kind = kind;
    step.attempt = attempt_;
    step.started_ms = run_.begin_step_ms();
    ++run_.steps();
    return step;
}

bool walk::is_late(const manifest::task& task, outcome& result) {
    const bool resumes = run_.resumed_ms() != 0 && !went_on_;
    const char* const kind = resumes || late_now() ? kind_of_step(task) : nullptr;
    if (kind == nullptr) return false;
    const std::string path = path_of(task);
    const auto ran = run_.runs().find(path);
    if (run_.records().recorded(path, ran == run_.runs().end() ? 0 : ran->second) != nullptr) {
        return false;
    }
    go_on_after_resumption();
    if (!late_now()) return false;
    store::step_record step = begin_step(task, kind);
    if (has_key(task)) next_key(step);
    result = end_step(std::move(step), timeout_fault(task));
    return true;
}

const store::step_record* walk::replay(const store::step_record& step) {
    const store::step_record* found = run_.records().recorded(step.path, step.item);
    if (found == nullptr) return nullptr;
    const std::int64_t resumed_ms = run_.resumed_ms();
    const bool before = found->started_ms < resumed_ms && found->ended_ms < resumed_ms;
    if (!before) go_on_after_resumption();
    last_step_ms_ = found->ended_ms;
    // Whoever resumes may have put another build of the connector in its place: it counts again.
    if (!found->connector.empty() && !before) {
        run_.pin_of(found->connector.substr(0, found->connector.find(' '))) = {found->connector,
                                                                               true};
    }
    if (host_.on_step) host_.on_step(*found, true);
    return found;
}

void walk::complete_step(store::step_record& step, outcome& result) {
    const bound_flow& flow = *run_.start().flow;
    step.ended_ms = host_.clock.unix_ms();
    last_step_ms_ = step.ended_ms;
    step.ok = result.how != outcome::kind::faulted;
    step.input_json = hide_secrets_in_json(flow, std::move(step.input_json));
    if (step.ok) {
        step.output_json = to_text_without_secrets(flow, result.output);
    } else {
        result = faulted_with(hide_secrets(flow, *result.error));
        json::append_text(step.error_json, result.error->to_json());
    }
    if (host_.on_step) host_.on_step(step, false);
}

outcome walk::end_step(store::step_record step, outcome result, bool replaces) {
    complete_step(step, result);
    if (replaces) {
        store::collapse_op change;
        change.step = std::move(step);
        run_.records().collapse(std::move(change));
    } else {
        run_.records().record(std::move(step));
    }
    return result;
}

outcome walk::replayed_outcome(const store::step_record& step) {
    outcome result;
    base::result<json::value> recorded = json::parse(step.ok ? step.output_json : step.error_json);
    if (!recorded) {
        // The store returned something else than was written: do not go on from a guess.
        return faulted_with(fault{
            manifest::standard_error_type("runtime"), 500, "Damaged record",
            "the recorded outcome of this step cannot be read: " + recorded.error_value().message,
            step.path});
    }
    if (!step.ok) return faulted_with(fault::from_json(*recorded));
    result.output = std::move(*recorded);
    return result;
}

outcome walk::run_set(const manifest::task& task, const manifest::set_task& body,
                      const json::value& input) {
    store::step_record step = begin_step(task, "set");
    if (const store::step_record* before = replay(step)) return replayed_outcome(*before);
    base::result<json::value> content = evaluate(body.content, input);
    if (!content) return end_step(std::move(step), expression_fault(content.error_value(), task));
    outcome result;
    result.output = std::move(*content);
    return end_step(std::move(step), std::move(result));
}

// A switch passes its input on; its record says which case was taken.
outcome walk::run_switch(const manifest::task& task, const manifest::switch_task& body,
                         const json::value& input) {
    store::step_record step = begin_step(task, "switch");
    const manifest::switch_case* taken = nullptr;
    if (const store::step_record* before = replay(step)) {
        outcome recorded = replayed_outcome(*before);
        if (recorded.how == outcome::kind::faulted) return recorded;
        for (const manifest::switch_case& one : body.cases) {
            if (one.name == recorded.output.string_or("case", "")) taken = &one;
        }
    } else {
        for (const manifest::switch_case& one : body.cases) {
            if (!one.when) {
                if (taken == nullptr) taken = &one;
                continue;
            }
            base::result<bool> holds = evaluate_condition(*one.when, input);
            if (!holds) {
                return end_step(std::move(step), expression_fault(holds.error_value(), task));
            }
            if (*holds) {
                taken = &one;
                break;
            }
        }
        outcome choice;
        choice.output = json::value::object(
            {{"case", taken != nullptr ? json::value(taken->name) : json::value()}});
        end_step(std::move(step), std::move(choice));
    }
    outcome result;
    result.output = input;
    if (taken != nullptr) result.then = &taken->then;
    return result;
}

outcome walk::run_raise(const manifest::task& task, const manifest::raise_task& body,
                        const json::value& input) {
    store::step_record step = begin_step(task, "raise");
    if (const store::step_record* before = replay(step)) return replayed_outcome(*before);
    fault raised;
    raised.instance = task.reference;
    std::optional<base::error> failure;
    const auto text = [&](const manifest::template_value& code, std::string& into) {
        base::result<json::value> content = evaluate(code, input);
        if (!content) {
            failure = std::move(content).error_value();
        } else if (content->is_string()) {
            into = content->as_string();
        } else if (!content->is_null()) {
            into = json::to_text(*content);
        }
    };
    text(body.error.type, raised.type);
    text(body.error.title, raised.title);
    text(body.error.detail, raised.detail);
    std::string status;
    text(body.error.status, status);
    if (failure) return end_step(std::move(step), expression_fault(*failure, task));
    base::result<json::value> number = json::parse(status);
    if (!number || !number->is_number() || number->number_form() != json::number_form::int64) {
        base::error wrong = base::make_error(base::error_code::invalid_input,
                                             "the status of a raised error must be a whole number");
        return end_step(std::move(step), expression_fault(wrong, task));
    }
    raised.status = static_cast<int>(number->as_int64());
    return end_step(std::move(step), faulted_with(std::move(raised)));
}

}  // namespace sluice::engine
