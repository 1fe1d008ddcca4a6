#include "manifest/flow_reader.hpp"

#include <utility>

#include "manifest/delivery_reader.hpp"
#include "manifest/flow_rules.hpp"
#include "manifest/schema_reader.hpp"
#include "manifest/step_order.hpp"
#include "manifest/task_reader.hpp"
#include "manifest/trigger_reader.hpp"

namespace sluice::manifest {
namespace {

void read_queue(const cursor& at, const task_reader& tasks, queue_rules& into) {
    if (!at.exists() || !at.is_object("queue")) return;
    at.refuse_unknown("queue", {"key", "order", "dedupe", "concurrency"});
    into.key = read_expression(at.member("key"), tasks.outside());
    into.dedupe = read_expression(at.member("dedupe"), tasks.outside());
    into.fifo = at.member("order").one_of("order", {"fifo", "none"}) == "fifo";
    if (into.fifo && !at.member("key").exists()) {
        at.problem("order: fifo needs a key", "events with an equal key keep their order");
    }
    into.concurrency = at.member("concurrency").whole_number("concurrency");
    if (into.concurrency == 0) {
        at.member("concurrency")
            .problem("a flow that may run zero times at once never runs", "write 1 or more");
    }
}

void read_callback(const cursor& at, reading& shared, const task_reader& tasks, flow& into) {
    if (!at.exists() || !at.is_object("callback")) return;
    at.refuse_unknown("callback", {"url", "secret", "retry"});
    callback_rules made;
    made.url =
        read_delivery_url(at, "a callback", "url: ${ .body.replyTo }", tasks.outside(), false);
    made.secret = read_delivery_secret(at, "the callback", *shared.of);
    made.retry = read_retry(at.member("retry"), shared.use, tasks.outside());
    into.callback = std::move(made);
}

void read_record(const cursor& at, flow& into) {
    const auto kind = at.one_of("kind of record", {"full", "metadata", "none"});
    if (kind == "metadata") into.record = flow::record_kind::metadata;
    if (kind == "none") into.record = flow::record_kind::none;
}

bool has_part(const cursor& flow, std::string_view name, std::string hint) {
    const cursor part = flow.member(name);
    if (!part.exists() && !part.is_mistyped()) {
        flow.key_problem("the flow \"" + flow.name() + "\" has no `" + std::string(name) + "`",
                         std::move(hint));
    }
    return part.exists();
}

}  // namespace

void read_flow_body(const cursor& at, reading& shared, task_reader& tasks, flow& into) {
    const cursor input = at.member("input");
    if (input.exists() && input.is_object("input")) {
        input.refuse_unknown("input", {"from", "schema"});
        into.input_schema = read_schema(input.member("schema"));
        into.input_from = read_mapping(input.member("from"), tasks.outside());
    }
    const cursor output = at.member("output");
    if (output.exists() && output.is_object("output")) {
        output.refuse_unknown("output", {"as", "schema"});
        into.output_schema = read_schema(output.member("schema"));
        into.output_as = read_mapping(output.member("as"), tasks.at_end());
    }
    into.timeout = read_timeout(at.member("timeout"), shared.use, tasks.outside());
    const cursor list = at.member("do");
    // A manifest's flow was asked for its `do` before.
    if (list.exists() || shared.plain) into.tasks = tasks.read_list(list, {});
}

flow read_flow(const cursor& at, reading& shared) {
    flow made;
    made.name = at.name();
    made.where = at.key_where();
    made.definition = at.content();
    if (!at.is_object("the flow " + made.name)) return made;
    at.refuse_unknown("a flow", {"title", "description", "trigger", "queue", "input", "do",
                                 "output", "timeout", "retry", "record", "callback"});
    task_reader tasks(at.pointer().size(), shared);
    tasks.collect_steps(at.content().get("do"));
    if (has_part(at, "trigger", "for example trigger: { webhook: {} }")) {
        read_trigger(at.member("trigger"), *shared.of, tasks, made);
    }
    const bool has_tasks = has_part(at, "do", "the list of its tasks: do: [ { name: { ... } } ]");
    read_queue(at.member("queue"), tasks, made.queue);
    made.retry = read_retry(at.member("retry"), shared.use, tasks.outside());
    read_callback(at.member("callback"), shared, tasks, made);
    read_record(at.member("record"), made);
    read_flow_body(at, shared, tasks, made);
    if (!has_tasks) return made;
    // After one mistake in the ways between tasks these would only repeat it.
    if (tasks.sound()) {
        check_reachable(at, made.tasks);
        check_step_order(at, made.tasks, tasks.step_uses());
    }
    check_record(at, made);
    check_preprocess(at, made);
    check_fetch(at, made);
    return made;
}

}  // namespace sluice::manifest
