// Calls: of connectors' actions, of functions of `use`, and of what the host has built in.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::string_view of_log[] = {"message", "level"};
constexpr std::string_view of_key[] = {"key", "scope"};
constexpr std::string_view of_put[] = {"key", "value", "scope"};
constexpr std::string_view of_swap[] = {"key", "expected", "value", "scope"};
constexpr std::string_view of_start[] = {"flow", "input", "key"};

struct built_in_function {
    std::string_view name;
    std::span<const std::string_view> input;
};
constexpr std::array<built_in_function, 6> built_in = {{{"log", of_log},
                                                        {"state.get", of_key},
                                                        {"state.put", of_put},
                                                        {"state.delete", of_key},
                                                        {"state.compareAndSet", of_swap},
                                                        {"flow.start", of_start}}};

struct refused_call {
    std::string_view name;
    std::string_view instead;
};
constexpr std::array<refused_call, 4> refused = {
    {{"grpc", "call an action of a connector that speaks it, or call: http"},
     {"asyncapi", "emit and listen to events, or call an action of a connector"},
     {"a2a", "call: http to the agent's own interface"},
     {"mcp", "call: http to the server's own interface"}}};

const built_in_function* find_built_in(std::string_view name) {
    for (const built_in_function& each : built_in) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

std::vector<std::string> built_in_names() {
    std::vector<std::string> all;
    for (const built_in_function& each : built_in)
        all.emplace_back(each.name);
    return all;
}

}  // namespace

void task_reader::read_call_body(const cursor& at, const expression_context& context, task& into) {
    const cursor name = at.member("call");
    const std::optional<std::string> function = name.text("call", true);
    if (!function) return;
    if (*function == "http") {
        into.body = read_http(at.member("with"), context);
    } else if (*function == "openapi") {
        into.body = read_openapi(at.member("with"), context);
    } else if (shared_.use.functions.find(*function) != shared_.use.functions.end()) {
        function_task made;
        made.function = *function;
        const cursor with = at.member("with");
        if (with.exists() && (with.content().is_string() || with.is_object("with"))) {
            made.with = read_template(with, context);
        }
        made.body = read_function_body(name, *function);
        into.body = std::move(made);
    } else {
        call_task call;
        read_call(at, context, call);
        check_builtin(at, call);
        into.body = std::move(call);
    }
}

void task_reader::read_call(const cursor& at, const expression_context& context, call_task& into) {
    read_function(at.member("call"), into);
    const cursor with = at.member("with");
    if (!with.exists()) {
        into.with = template_value::literal(json::value::object());
    } else if (with.is_object("with")) {
        read_arguments(with, context, into);
    }
    // Of a connector that the manifest does not name there is nothing more to say.
    if (shared_.of->connectors.find(into.connector) == shared_.of->connectors.end()) return;
    shared_.calls.push_back({at, into.connector, into.action, into.connection, false});
}

void task_reader::read_verifier(const cursor& at, call_task& into) {
    const std::size_t before = shared_.calls.size();
    read_call(at, outside(), into);
    if (shared_.calls.size() > before) shared_.calls.back().verifies = true;
}

void task_reader::read_call_of_trigger(const cursor& at, task& into) {
    read_call_body(at, outside(), into);
}

void task_reader::read_call_of_config(const cursor& at, call_task& into) {
    expression_context context = outside();
    context.variables = {"config", "instance"};
    read_call(at, context, into);
}

std::optional<template_value> task_reader::read_expression_of_config(const cursor& at) const {
    expression_context context = outside();
    context.variables = {"config", "instance"};
    return read_expression(at, context);
}

void task_reader::read_arguments(const cursor& with, const expression_context& context,
                                 call_task& into) {
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
    for (const refused_call& each : refused) {
        if (*text != each.name) continue;
        return at.problem("call: " + *text + " is not supported", std::string(each.instead));
    }
    std::vector<std::string> functions = {"http", "openapi"};
    for (const auto& [name, ignored] : shared_.use.functions)
        functions.push_back(name);
    if (text->find("://") != std::string::npos || text->find('@') != std::string::npos) {
        return at.problem("functions are not fetched from elsewhere",
                          "declare the function below `use: functions:`");
    }
    if (shared_.plain) {
        return at.problem("there is no function \"" + *text +
                              "\"; a document of the specification "
                              "calls http, openapi and its own functions",
                          expression::did_you_mean(*text, functions));
    }
    if (find_built_in(*text) != nullptr) {
        into.action = *text;
        return;
    }
    const std::size_t dot = text->find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text->size()) {
        const std::vector<std::string> own = built_in_names();
        functions.insert(functions.end(), own.begin(), own.end());
        const std::string near = expression::nearest(*text, functions);
        // What was meant is used, too.
        if (!near.empty()) shared_.use.used.insert("functions/" + near);
        return at.problem("\"" + *text + "\" is not a function",
                          near.empty() ? "write connector.action, or http, openapi, log, state.get,"
                                         " state.put, state.delete, state.compareAndSet, flow.start"
                                       : "did you mean \"" + near + "\"?");
    }
    into.connector = text->substr(0, dot);
    into.action = text->substr(dot + 1);
    if (shared_.of->connectors.find(into.connector) != shared_.of->connectors.end()) return;
    const std::vector<std::string> own = built_in_names();
    std::string hint = into.connector == "state" || into.connector == "flow"
                           ? expression::nearest(*text, own)
                           : "";
    std::vector<std::string> known;
    for (const auto& [name, ignored] : shared_.of->connectors)
        known.push_back(name);
    if (hint.empty()) hint = expression::nearest(into.connector, known);
    at.problem("the connector \"" + into.connector + "\" is not among the manifest's connectors",
               hint.empty() ? "add it to `connectors`" : "did you mean \"" + hint + "\"?");
}

void task_reader::read_connection(const cursor& with, call_task& into) const {
    const cursor at = with.member("connection");
    const std::optional<std::string> name = at.text("connection", true);
    if (!name) return;
    const auto found = shared_.of->connections.find(*name);
    if (found == shared_.of->connections.end()) {
        std::vector<std::string> known;
        for (const auto& [each, ignored] : shared_.of->connections)
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

// What a built-in function must be given.
void task_reader::check_builtin(const cursor& at, const call_task& call) const {
    if (!call.connector.empty() || call.action.empty()) return;
    const cursor with = at.member("with");
    if (with.exists() && !with.content().is_object()) return;
    if (const built_in_function* const function = find_built_in(call.action)) {
        with.refuse_all_but(call.action, function->input);
    }
    const auto need = [&](std::string_view name) {
        if (with.member(name).exists()) return true;
        if (with.is_mistyped() || with.member(name).is_mistyped()) return false;
        (with.exists() ? with : at).problem(call.action + " needs `" + std::string(name) + "`");
        return false;
    };
    if (call.action == "log") {
        need("message");
        const cursor level = with.member("level");
        const bool computed =
            level.content().is_string() && level.content().as_string().starts_with("${");
        if (!computed) level.one_of("level", {"debug", "info", "warning", "error"});
        return;
    }
    if (call.action == "flow.start") {
        if (!need("flow")) return;
        const cursor flow = with.member("flow");
        const std::optional<std::string> name = flow.text("flow", true);
        if (!name || name->find("${") != std::string::npos) return;
        const auto found = shared_.triggers.find(*name);
        if (found == shared_.triggers.end()) {
            flow.problem("there is no flow \"" + *name + "\" in this integration",
                         flow_hint(*name, shared_));
        } else if (found->second != "call") {
            flow.problem("the flow \"" + *name + "\" is not started by others",
                         "give it trigger: { call: {} }");
        }
        return;
    }
    need("key");
    if (call.action == "state.put") need("value");
    const cursor scope = with.member("scope");
    const bool computed =
        scope.content().is_string() && scope.content().as_string().starts_with("${");
    if (!computed) scope.one_of("scope", {"flow", "instance", "integration"});
}

}  // namespace sluice::manifest
