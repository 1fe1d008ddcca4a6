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

// Whether the call is to be made: with these arguments, under this key. Else `result` is known.
bool walk::begin_call(const manifest::task& task, const manifest::call_task& call,
                      const json::value& input, call_in_progress& made, outcome& result) {
    made.step = begin_step(task, "call");
    made.key = next_key(made.step);
    if (const store::step_record* before = replay(made.step)) {
        if (before->kind != begun_call) {
            result = replayed_outcome(*before);
            return false;
        }
        made.begun = true;
        made.step.started_ms = before->started_ms;
        if (late_now()) {
            result = end_step(std::move(made.step), timeout_fault(task), true);
            return false;
        }
    }
    base::result<json::value> arguments = evaluate(call.with, input);
    if (!arguments) {
        result = end_step(std::move(made.step), expression_fault(arguments.error_value(), task));
        return false;
    }
    made.arguments = std::move(*arguments);
    if (made.arguments.is_null()) made.arguments = json::value::object();
    // What is kept has references where secrets will stand.
    json::append_text(made.step.input_json, made.arguments);
    return true;
}

outcome walk::end_call(const manifest::task& task, const manifest::call_task& call,
                       call_in_progress& made, connector_reply reply) {
    made.step.connector = reply.connector;
    if (!reply.connector.empty()) run_.pin_of(call.connector).version = reply.connector;
    plugin::call_outcome& what = reply.outcome;
    if (!what.output_json && stopping()) return faulted_with(stopping_fault());
    outcome result;
    if (what.output_json) {
        result.output = std::move(what.output);
    } else {
        base::error why = what.output_json.error_value();
        if (why.code == base::error_code::auth && !call.connection.empty()) {
            why.message += " (with the connection \"" + call.connection + "\")";
        }
        result = faulted_with(fault_of_call(why, what.http_status, task.reference));
    }
    result = end_step(std::move(made.step), std::move(result), made.begun);
    run_.records().flush_soon();
    return result;
}

base::task<outcome> walk::run_call(const manifest::task& task, const manifest::call_task& call,
                                   const json::value& input) {
    call_in_progress made;
    outcome result;
    if (!begin_call(task, call, input, made, result)) co_return result;
    if (call.connector.empty()) {
        result = co_await run_builtin(task, call.action, made.step, made.arguments);
        co_return result;
    }
    if (!made.begun) made.begun = co_await pin_connector(call, made.step);
    // No earlier step may run again behind this call: it would find another world. Nor may what led
    // here come out differently when the call is repeated.
    if (!run_.records().is_durable()) co_await breathe();
    if (stopping()) co_return faulted_with(stopping_fault());
    base::callback_awaiter<connector_reply> answered(
        [&](auto done) { start_call(call, made, std::move(done)); });
    connector_reply reply = co_await answered;
    running_call_ = 0;
    co_return end_call(task, call, made, std::move(reply));
}

// Before the call starts: when it takes the process along, it is repeated in the same version.
base::task<bool> walk::pin_connector(const manifest::call_task& call,
                                     const store::step_record& made) {
    execution::pin& chosen = run_.pin_of(call.connector);
    if (chosen.durable || !run_.records().keeps()) co_return false;
    // Another branch may be about to make it durable.
    const bool first = chosen.version.empty();
    if (first) {
        chosen.version =
            host_.calls.version_for(call.connector, run_.start().flow->constraint(call.connector));
        if (chosen.version.empty()) co_return false;
        record_begun(made, chosen.version);
    }
    co_await breathe();
    if (!stopping()) chosen.durable = true;
    co_return first;
}

void walk::record_begun(store::step_record step, const std::string& version) {
    step.kind = begun_call;
    step.connector = version;
    step.ended_ms = now_ms();
    step.input_json = hide_secrets_in_json(*run_.start().flow, std::move(step.input_json));
    run_.records().record(std::move(step));
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
    out.connection = call.connection;
    out.shared = flow.origin_of(call.connection);
    out.fetched = flow.fetched;
    out.flow = run_.start().flow;
    json::append_text(out.request.input_json, flow.resolve(call.with, std::move(arguments)));
    return out;
}

void walk::start_call(const manifest::call_task& call, call_in_progress& made,
                      std::function<void(connector_reply)> done) {
    base::result<connector_call> prepared = prepare_call(call, std::move(made.arguments));
    if (!prepared) {
        connector_reply refused;
        refused.outcome.output_json = std::move(prepared).error_value();
        return host_.loop.post(
            [done = std::move(done), refused = std::move(refused)] { done(refused); });
    }
    plugin::call_request& request = prepared->request;
    request.idempotency_key = std::move(made.key);
    request.attempt = static_cast<std::uint32_t>(attempt_);
    request.deadline_unix_ms = deadline_ms();
    request.scope.instance = run_.start().flow->instance;
    request.scope.flow = run_.start().flow->flow->name;
    request.scope.execution = run_.start().id;
    request.scope.partition = run_.start().partition;
    request.scope.epoch = run_.start().epoch;
    running_call_ = host_.calls.start(std::move(*prepared), std::move(done));
}

}  // namespace sluice::engine
