// Tasks that choose or repeat: for, switch.
#include <algorithm>
#include <array>
#include <utility>

#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 11> reserved = {
    "config",   "instance", "steps", "trigger", "context",      "task",
    "workflow", "runtime",  "input", "output",  "authorization"};

bool is_variable(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string task_reader::read_variable(const cursor& at, std::string_view what,
                                       std::string_view otherwise) const {
    const std::optional<std::string> name = at.text(what);
    if (!name) return std::string(otherwise);
    if (!is_variable(*name)) {
        at.problem("\"" + *name + "\" is not a name for a variable",
                   "use letters, digits and _, without $");
        return std::string(otherwise);
    }
    const bool taken = std::find(reserved.begin(), reserved.end(), *name) != reserved.end();
    if (taken && !shared_.plain) {
        at.problem("$" + *name + " already means something else", "choose another name");
    }
    return *name;
}

for_task task_reader::read_for(const cursor& at, const surroundings& around) {
    for_task made;
    const cursor loop = at.member("for");
    std::vector<std::string> inner = around.variables;
    const expression_context outer = task_context(at, around).with({"input"});
    if (loop.is_object("for")) {
        loop.refuse_unknown("for", {"each", "in", "at"});
        made.item_name = read_variable(loop.member("each"), "each", made.item_name);
        made.index_name = read_variable(loop.member("at"), "at", made.index_name);
        if (made.item_name == made.index_name) {
            loop.problem("`each` and `at` of a loop are two variables", "give them two names");
        }
        const cursor in = loop.member("in");
        if (in.content().is_array()) {
            made.in = read_template(in, outer);
        } else if (!in.exists()) {
            loop.problem("for needs `in`", "an expression that gives a list: in: ${ .items }");
        } else {
            made.in = read_expression(in, outer).value_or(template_value());
        }
    }
    inner.push_back(made.item_name);
    inner.push_back(made.index_name);
    const expression_context each_round =
        task_context(at, {{}, inner}).with({"input"}).at("/while");
    made.while_holds = read_expression(at.member("while"), each_round);
    if (!at.member("do").exists()) {
        at.key_problem("the loop \"" + at.name() + "\" has no `do`",
                       "its tasks stand in `do` beside `for`");
    } else {
        made.tasks = read_list(at.member("do"), inner);
    }
    return made;
}

switch_task task_reader::read_switch(const cursor& at, const surroundings& around) {
    switch_task made;
    if (!at.is_array("switch")) return made;
    bool has_default = false;
    expression_context context = task_context(at, around).with({"input"});
    context.place.resize(context.place.size() - std::string_view("/switch").size());
    for (const cursor& item : at.items()) {
        if (!item.is_object("a case")) continue;
        if (item.content().size() != 1) {
            item.problem("each case of a switch has one name",
                         "write - name: { when: ..., then: ... }");
            continue;
        }
        const cursor each = item.members().front();
        if (!each.is_object("a case")) continue;
        each.refuse_unknown("a case", {"when", "then"});
        switch_case one;
        one.name = each.name();
        one.when = read_expression(each.member("when"), context);
        one.then = read_directive(each.member("then"), around.siblings);
        if (!each.member("then").exists() && !shared_.plain) {
            each.key_problem("the case \"" + one.name + "\" needs `then`",
                             "the name of a task of this list, continue, exit or end");
        }
        if (!each.member("when").exists()) {
            if (has_default) each.key_problem("a switch has one case without `when` at most");
            has_default = true;
        }
        made.cases.push_back(std::move(one));
    }
    if (made.cases.empty()) at.problem("a switch needs a case");
    return made;
}

}  // namespace sluice::manifest
