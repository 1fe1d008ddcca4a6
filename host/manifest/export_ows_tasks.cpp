#include "manifest/export_ows_tasks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "json/text.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 7> expression_fields = {
    "if", "when", "exceptWhen", "while", "from", "as", "until"};
// Lists of tasks, below a task or one of its parts.
constexpr std::array<std::string_view, 3> list_fields = {"do", "try", "branches"};
// Parts of a task that have such fields themselves.
constexpr std::array<std::string_view, 7> part_fields = {"input", "output",  "export", "catch",
                                                         "fork",  "foreach", "retry"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// `one`, `any`, `all` with their filters.
json::value export_strategy(const json::value& strategy) {
    if (strategy.is_array()) {
        std::vector<json::value> out;
        for (const json::value& each : strategy.items())
            out.push_back(export_strategy(each));
        return json::value::array(std::move(out));
    }
    if (!strategy.is_object()) return strategy;
    std::vector<json::member> out;
    for (const auto& [name, content] : strategy.members()) {
        const bool text = content.is_string();
        if (text && (name == "until" || name == "from" || name == "expect")) {
            out.emplace_back(name, export_expression(content));
        } else {
            out.emplace_back(name, name == "with" ? content : export_strategy(content));
        }
    }
    return json::value::object(std::move(out));
}

}  // namespace

bool holds_expression(const json::value& content) {
    if (content.is_string()) return expression_inside(content.as_string()).has_value();
    if (!content.is_object()) return false;
    return std::any_of(content.members().begin(), content.members().end(),
                       [](const json::member& each) { return holds_expression(each.second); });
}

namespace {

json::value export_run(const json::value& run, export_notes& notes) {
    json::value out = run;
    json::value workflow = run.get("workflow");
    if (!workflow.get("name").is_string()) return out;
    workflow.set("name", notes.name_of_flow(workflow.get("name").as_string()));
    // We know them without; the specification does not.
    if (workflow.find("namespace") == nullptr) workflow.set("namespace", notes.name_space);
    if (workflow.find("version") == nullptr) workflow.set("version", "latest");
    out.set("workflow", std::move(workflow));
    return out;
}

}  // namespace

json::value export_error(const json::value& error) {
    json::value out = error;
    const json::value& type = error.get("type");
    if (type.is_string() && !expression_inside(type.as_string()) &&
        type.as_string().find("://") == std::string::npos) {
        out.set("type", "${ " + json::to_text(type) + " }");
    }
    return out;
}

namespace {

// The source that the host fills in; the specification asks for one.
json::value export_emit(const json::value& emit, const export_notes& notes) {
    json::value with = emit.get("event").get("with");
    if (!with.is_object() || with.find("source") != nullptr) return emit;
    with.set("source", "${ " + json::to_text(json::value(notes.event_source)) + " }");
    json::value event = emit.get("event");
    event.set("with", std::move(with));
    json::value out = emit;
    out.set("event", std::move(event));
    return out;
}

// { in, each, at } of a loop.
json::value export_for(const json::value& loop) {
    json::value out = loop;
    if (loop.get("in").is_string()) out.set("in", export_expression(loop.get("in")));
    return out;
}

}  // namespace

json::value export_expression(const json::value& text) {
    if (!text.is_string() || expression_inside(text.as_string())) return text;
    return json::value("${ " + text.as_string() + " }");
}

json::value export_references(const json::value& content, export_notes& notes) {
    if (content.is_array()) {
        std::vector<json::value> out;
        for (const json::value& each : content.items())
            out.push_back(export_references(each, notes));
        return json::value::array(std::move(out));
    }
    if (!content.is_object()) return content;
    const json::value& target = content.get("$ref");
    constexpr std::string_view prefix = "config.";
    if (content.size() == 1 && target.is_string() && target.as_string().starts_with(prefix)) {
        const std::string name = target.as_string().substr(prefix.size());
        const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '_';
        });
        const std::string member = plain ? "." + name : "[\"" + name + "\"]";
        if (!notes.is_secret(name)) return json::value("${ $config" + member + " }");
        notes.secrets.insert(name);
        return json::value("${ $secrets" + member + " }");
    }
    std::vector<json::member> out;
    for (const auto& [name, member] : content.members())
        out.emplace_back(name, export_references(member, notes));
    return json::value::object(std::move(out));
}

json::value export_tasks(const json::value& list, export_notes& notes) {
    std::vector<json::value> out;
    for (const json::value& item : list.items()) {
        std::vector<json::member> named;
        for (const auto& [name, task] : item.members())
            named.emplace_back(name, export_task(task, notes));
        out.push_back(json::value::object(std::move(named)));
    }
    return json::value::array(std::move(out));
}

json::value export_task(const json::value& task, export_notes& notes) {
    if (!task.is_object()) return task;
    std::vector<json::member> out;
    for (const auto& [name, content] : task.members()) {
        json::value made = content;
        if (is_one_of(expression_fields, name)) {
            made = export_expression(content);
        } else if (is_one_of(list_fields, name) && content.is_array()) {
            made = export_tasks(content, notes);
        } else if (is_one_of(part_fields, name)) {
            made = export_task(content, notes);
            // Not an expression here but the name of a variable.
            if (name == "catch" && content.find("as") != nullptr) made.set("as", content.get("as"));
            notes.ways_of_catch |= name == "catch" && content.find("then") != nullptr;
        } else if (name == "switch" && content.is_array()) {
            made = export_tasks(content, notes);  // cases have names, too
        } else if (name == "for") {
            made = export_for(content);
        } else if (name == "listen") {
            made.set("to", export_strategy(content.get("to")));
        } else if (name == "emit") {
            made = export_emit(content, notes);
        } else if (name == "raise" && content.get("error").is_object()) {
            made.set("error", export_error(content.get("error")));
        } else if (name == "run") {
            made = export_run(content, notes);
        } else if (name == "with") {
            made = export_references(content, notes);
            const json::value& flow = made.get("flow");
            if (task.get("call") == json::value("flow.start") && flow.is_string()) {
                made.set("flow", notes.name_of_flow(flow.as_string()));
            }
        } else if (name == "call" && content.is_string()) {
            const std::string& function = content.as_string();
            const bool known =
                function == "http" || function == "openapi" || notes.is_own_function(function);
            if (!known) notes.functions.insert(function);
        } else if (name == "wait" || name == "timeout") {
            notes.computed_durations |= holds_expression(content);
        }
        out.emplace_back(name, std::move(made));
    }
    return json::value::object(std::move(out));
}

}  // namespace sluice::manifest
