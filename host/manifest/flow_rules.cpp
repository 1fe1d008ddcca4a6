#include "manifest/flow_rules.hpp"

#include <functional>
#include <utility>

#include "manifest/task_walk.hpp"

namespace sluice::manifest {
namespace {

// What a task does that outlives the execution's memory; empty when nothing.
std::string needs_record(const task& of) {
    if (std::holds_alternative<wait_task>(of.body)) return "a wait would be lost with the process";
    if (std::holds_alternative<listen_task>(of.body)) {
        return "waiting for events needs a record of what has come";
    }
    if (std::holds_alternative<emit_task>(of.body)) return "events are kept until flows took them";
    if (std::holds_alternative<run_task>(of.body)) return "the flow it runs has to be recorded";
    if (const auto* const call = std::get_if<call_task>(&of.body)) {
        if (!call->connector.empty()) return {};
        if (call->action == "flow.start") return "the flow it starts has to be recorded";
        if (call->action.starts_with("state.") && call->action != "state.get") {
            return call->action + " writes";
        }
    }
    return {};
}

// What a task does that only verified events may cause.
std::string acts(const task& of) {
    if (std::holds_alternative<http_task>(of.body)) return "call http";
    if (std::holds_alternative<openapi_task>(of.body)) return "call openapi";
    if (std::holds_alternative<wait_task>(of.body)) return "wait";
    if (std::holds_alternative<listen_task>(of.body)) return "listen";
    if (std::holds_alternative<emit_task>(of.body)) return "emit events";
    if (std::holds_alternative<run_task>(of.body)) return "run flows";
    if (const auto* const call = std::get_if<call_task>(&of.body)) {
        if (!call->connector.empty()) return "call connectors";
        if (call->action == "flow.start") return "start flows itself";
        if (call->action.starts_with("state.") && call->action != "state.get") {
            return "change state";
        }
    }
    return {};
}

}  // namespace

void check_record(const cursor& at, const flow& of) {
    if (of.record != flow::record_kind::none) return;
    const cursor record = at.member("record");
    const auto* const hook = std::get_if<webhook_trigger>(&of.trigger);
    if (hook == nullptr || hook->mode != webhook_trigger::reply::result) {
        record.problem("record: none is only for flows whose sender waits for the result",
                       "write trigger: { webhook: { respond: { mode: result } } }");
    }
    const auto refuse = [](const cursor& part, std::string_view why) {
        if (!part.exists()) return;
        part.key_problem("`" + part.name() + "` cannot hold with record: none", std::string(why));
    };
    refuse(at.member("callback"), "a result that is delivered later has to be kept");
    refuse(at.member("retry"), "an event that may run again has to be kept");
    refuse(at.member("queue").member("key"), "events that wait for each other have to be kept");
    refuse(at.member("queue").member("order"), "events that wait for each other have to be kept");
    refuse(at.member("queue").member("dedupe"), "what has come before has to be kept");
    walk_tasks(of.tasks, [&](const task& each) {
        const std::string why = needs_record(each);
        if (why.empty()) return;
        at.problem_at(each.where, "\"" + each.name + "\" cannot run with record: none", why);
    });
}

void check_fetch(const cursor& at, const flow& of) {
    const auto* const asks = std::get_if<poll_trigger>(&of.trigger);
    if (asks == nullptr) return;
    if (asks->batch && of.queue.dedupe) {
        at.member("queue").member("dedupe").key_problem("the items of a batch have no key together",
                                                        "leave out `batch`, or this");
    }
    for (const auto& call : {asks->fetch, asks->acknowledge}) {
        if (!call) continue;
        walk_tasks({*call}, [&](const task& each) {
            const std::string why = needs_record(each);
            if (why.empty()) return;
            at.problem_at(call->where,
                          "a trigger's call is not recorded, and \"" + each.name + "\" needs that",
                          why);
        });
    }
}

void check_preprocess(const cursor& at, const flow& of) {
    if (!std::holds_alternative<preprocess_trigger>(of.trigger)) return;
    for (const std::string_view key : {"queue", "retry", "callback", "record"}) {
        if (!at.member(key).exists()) continue;
        at.member(key).key_problem("a preprocess flow has no `" + std::string(key) + "`",
                                   "it belongs to the flows it chooses");
    }
    walk_tasks(of.tasks, [&](const task& each) {
        const std::string what = acts(each);
        if (what.empty()) return;
        at.problem_at(each.where, "a preprocess flow must not " + what,
                      "nobody has verified the event yet; do it in the flow that is chosen");
    });
}

}  // namespace sluice::manifest
