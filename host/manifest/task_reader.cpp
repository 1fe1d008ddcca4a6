#include "manifest/task_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "expression/suggestion.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 6> kinds = {"call", "set", "do", "try", "switch", "raise"};
constexpr std::array<std::string_view, 6> later_kinds = {"for",  "fork",   "wait",
                                                         "emit", "listen", "run"};

std::vector<std::string> names_of(const cursor& list) {
    std::vector<std::string> names;
    for (const cursor& item : list.items()) {
        for (const cursor& each : item.members())
            names.push_back(each.name());
    }
    return names;
}

}  // namespace

task_reader::task_reader(const cursor& flow, const integration& of, const use_parts& use)
    : of_(of), use_(use), flow_pointer_length_(flow.pointer().size()) {
    collect_steps(flow.content().get("do"));
}

void task_reader::collect_steps(const json::value& list) {
    if (!list.is_array()) return;
    for (const json::value& item : list.items()) {
        if (!item.is_object()) continue;
        for (const json::member& each : item.members()) {
            steps_.push_back(each.first);
            collect_steps(each.second.get("do"));
            collect_steps(each.second.get("try"));
            collect_steps(each.second.get("catch").get("do"));
        }
    }
}

expression_context task_reader::outside() const {
    return {{"config", "instance", "trigger", "workflow", "runtime"}, &of_.config, nullptr};
}

expression_context task_reader::task_context(const std::vector<std::string>& extra) const {
    expression_context context{
        {"config", "instance", "steps", "trigger", "context", "task", "workflow", "runtime"},
        &of_.config,
        &steps_};
    context.variables.insert(context.variables.end(), extra.begin(), extra.end());
    return context;
}

task_list task_reader::read_list(const cursor& list, const std::vector<std::string>& extra) {
    task_list tasks;
    if (!list.is_array("a list of tasks")) return tasks;
    if (list.content().size() == 0) list.problem("a list of tasks cannot be empty");
    const std::vector<std::string> siblings = names_of(list);
    for (const cursor& item : list.items()) {
        if (!item.is_object("a task")) continue;
        const std::vector<cursor> named = item.members();
        if (named.size() != 1) {
            item.problem(
                "each item of a task list has one name, this one has " +
                    std::to_string(named.size()),
                "write - name: { ... }, with everything of the task indented below its name");
            continue;
        }
        tasks.push_back(read_task(named.front(), siblings, extra));
    }
    return tasks;
}

task task_reader::read_task(const cursor& at, const std::vector<std::string>& siblings,
                            const std::vector<std::string>& extra) {
    task made;
    made.name = at.name();
    made.reference = at.pointer().substr(flow_pointer_length_);
    made.where = at.key_where();
    made.definition = at.content();
    if (made.name == "continue" || made.name == "exit" || made.name == "end") {
        at.key_problem("a task cannot be called \"" + made.name + "\"", "`then` uses that word");
    }
    if (!seen_.insert(made.name).second) {
        at.key_problem("there are two tasks \"" + made.name + "\" in this flow",
                       "$steps needs a name of its own for each");
    }
    if (!at.is_object("the task " + made.name)) return made;
    const std::string kind = find_kind(at);
    if (kind.empty()) return made;
    read_common(at, siblings, extra, made);
    read_body(at, kind, siblings, extra, made);
    return made;
}

// Notes a problem and gives nothing unless the task has exactly one known kind.
std::string task_reader::find_kind(const cursor& at) const {
    std::vector<std::string> found;
    for (const std::string_view kind : later_kinds) {
        const cursor part = at.member(kind);
        if (!part.exists()) continue;
        part.key_problem("the task \"" + std::string(kind) + "\" is not supported yet",
                         "available now: call, set, do, try, switch, raise");
        return {};
    }
    for (const std::string_view kind : kinds) {
        if (at.member(kind).exists()) found.emplace_back(kind);
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        const std::vector<std::string> known(kinds.begin(), kinds.end());
        std::string hint = "it needs one of call, set, do, try, switch, raise";
        for (const cursor& each : at.members()) {
            const std::string near = expression::nearest(each.name(), known);
            if (!near.empty()) hint = "did you mean \"" + near + "\" for \"" + each.name() + "\"?";
        }
        at.key_problem("the task \"" + at.name() + "\" says nothing to do", hint);
        return {};
    }
    at.key_problem("the task \"" + at.name() + "\" is both " + found[0] + " and " + found[1],
                   "make two tasks of it");
    return {};
}

void task_reader::read_common(const cursor& at, const std::vector<std::string>& siblings,
                              const std::vector<std::string>& extra, task& into) const {
    at.refuse_unknown("a task", {"if", "input", "output", "export", "timeout", "then", "metadata",
                                 "call", "with", "set", "do", "try", "catch", "switch", "raise"});
    const expression_context before = task_context(extra);
    const expression_context after = before.with({"input"});
    into.condition = read_expression(at.member("if"), before);
    const auto part = [&](std::string_view group, std::string_view field,
                          const expression_context& context) {
        const cursor both = at.member(group);
        if (!both.exists() || !both.is_object(group)) return std::optional<template_value>();
        if (both.member("schema").exists()) {
            both.member("schema").key_problem("a schema here is not supported yet",
                                              "check with switch and raise");
        }
        both.refuse_unknown(group, {field, "schema"});
        return read_mapping(both.member(field), context);
    };
    into.input_from = part("input", "from", before);
    into.output_as = part("output", "as", after);
    into.export_as = part("export", "as", after.with({"output"}));
    into.timeout = read_timeout(at.member("timeout"), use_);
    into.then = read_directive(at.member("then"), siblings);
}

directive task_reader::read_directive(const cursor& at,
                                      const std::vector<std::string>& siblings) const {
    directive made;
    const std::optional<std::string> text = at.text("then");
    if (!text || *text == "continue") return made;
    if (*text == "exit" || *text == "end") {
        made.action = *text == "exit" ? directive::kind::exit : directive::kind::end;
        return made;
    }
    const auto found = std::find(siblings.begin(), siblings.end(), *text);
    if (found != siblings.end()) {
        made.action = directive::kind::jump;
        made.target = static_cast<std::size_t>(found - siblings.begin());
        return made;
    }
    const bool elsewhere = std::find(steps_.begin(), steps_.end(), *text) != steps_.end();
    std::vector<std::string> known = siblings;
    known.insert(known.end(), {"continue", "exit", "end"});
    at.problem(elsewhere ? "\"" + *text + "\" is in another list of tasks"
                         : "there is no task \"" + *text + "\" in this list",
               elsewhere ? "`then` cannot leave its list; use exit or end"
                         : expression::did_you_mean(*text, known));
    return made;
}

}  // namespace sluice::manifest
