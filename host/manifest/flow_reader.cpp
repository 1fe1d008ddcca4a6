#include "manifest/flow_reader.hpp"

#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 7> later_triggers = {
    "schedule", "poll", "event", "queue", "deploy", "undeploy", "preprocess"};

void read_verify(const cursor& at, const task_reader& tasks, webhook_trigger& into) {
    if (!at.exists() || !at.is_object("verify")) return;
    at.refuse_unknown("verify", {"call", "with"});
    call_task call;
    tasks.read_call(at, tasks.outside(), call);
    if (call.connector.empty() && !call.action.empty()) {
        at.member("call").problem("verify must call an action of a connector",
                                  "for example github.verifySignature");
    }
    into.verify = call_reference{std::move(call.connector), std::move(call.action),
                                 std::move(call.connection), std::move(call.with), at.where()};
}

webhook_trigger read_webhook(const cursor& at, const task_reader& tasks) {
    webhook_trigger made;
    if (!at.is_object("webhook")) return made;
    at.refuse_unknown("webhook", {"verify", "respond"});
    read_verify(at.member("verify"), tasks, made);
    if (!at.member("verify").exists()) {
        at.warning("this webhook accepts unsigned requests",
                   "add verify: { call: connector.verifySignature, with: ... }");
    }
    const cursor respond = at.member("respond");
    if (!respond.exists() || !respond.is_object("respond")) return made;
    respond.refuse_unknown("respond", {"mode"});
    if (respond.member("mode").one_of("mode", {"accepted", "result"}) == "result") {
        made.mode = webhook_trigger::reply::result;
    }
    return made;
}

void read_trigger(const cursor& at, const task_reader& tasks, flow& into) {
    if (!at.is_object("trigger")) return;
    if (at.content().size() != 1) {
        return at.problem("a flow has exactly one trigger", "for example trigger: { webhook: {} }");
    }
    const cursor kind = at.members().front();
    const std::string name = kind.name();
    if (name == "webhook") {
        into.trigger = read_webhook(kind, tasks);
        return;
    }
    if (name == "call") {
        if (kind.is_object("call")) kind.refuse_unknown("the trigger call", {});
        into.trigger = call_trigger{};
        return;
    }
    for (const std::string_view later : later_triggers) {
        if (name == later) {
            return kind.key_problem("the trigger \"" + name + "\" is not supported yet",
                                    "available now: webhook, call");
        }
    }
    std::vector<std::string> known(later_triggers.begin(), later_triggers.end());
    known.insert(known.begin(), {"webhook", "call"});
    kind.key_problem("there is no trigger \"" + name + "\"", expression::did_you_mean(name, known));
}

void read_queue(const cursor& at, const task_reader& tasks, queue_rules& into) {
    if (!at.exists() || !at.is_object("queue")) return;
    at.refuse_unknown("queue", {"key", "order", "dedupe"});
    into.key = read_expression(at.member("key"), tasks.outside());
    into.dedupe = read_expression(at.member("dedupe"), tasks.outside());
    into.fifo = at.member("order").one_of("order", {"fifo", "none"}) == "fifo";
    if (into.fifo && !into.key) {
        at.problem("order: fifo needs a key", "events with an equal key keep their order");
    }
}

}  // namespace

flow read_flow(const cursor& at, const integration& of, const use_parts& use) {
    flow made;
    made.name = at.name();
    made.where = at.key_where();
    made.definition = at.content();
    if (!at.is_object("the flow " + made.name)) return made;
    for (const std::string_view later : {"retry", "record", "callback"}) {
        if (at.member(later).exists()) {
            at.member(later).key_problem("`" + std::string(later) +
                                         "` of a flow is not supported yet");
        }
    }
    at.refuse_unknown("a flow", {"title", "description", "trigger", "queue", "input", "do",
                                 "output", "timeout", "retry", "record", "callback"});
    task_reader tasks(at, of, use);
    read_trigger(at.member("trigger"), tasks, made);
    read_queue(at.member("queue"), tasks, made.queue);
    const cursor input = at.member("input");
    if (input.exists() && input.is_object("input")) {
        input.refuse_unknown("input", {"from", "schema"});
        made.input_from = read_mapping(input.member("from"), tasks.outside());
        if (input.member("schema").exists()) {
            input.member("schema").warning("input schemas are not checked yet",
                                           "check with switch and raise");
        }
    }
    const cursor output = at.member("output");
    if (output.exists() && output.is_object("output")) {
        output.refuse_unknown("output", {"as"});
        made.output_as = read_mapping(output.member("as"), tasks.at_end());
    }
    made.timeout = read_timeout(at.member("timeout"), use);
    made.tasks = tasks.read_list(at.member("do"), {});
    return made;
}

}  // namespace sluice::manifest
