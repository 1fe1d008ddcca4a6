// What belongs to one kind of task.
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {

void task_reader::read_body(const cursor& at, const std::string& kind,
                            const std::vector<std::string>& siblings,
                            const std::vector<std::string>& extra, task& into) {
    const expression_context inside = task_context(extra).with({"input"});
    if (kind != "call" && at.member("with").exists()) {
        at.member("with").key_problem("only a call has `with`");
    }
    if (kind != "try" && at.member("catch").exists()) {
        at.member("catch").key_problem("only a try has `catch`");
    }
    if (kind == "call") {
        call_task call;
        read_call(at, inside, call);
        into.body = std::move(call);
    } else if (kind == "set") {
        into.body = set_task{read_template(at.member("set"), inside)};
    } else if (kind == "do") {
        into.body = do_task{read_list(at.member("do"), extra)};
    } else if (kind == "try") {
        into.body = read_try(at, siblings, extra);
    } else if (kind == "switch") {
        into.body = read_switch(at.member("switch"), siblings, extra);
    } else {
        const cursor raise = at.member("raise");
        if (!raise.is_object("raise")) return;
        raise.refuse_unknown("raise", {"error"});
        if (!raise.member("error").exists()) return raise.problem("raise needs an `error`");
        if (auto error = read_error(raise.member("error"), use_, inside)) {
            into.body = raise_task{std::move(*error)};
        }
    }
}

try_task task_reader::read_try(const cursor& at, const std::vector<std::string>& siblings,
                               const std::vector<std::string>& extra) {
    try_task made;
    made.tasks = read_list(at.member("try"), extra);
    const cursor handler = at.member("catch");
    if (!handler.exists()) {
        at.key_problem("the try \"" + at.name() + "\" has no `catch`",
                       "catch: {} takes every error");
    } else if (handler.is_object("catch")) {
        read_catch(handler, siblings, extra, made);
    }
    return made;
}

void task_reader::read_catch(const cursor& at, const std::vector<std::string>& siblings,
                             const std::vector<std::string>& extra, try_task& into) {
    at.refuse_unknown("catch", {"errors", "as", "when", "exceptWhen", "retry", "do", "then"});
    const cursor errors = at.member("errors");
    if (errors.exists() && errors.is_object("errors")) {
        errors.refuse_unknown("errors", {"with"});
        const cursor with = errors.member("with");
        if (with.exists() && with.is_object("with")) {
            with.refuse_unknown("with", {"type", "status", "instance", "title", "detail"});
            into.filter.type = with.member("type").text("type");
            into.filter.status = with.member("status").whole_number("status");
            into.filter.instance = with.member("instance").text("instance");
            into.filter.title = with.member("title").text("title");
            into.filter.detail = with.member("detail").text("detail");
        }
    }
    into.error_name = at.member("as").text("as").value_or("error");
    std::vector<std::string> inner = extra;
    inner.push_back("error");
    if (into.error_name != "error") inner.push_back(into.error_name);
    const expression_context context = task_context(inner).with({"input"});
    into.when = read_expression(at.member("when"), context);
    into.except_when = read_expression(at.member("exceptWhen"), context);
    into.retry = read_retry(at.member("retry"), use_, context);
    if (at.member("do").exists()) into.handler = read_list(at.member("do"), inner);
    into.then = read_directive(at.member("then"), siblings);
}

switch_task task_reader::read_switch(const cursor& at, const std::vector<std::string>& siblings,
                                     const std::vector<std::string>& extra) const {
    switch_task made;
    if (!at.is_array("switch")) return made;
    bool has_default = false;
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
        one.when = read_expression(each.member("when"), task_context(extra).with({"input"}));
        one.then = read_directive(each.member("then"), siblings);
        if (!each.member("when").exists()) {
            if (has_default) each.key_problem("a switch has one case without `when` at most");
            has_default = true;
        }
        made.cases.push_back(std::move(one));
    }
    if (made.cases.empty()) at.problem("a switch needs a case");
    return made;
}

void task_reader::read_call(const cursor& at, const expression_context& context,
                            call_task& into) const {
    read_function(at.member("call"), into);
    const cursor with = at.member("with");
    if (!with.exists()) {
        into.with = template_value::literal(json::value::object());
        return;
    }
    if (!with.is_object("with")) return;
    std::vector<std::pair<std::string, template_value>> members;
    for (const cursor& each : with.members()) {
        if (each.name() == "connection" && !into.connector.empty()) {
            read_connection(with, into);
        } else {
            members.emplace_back(each.name(), read_template(each, context, true));
        }
    }
    into.with = template_value::object(std::move(members));
}

void task_reader::read_function(const cursor& at, call_task& into) const {
    const std::optional<std::string> text = at.text("call", true);
    if (!text) return;
    into.function = *text;
    for (const std::string_view known : {"log", "state.get", "state.put", "state.delete"}) {
        if (*text == known) {
            into.action = *text;
            return;
        }
    }
    for (const std::string_view later : {"http", "openapi", "grpc", "asyncapi", "a2a", "mcp",
                                         "flow.start", "state.compareAndSet"}) {
        if (*text == later) {
            return at.problem("call: " + *text + " is not supported yet",
                              "call an action of a connector");
        }
    }
    const std::size_t dot = text->find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text->size()) {
        return at.problem("\"" + *text + "\" is not a function",
                          "write connector.action, or log, state.get, state.put, state.delete");
    }
    into.connector = text->substr(0, dot);
    into.action = text->substr(dot + 1);
    if (of_.connectors.find(into.connector) != of_.connectors.end()) return;
    std::vector<std::string> known;
    for (const auto& [name, ignored] : of_.connectors)
        known.push_back(name);
    std::string hint = expression::nearest(into.connector, known);
    at.problem("the connector \"" + into.connector + "\" is not among the manifest's connectors",
               hint.empty() ? "add it to `connectors`" : "did you mean \"" + hint + "\"?");
}

void task_reader::read_connection(const cursor& with, call_task& into) const {
    const cursor at = with.member("connection");
    const std::optional<std::string> name = at.text("connection", true);
    if (!name) return;
    const auto found = of_.connections.find(*name);
    if (found == of_.connections.end()) {
        std::vector<std::string> known;
        for (const auto& [each, ignored] : of_.connections)
            known.push_back(each);
        return at.problem("there is no connection \"" + *name + "\"",
                          expression::did_you_mean(*name, known));
    }
    if (found->second.connector != into.connector) {
        return at.problem("the connection \"" + *name + "\" is one of " + found->second.connector +
                          ", not of " + into.connector);
    }
    into.connection = *name;
}

}  // namespace sluice::manifest
