// call: a connector's action or a built-in function.
#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "engine/builtin.hpp"
#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

// The same for every attempt of a step, in this process and the next; different for every other
// step, round and execution.
std::string idempotency_key(store::event_id execution, const std::string& path,
                            std::int64_t visit) {
    const std::string digest = base::sha256(path + '#' + std::to_string(visit));
    return base::execution_id_text(execution) + '-' + base::to_hex(digest.substr(0, 8));
}

}  // namespace

base::task<execution::outcome> execution::run_call(const manifest::task& task,
                                                   const manifest::call_task& call,
                                                   const json::value& input) {
    const std::int64_t run = runs_[task.reference]++;
    const std::int64_t visit = visits_[task.reference]++;
    if (const store::step_record* before = replay(task, run)) co_return replayed_outcome(*before);

    store::step_record step = begin_step(task, "call");
    base::result<json::value> arguments = evaluate(call.with, input);
    if (!arguments) {
        co_return end_step(std::move(step), expression_fault(arguments.error_value(), task));
    }
    if (arguments->is_null()) *arguments = json::value::object();
    // What is kept has references where secrets will stand.
    json::append_text(step.input_json, *arguments);
    std::string key = idempotency_key(start_.id, task.reference, visit);
    connector_reply reply = co_await perform(call, std::move(*arguments), std::move(key));
    step.connector = reply.connector;
    if (!reply.connector.empty()) pins_[call.connector] = reply.connector;

    plugin::call_outcome& what = reply.outcome;
    if (!what.output_json && stopped_) co_return faulted(stopping_fault());
    outcome result;
    if (what.output_json) {
        result.output = std::move(what.output);
    } else {
        result = faulted(
            fault_of_call(what.output_json.error_value(), what.http_status, task.reference));
    }
    result = end_step(std::move(step), std::move(result));
    journal_.flush();
    co_return result;
}

base::result<connector_call> execution::prepare_call(const manifest::call_task& call,
                                                     json::value arguments) {
    const bound_flow& flow = *start_.flow;
    connector_call out;
    out.connector = call.connector;
    out.wanted = flow.constraint(call.connector);
    if (const auto pin = pins_.find(call.connector); pin != pins_.end()) out.pinned = pin->second;
    out.request.action = call.action;
    base::result<std::string> connection = flow.connection(call.connection);
    if (!connection) return std::move(connection).error_value();
    out.request.connection_json = std::move(*connection);
    json::append_text(out.request.input_json, flow.resolve(call.with, std::move(arguments)));
    return out;
}

base::task<connector_reply> execution::perform(const manifest::call_task& call,
                                               json::value arguments, std::string key) {
    if (call.connector.empty()) {
        base::callback_awaiter<plugin::call_outcome> builtin([&](auto done) {
            call_builtin(host_, start_, call.action, std::move(arguments), std::move(done));
        });
        // Not an aggregate around co_await: GCC 12 destroys its strings twice.
        connector_reply reply;
        reply.outcome = co_await builtin;
        co_return reply;
    }
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
    request.scope.instance = start_.flow->instance;
    request.scope.flow = start_.flow->flow->name;
    request.scope.execution = start_.id;
    request.scope.partition = start_.partition;
    request.scope.epoch = start_.epoch;
    base::callback_awaiter<connector_reply> answer([&](auto done) {
        running_call_ = host_.calls.start(std::move(*prepared), std::move(done));
    });
    connector_reply reply = co_await answer;
    running_call_ = 0;
    co_return reply;
}

}  // namespace sluice::engine
