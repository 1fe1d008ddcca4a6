#include "manifest/task_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/schema_reader.hpp"

namespace sluice::manifest {
namespace {

// `for` has a `do` beside it.
constexpr std::array<std::string_view, 12> kinds = {
    "call", "set", "for", "do", "fork", "switch", "try", "raise", "wait", "emit", "listen", "run"};

constexpr std::string_view parts[] = {"if",       "input", "output", "export",  "timeout", "then",
                                      "metadata", "call",  "with",   "set",     "do",      "for",
                                      "while",    "fork",  "try",    "catch",   "switch",  "raise",
                                      "wait",     "emit",  "listen", "foreach", "run"};

std::vector<std::string> names_of(const cursor& list) {
    std::vector<std::string> names;
    for (const cursor& item : list.items()) {
        for (const cursor& each : item.members())
            names.push_back(each.name());
    }
    return names;
}

// Whether some member is nearly a kind. Then every unknown member is noted.
bool refuse_mistyped_kind(const cursor& task) {
    const std::vector<std::string> known(kinds.begin(), kinds.end());
    for (const cursor& each : task.members()) {
        const std::string name = each.name();
        if (std::find(std::begin(parts), std::end(parts), name) != std::end(parts)) continue;
        // `set:1` is a key of its own, as the space behind the colon is missing.
        if (expression::nearest(name.substr(0, name.find(':')), known).empty()) continue;
        task.refuse_all_but("a task", parts);
        return true;
    }
    return false;
}

}  // namespace

void task_reader::collect_steps(const json::value& list) {
    if (!list.is_array()) return;
    for (const json::value& item : list.items()) {
        if (!item.is_object()) continue;
        for (const json::member& each : item.members()) {
            steps_.push_back(each.first);
            collect_steps_of(each.second);
        }
    }
}

void task_reader::collect_steps_of(const json::value& task) {
    collect_steps(task.get("do"));
    collect_steps(task.get("try"));
    collect_steps(task.get("catch").get("do"));
    collect_steps(task.get("fork").get("branches"));
    collect_steps(task.get("foreach").get("do"));
}

std::string task_reader::reference(const cursor& at) const {
    return at.pointer().substr(root_length_);
}

expression_context task_reader::outside() const {
    expression_context context;
    context.references = !shared_.plain;
    context.loose = shared_.loose;
    context.variables = {"workflow", "runtime"};
    if (shared_.plain) return context;
    context.variables.insert(context.variables.end(), {"config", "instance", "trigger"});
    context.config = &shared_.of->config;
    return context;
}

expression_context task_reader::at_end() const {
    expression_context context = outside();
    context.variables.emplace_back("context");
    if (shared_.plain) return context;
    context.variables.insert(context.variables.end(), {"steps", "task"});
    context.steps = &steps_;
    return context;
}

expression_context task_reader::task_context(const cursor& at, const surroundings& around) const {
    expression_context context = at_end();
    if (shared_.plain) context.variables.emplace_back("task");
    context.uses = &uses_;
    context.place = reference(at);
    context.variables.insert(context.variables.end(), around.variables.begin(),
                             around.variables.end());
    return context;
}

task_list task_reader::read_list(const cursor& list, const std::vector<std::string>& variables,
                                 bool parallel) {
    task_list tasks;
    if (!list.is_array("a list of tasks")) return tasks;
    if (list.content().size() == 0 && !shared_.plain) {
        list.problem("a list of tasks cannot be empty");
    }
    const surroundings around{parallel ? std::vector<std::string>() : names_of(list), variables};
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
        tasks.push_back(read_task(named.front(), around));
    }
    return tasks;
}

void task_reader::check_name(const cursor& at) {
    if (shared_.plain) return;
    const std::string name = at.name();
    if (name == "continue" || name == "exit" || name == "end") {
        at.key_problem("a task cannot be called \"" + name + "\"", "`then` uses that word");
    }
    if (!seen_.insert(name).second) {
        sound_ = false;
        at.key_problem("there are two tasks \"" + name + "\" in this flow",
                       "$steps needs a name of its own for each");
    }
}

task task_reader::read_task(const cursor& at, const surroundings& around) {
    task made;
    made.name = at.name();
    made.reference = reference(at);
    made.where = at.key_where();
    made.definition = at.content();
    check_name(at);
    if (!at.is_object("the task " + made.name)) return made;
    const std::string kind = find_kind(at);
    if (kind.empty()) return made;
    read_common(at, around, made);
    read_body(at, kind, around, made);
    return made;
}

// Notes a problem and gives nothing unless the task has exactly one known kind.
std::string task_reader::find_kind(const cursor& at) const {
    std::vector<std::string> found;
    for (const std::string_view kind : kinds) {
        if (!at.member(kind).exists()) continue;
        if (kind == "do" && at.member("for").exists()) continue;
        found.emplace_back(kind);
    }
    if (found.size() == 1) return found.front();
    sound_ = false;
    if (found.empty()) {
        if (refuse_mistyped_kind(at)) return {};
        at.key_problem("the task \"" + at.name() + "\" says nothing to do",
                       "it needs one of call, set, do, for, fork, switch, try, raise, wait, emit, "
                       "listen, run");
        return {};
    }
    at.key_problem("the task \"" + at.name() + "\" is both " + found[0] + " and " + found[1],
                   "make two tasks of it");
    return {};
}

void task_reader::read_common(const cursor& at, const surroundings& around, task& into) {
    at.refuse_all_but("a task", parts);
    const expression_context before = task_context(at, around);
    const expression_context inside = before.with({"input"});
    const expression_context after =
        at.member("call").exists() ? with_proof(inside).at("/output") : inside.at("/output");
    // The specification offers $input here, too.
    into.condition = read_expression(at.member("if"), shared_.plain ? inside : before);
    const auto part = [&](std::string_view group, std::string_view field,
                          const expression_context& context,
                          std::shared_ptr<const json::schema>& schema) {
        const cursor both = at.member(group);
        if (!both.exists() || !both.is_object(group)) return std::optional<template_value>();
        both.refuse_unknown(group, {field, "schema"});
        schema = read_schema(both.member("schema"));
        return read_mapping(both.member(field), context);
    };
    into.input_from = part("input", "from", before, into.input_schema);
    into.output_as = part("output", "as", after, into.output_schema);
    into.export_as = part("export", "as", after.with({"output"}), into.export_schema);
    into.timeout = read_timeout(at.member("timeout"), shared_.use, inside);
    into.then = read_directive(at.member("then"), around.siblings);
    const cursor metadata = at.member("metadata");
    if (metadata.exists()) metadata.is_object("metadata");
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
    sound_ = false;
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
