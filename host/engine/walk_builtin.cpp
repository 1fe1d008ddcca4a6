// Functions that a call may name without a connector: log, flow.start, state.*.
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "engine/execution.hpp"
#include "engine/hide_secrets.hpp"
#include "json/text.hpp"
#include "manifest/callback_flow.hpp"

namespace sluice::engine {
namespace {

void write_log(const bound_flow& flow, store::event_id id, const json::value& input) {
    const std::string level = input.string_or("level", "info");
    const base::log_level known = level == "debug"     ? base::log_level::debug
                                  : level == "warning" ? base::log_level::warning
                                  : level == "error"   ? base::log_level::error
                                                       : base::log_level::info;
    const json::value& message = input.get("message");
    base::log(known, message.is_string() ? message.as_string() : json::to_text(message),
              {{"instance", flow.instance},
               {"flow", flow.flow->name},
               {"execution", base::execution_id_text(id)}});
}

}  // namespace

base::task<outcome> walk::run_builtin(const manifest::task& task, const std::string& name,
                                      store::step_record& step, json::value& arguments) {
    arguments = hide_secrets(*run_.start().flow, std::move(arguments));
    if (name == "log") {
        write_log(*run_.start().flow, run_.start().id, arguments);
        co_return end_step(std::move(step), completed_with(std::move(arguments)));
    }
    if (name == manifest::callback_function) {
        co_return co_await deliver_result(task, std::move(step), std::move(arguments));
    }
    if (name.starts_with("state.")) {
        co_return co_await run_state(task, name, std::move(step), std::move(arguments));
    }
    base::error failure = base::make_error(base::error_code::unsupported,
                                           "there is no built-in function \"" + name + "\"");
    if (name == "flow.start") {
        const json::value& given = arguments.get("key");
        child_port::request wanted;
        wanted.flow = arguments.string_or("flow", "");
        wanted.input = arguments.get("input");
        if (!given.is_null()) {
            wanted.lane_key = given.is_string() ? given.as_string() : json::to_text(given);
        }
        outcome started;
        child_port::noted note = [&](store::event_id id) {
            started = end_step(
                step,
                completed_with(json::value::object({{"execution", base::execution_id_text(id)}})));
        };
        base::result<store::event_id> child =
            co_await start_child(std::move(wanted), std::move(note));
        if (child) co_return started;
        failure = std::move(child).error_value();
        if (stopping()) co_return faulted_with(stopping_fault());
    }
    co_return end_step(std::move(step), faulted_with(fault_of_call(failure, 0, task.reference)));
}

}  // namespace sluice::engine
