// What a picklist offers, and the fields of a field map.
#include <set>
#include <utility>

#include "expression/expression.hpp"
#include "manifest/config_option.hpp"
#include "manifest/config_reader.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

std::optional<config_option> read_option(const cursor& at) {
    cursor value = at;
    if (at.content().is_object()) {
        at.refuse_unknown("an option", {"value", "label"});
        value = at.member("value");
        at.member("label").text("label");
        if (!value.exists()) {
            if (!value.is_mistyped()) at.problem("an option needs a `value`");
            return std::nullopt;
        }
    }
    base::result<config_option> made = option_of(at.content());
    if (made) return std::move(*made);
    value.problem(made.error_value().message);
    return std::nullopt;
}

// The config variables that a program, or any expression in `content`, reads.
void collect_needs_of(std::string_view program, std::set<std::string>& into) {
    const std::vector<std::string> variables = {"config", "instance"};
    const auto code = expression::compile(program, variables);
    if (!code) return;  // said where it is read
    for (const expression::member_use& use : expression::members_used(**code, "config"))
        into.insert(use.name);
}

void collect_needs(const json::value& content, std::set<std::string>& into) {
    if (content.is_string()) {
        const auto inside = expression_inside(content.as_string());
        if (inside) collect_needs_of(*inside, into);
        return;
    }
    const std::string target = content.string_or("$ref", "");
    if (target.starts_with("config.")) into.insert(target.substr(7));
    for (const json::value& item :
         content.is_array() ? content.items() : std::span<const json::value>())
        collect_needs(item, into);
    for (const json::member& each :
         content.is_object() ? content.members() : std::span<const json::member>())
        collect_needs(each.second, into);
}

config_source read_source(const cursor& at, reading& shared) {
    config_source made;
    if (!at.is_object("source")) return made;
    at.refuse_unknown("a source", {"call", "with", "as"});
    if (!at.member("call").exists()) {
        if (!at.member("call").is_mistyped()) {
            at.problem("a source needs the `call` that gives the options",
                       "for example call: github.listRepositories");
        }
        return made;
    }
    call_task call;
    task_reader reader(at.pointer().size(), shared);
    reader.read_call_of_config(at, call);
    made.as = reader.read_expression_of_config(at.member("as"));
    if (call.connector.empty() && !call.action.empty()) {
        at.member("call").problem(call.action + " gives no options",
                                  "call an action of a connector");
    }
    made.connector = std::move(call.connector);
    made.action = std::move(call.action);
    made.connection = std::move(call.connection);
    made.with = std::move(call.with);
    std::set<std::string> needs;
    if (at.member("with").exists()) collect_needs(at.member("with").content(), needs);
    if (at.member("as").content().is_string()) {
        const std::string& text = at.member("as").content().as_string();
        collect_needs_of(expression_inside(text).value_or(text), needs);
    }
    made.needs.assign(needs.begin(), needs.end());
    return made;
}

// Whether the options of `name` depend on its own value, maybe by way of others.
bool needs_itself(const integration& of, const std::string& name, const std::string& from,
                  std::set<std::string>& seen) {
    const auto declared = of.config.find(from);
    if (declared == of.config.end() || !declared->second.source) return false;
    for (const std::string& each : declared->second.source->needs) {
        if (each == name) return true;
        if (seen.insert(each).second && needs_itself(of, name, each, seen)) return true;
    }
    return false;
}

}  // namespace

void read_options(const cursor& at, config_declaration& into) {
    const cursor options = at.member("options");
    const bool from_source = at.member("source").exists();
    // What it calls is read when connectors and functions are known.
    if (from_source) into.source.emplace();
    if (options.exists() == from_source && !options.is_mistyped()) {
        at.problem(from_source ? "a picklist has `options` or a `source`, not both"
                               : "a picklist needs `options` or a `source`",
                   "for example options: [eu, us]");
    }
    if (!options.exists() || !options.is_array("options")) return;
    if (options.content().size() == 0) options.problem("there is nothing to choose");
    for (const cursor& each : options.items()) {
        std::optional<config_option> made = read_option(each);
        if (!made) continue;
        for (const config_option& before : into.options) {
            if (before.value == made->value) each.problem("this option is there twice");
        }
        into.options.push_back(std::move(*made));
    }
}

void read_fields(const cursor& at, config_declaration& into) {
    if (!at.exists() || !at.is_array("fields")) return;
    for (const cursor& each : at.items()) {
        config_field made;
        if (each.content().is_object()) {
            each.refuse_unknown("a field", {"name", "title", "description", "required"});
            made.name = each.member("name").text("name", true).value_or("");
            made.title = each.member("title").text("title").value_or("");
            made.description = each.member("description").text("description").value_or("");
            made.required = each.member("required").flag("required").value_or(false);
        } else {
            made.name = each.text("a field").value_or("");
        }
        for (const config_field& before : into.fields) {
            if (before.name == made.name) each.problem("this field is there twice");
        }
        if (!made.name.empty()) into.fields.push_back(std::move(made));
    }
}

void read_config_sources(const cursor& at, reading& shared, integration& into) {
    for (const cursor& each : at.members()) {
        const auto declared = into.config.find(each.name());
        if (declared == into.config.end() || !declared->second.source) continue;
        declared->second.source = read_source(each.member("source"), shared);
    }
    for (const cursor& each : at.members()) {
        std::set<std::string> seen;
        if (needs_itself(into, each.name(), each.name(), seen)) {
            each.member("source").key_problem("the options of " + each.name() +
                                              " depend on its own value");
        }
    }
}

}  // namespace sluice::manifest
