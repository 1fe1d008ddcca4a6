// call: an action of a connector.
#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "engine/execution.hpp"
#include "engine/hide_secrets.hpp"
#include "json/text.hpp"

namespace sluice::engine {

// The same for every attempt of a step, in this process and the next; different for every other
// step, round and execution.
std::string walk::next_key(const store::step_record& step) {
    const std::int64_t visit = run_.visits()[step.path]++;
    const std::string digest = base::sha256(step.path + '#' + std::to_string(visit));
    return base::execution_id_text(run_.start().id) + '-' + base::to_hex(digest.substr(0, 8));
}

base::task<outcome> walk::run_call(const manifest::task& task, const manifest::call_task& call,
                                   const json::value& input) {
    store::step_record step = begin_step(task, "call");
    std::string key = next_key(step);
    bool begun = false;
    if (const store::step_record* before = replay(step)) {
        if (before->kind != begun_call) co_return replayed_outcome(*before);
        begun = true;
        step.started_ms = before->started_ms;
        if (late_now()) co_return end_step(std::move(step), timeout_fault(task), true);
    }
    base::result<json::value> arguments = evaluate(call.with, input);
    if (!arguments) {
        co_return end_step(std::move(step), expression_fault(arguments.error_value(), task));
    }
    if (arguments->is_null()) *arguments = json::value::object();
    // What is kept has references where secrets will stand.
    json::append_text(step.input_json, *arguments);
    if (call.connector.empty()) {
        co_return co_await run_builtin(task, call.action, std::move(step), std::move(*arguments));
    }
    // What led here must not come out differently when this call is repeated after a crash.
    run_.records().flush();
    if (!begun) begun = co_await pin_connector(call, step);
    if (stopping()) co_return faulted_with(stopping_fault());
    connector_reply reply = co_await perform(call, std::move(*arguments), std::move(key));
    step.connector = reply.connector;
    if (!reply.connector.empty()) run_.pin_of(call.connector).version = reply.connector;

    plugin::call_outcome& what = reply.outcome;
    if (!what.output_json && stopping()) co_return faulted_with(stopping_fault());
    outcome result;
    if (what.output_json) {
        result.output = std::move(what.output);
    } else {
        result = faulted_with(
            fault_of_call(what.output_json.error_value(), what.http_status, task.reference));
    }
    result = end_step(std::move(step), std::move(result), begun);
    run_.records().flush_soon();
    co_return result;
}

// Before the call starts: when it takes the process along, it is repeated in the same version.
base::task<bool> walk::pin_connector(const manifest::call_task& call, store::step_record step) {
    execution::pin& chosen = run_.pin_of(call.connector);
    if (chosen.durable || !run_.records().keeps()) co_return false;
    // Another branch may be about to make it durable.
    const bool first = chosen.version.empty();
    if (first) {
        chosen.version =
            host_.calls.version_for(call.connector, run_.start().flow->constraint(call.connector));
        if (chosen.version.empty()) co_return false;
        step.kind = begun_call;
        step.connector = chosen.version;
        step.ended_ms = now_ms();
        step.input_json = hide_secrets_in_json(*run_.start().flow, std::move(step.input_json));
        run_.records().record(std::move(step));
    }
    co_await breathe();
    if (!stopping()) chosen.durable = true;
    co_return first;
}

base::result<connector_call> walk::prepare_call(const manifest::call_task& call,
                                                json::value arguments) {
    const bound_flow& flow = *run_.start().flow;
    connector_call out;
    out.connector = call.connector;
    out.wanted = flow.constraint(call.connector);
    out.pinned = run_.pin_of(call.connector).version;
    out.request.action = call.action;
    base::result<std::string> connection = flow.connection(call.connection);
    if (!connection) return std::move(connection).error_value();
    out.request.connection_json = std::move(*connection);
    json::append_text(out.request.input_json, flow.resolve(call.with, std::move(arguments)));
    return out;
}

base::task<connector_reply> walk::perform(const manifest::call_task& call, json::value arguments,
                                          std::string key) {
    base::result<connector_call> prepared = prepare_call(call, std::move(arguments));
    if (!prepared) {
        connector_reply refused;
        refused.outcome.output_json = std::move(prepared).error_value();
        co_return refused;
    }
    plugin::call_request& request = prepared->request;
    request.idempotency_key = std::move(key);
    request.attempt = static_cast<std::uint32_t>(attempt_);
    request.deadline_unix_ms = deadline_ms_;
    request.scope.instance = run_.start().flow->instance;
    request.scope.flow = run_.start().flow->flow->name;
    request.scope.execution = run_.start().id;
    request.scope.partition = run_.start().partition;
    request.scope.epoch = run_.start().epoch;
    base::callback_awaiter<connector_reply> answer([&](auto done) {
        running_call_ = host_.calls.start(std::move(*prepared), std::move(done));
    });
    connector_reply reply = co_await answer;
    running_call_ = 0;
    co_return reply;
}

}  // namespace sluice::engine
