// Tasks about events: emit, listen; and the strategy by which a flow or a task takes them.
#include <utility>

#include "manifest/schema_reader.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

event_filter read_filter(const cursor& at, const expression_context& context) {
    event_filter made;
    if (!at.is_object("an event filter")) return made;
    at.refuse_unknown("an event filter", {"with", "correlate"});
    const cursor with = at.member("with");
    if (!with.exists()) {
        at.problem("an event filter needs `with`", "for example with: { type: com.acme.order }");
    } else if (with.is_object("with")) {
        for (const cursor& each : with.members()) {
            event_filter::attribute one;
            one.name = each.name();
            one.expected = read_template(each, context);
            one.is_condition = each.content().is_string() && !one.expected.is_literal();
            made.with.push_back(std::move(one));
        }
        if (made.with.empty()) with.problem("an event filter names an attribute at least");
    }
    const cursor correlate = at.member("correlate");
    if (correlate.exists()) correlate.is_object("correlate");
    for (const cursor& each : correlate.members()) {
        if (!each.is_object("a correlation")) continue;
        each.refuse_unknown("a correlation", {"from", "expect"});
        event_filter::correlation one;
        one.name = each.name();
        if (!each.member("from").exists()) each.problem("a correlation needs `from`");
        one.from = read_expression(each.member("from"), context).value_or(template_value());
        const cursor expect = each.member("expect");
        if (expect.exists()) one.expect = read_template(expect, context);
        made.correlate.push_back(std::move(one));
    }
    return made;
}

std::vector<event_filter> read_filters(const cursor& at, std::string_view what,
                                       const expression_context& context) {
    std::vector<event_filter> made;
    if (!at.is_array(what)) return made;
    for (const cursor& each : at.items())
        made.push_back(read_filter(each, context));
    return made;
}

// The events that end a listener, chosen as those that it takes are.
void read_until_events(const cursor& at, const expression_context& context, listen_task& into) {
    at.refuse_unknown("until", {"one", "any", "all"});
    const cursor one = at.member("one");
    const cursor any = at.member("any");
    const cursor all = at.member("all");
    if (one.exists() + any.exists() + all.exists() != 1) {
        at.problem("which events end the listener must be said by one of `one`, `any` and `all`",
                   "for example until: { one: { with: { type: com.acme.closed } } }");
        return;
    }
    listen_task::ending made;
    if (one.exists()) {
        made.filters.push_back(read_filter(one, context));
    } else {
        made.all = all.exists();
        made.filters =
            made.all ? read_filters(all, "all", context) : read_filters(any, "any", context);
        if (made.all && made.filters.empty()) all.problem("`all` needs an event");
    }
    into.ends = std::move(made);
}

void read_until(const cursor& at, const expression_context& context, listen_task& into) {
    if (!at.exists()) return;
    if (into.how != listen_task::strategy::any) {
        at.key_problem("only `any` goes on until something", "write any: [ ... ] beside it");
        return;
    }
    if (at.content().is_object()) return read_until_events(at, context, into);
    if (at.content().is_bool() && !at.content().as_bool()) {
        into.until_forever = true;
        return;
    }
    into.until = read_expression(at, context);
}

}  // namespace

emit_task task_reader::read_emit(const cursor& at, const expression_context& context) const {
    emit_task made;
    if (!at.is_object("emit")) return made;
    at.refuse_unknown("emit", {"event"});
    const cursor event = at.member("event");
    if (!event.is_object("event")) return made;
    if (!shared_.plain) event.refuse_unknown("event", {"with"});
    const cursor with = event.member("with");
    if (!with.is_object("with")) return made;
    if (!with.member("type").exists()) {
        with.problem("an event needs a `type`", "for example type: com.acme.order.placed.v1");
    }
    made.with = read_template(with, context);
    return made;
}

void task_reader::read_strategy(const cursor& at, const expression_context& context,
                                listen_task& into) {
    const cursor one = at.member("one");
    const cursor any = at.member("any");
    const cursor all = at.member("all");
    if (one.exists() + any.exists() + all.exists() != 1) {
        at.problem("which events are meant must be said by one of `one`, `any` and `all`",
                   "for example one: { with: { type: com.acme.order } }");
        return;
    }
    if (one.exists()) {
        into.filters.push_back(read_filter(one, context));
    } else if (any.exists()) {
        into.how = listen_task::strategy::any;
        into.filters = read_filters(any, "any", context);
    } else {
        into.how = listen_task::strategy::all;
        into.filters = read_filters(all, "all", context);
        if (into.filters.empty()) all.problem("`all` needs an event");
    }
    read_until(at.member("until"), context, into);
}

listen_task task_reader::read_listen(const cursor& task, const surroundings& around) {
    listen_task made;
    const cursor at = task.member("listen");
    if (!at.is_object("listen")) return made;
    at.refuse_unknown("listen", {"to", "read"});
    const cursor to = at.member("to");
    if (to.is_object("to")) {
        to.refuse_unknown("the choice of events", {"one", "any", "all", "until"});
        read_strategy(to, task_context(task, around).with({"input"}), made);
    }
    const auto read = at.member("read").one_of("way to read events", {"data", "envelope", "raw"});
    if (read == "envelope") made.read = listen_task::reading::envelope;
    if (read == "raw") made.read = listen_task::reading::raw;
    const cursor each = task.member("foreach");
    if (each.exists() && each.is_object("foreach")) read_foreach(each, around, made);
    return made;
}

void task_reader::read_foreach(const cursor& at, const surroundings& around, listen_task& into) {
    at.refuse_unknown("foreach", {"item", "at", "do", "output", "export"});
    for_task each;
    each.item_name = read_variable(at.member("item"), "item", each.item_name);
    each.index_name = read_variable(at.member("at"), "at", each.index_name);
    std::vector<std::string> inner = around.variables;
    inner.push_back(each.item_name);
    inner.push_back(each.index_name);
    if (at.member("do").exists()) each.tasks = read_list(at.member("do"), inner);
    expression_context context = task_context(at, {{}, inner}).with({"input"});
    context.place.resize(context.place.size() - std::string_view("/foreach").size());
    context.place += "/while";
    const auto part = [&](std::string_view group, const expression_context& with,
                          std::shared_ptr<const json::schema>& schema) {
        const cursor both = at.member(group);
        if (!both.exists() || !both.is_object(group)) return std::optional<template_value>();
        both.refuse_unknown(group, {"as", "schema"});
        schema = read_schema(both.member("schema"));
        return read_mapping(both.member("as"), with);
    };
    into.each_output_as = part("output", context, into.each_output_schema);
    into.each_export_as = part("export", context.with({"output"}), into.each_export_schema);
    into.each = std::move(each);
}

}  // namespace sluice::manifest
