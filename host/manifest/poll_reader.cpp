#include "manifest/poll_reader.hpp"

#include <utility>

#include "expression/expression.hpp"

namespace sluice::manifest {
namespace {

constexpr const char* longest_call = "PT5M";
constexpr std::int64_t shortest_ms = 1000;
constexpr std::int64_t default_idle_ms = 5000;
constexpr std::int64_t most_batch = 10'000;

constexpr const char* found_items = "if type == \"object\" then .items else . end";
constexpr const char* same_cursor =
    "if type == \"object\" and has(\"cursor\") then .cursor else $trigger.cursor end";
constexpr const char* has_more = "if type == \"object\" then .more == true else false end";

template_value built_in(const char* text) {
    const std::vector<std::string> variables = {"trigger"};
    auto code = expression::compile(text, variables);
    return template_value::expression(*code, {});
}

template_value read_or(const cursor& at, const expression_context& context, const char* otherwise) {
    std::optional<template_value> given = read_expression(at, context);
    return given ? std::move(*given) : built_in(otherwise);
}

task read_call(const cursor& at, std::string name, task_reader& tasks) {
    task made;
    made.name = std::move(name);
    made.reference = tasks.reference(at);
    made.where = at.key_where();
    made.timeout = duration_template{template_value::literal(json::value(longest_call))};
    tasks.read_call_of_trigger(at, made);
    const auto* const call = std::get_if<call_task>(&made.body);
    if (call != nullptr && call->connector.empty() && !call->action.empty()) {
        at.member("call").problem(call->action + " asks nobody",
                                  "call an action of a connector, http, openapi or a function");
    }
    return made;
}

std::int64_t read_interval(const cursor& at, std::int64_t otherwise) {
    const std::optional<std::int64_t> length = at.duration();
    if (!length) return otherwise;
    if (*length < shortest_ms) at.problem("asking more often than each second is no interval");
    return *length;
}

// What both triggers have: the call, and what of its output becomes events.
void read_fetch(const cursor& at, task_reader& tasks, poll_trigger& into) {
    if (!at.member("call").exists()) {
        if (at.member("call").is_mistyped()) return;
        at.problem("`" + at.name() + "` needs the `call` that asks for what is new",
                   "for example call: github.listIssues");
        return;
    }
    const expression_context context = tasks.outside();
    std::vector<std::pair<std::string, template_value>> parts;
    parts.emplace_back("items", read_or(at.member("items"), context, found_items));
    if (!into.drains) {
        parts.emplace_back("cursor", read_or(at.member("cursor"), context, same_cursor));
        parts.emplace_back("more", read_or(at.member("more"), context, has_more));
    }
    into.found = template_value::object(std::move(parts));
    into.fetch = std::make_shared<const task>(read_call(at, at.name(), tasks));
    into.batch = at.member("batch").whole_number("batch");
    if (into.batch && (*into.batch < 1 || *into.batch > most_batch)) {
        at.member("batch").problem("a batch has 1 to 10000 items");
    }
}

}  // namespace

poll_trigger read_poll(const cursor& at, task_reader& tasks) {
    poll_trigger made;
    if (!at.is_object("poll")) return made;
    at.refuse_unknown("poll",
                      {"call", "with", "every", "start", "items", "cursor", "more", "batch"});
    if (!at.member("every").exists() && !at.member("every").is_mistyped()) {
        at.problem("`poll` needs `every`: how often it asks", "for example every: PT5M");
    }
    made.pause_ms = read_interval(at.member("every"), shortest_ms);
    if (at.member("start").exists())
        made.start = read_template(at.member("start"), tasks.outside());
    read_fetch(at, tasks, made);
    return made;
}

poll_trigger read_queue(const cursor& at, task_reader& tasks) {
    poll_trigger made;
    if (!at.is_object("queue")) return made;
    at.refuse_unknown("queue", {"call", "with", "items", "batch", "idle", "acknowledge"});
    made.drains = true;
    made.pause_ms = read_interval(at.member("idle"), default_idle_ms);
    read_fetch(at, tasks, made);
    const cursor acknowledge = at.member("acknowledge");
    if (!acknowledge.exists()) {
        if (acknowledge.is_mistyped()) return made;
        at.problem(
            "`queue` needs `acknowledge`: the call that takes messages off the queue once "
            "they are on disk here",
            "for example acknowledge: { call: sqs.delete, with: { messages: \"${ .items }\" } }");
        return made;
    }
    if (!acknowledge.is_object("acknowledge")) return made;
    acknowledge.refuse_unknown("acknowledge", {"call", "with"});
    if (!acknowledge.member("call").exists()) {
        if (!acknowledge.member("call").is_mistyped()) {
            acknowledge.problem("`acknowledge` needs a `call`");
        }
        return made;
    }
    made.acknowledge = std::make_shared<const task>(read_call(acknowledge, "acknowledge", tasks));
    return made;
}

}  // namespace sluice::manifest
