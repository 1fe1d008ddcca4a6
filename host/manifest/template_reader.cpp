#include "manifest/template_reader.hpp"

#include <utility>

#include "expression/suggestion.hpp"

namespace sluice::manifest {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t from = text.find_first_not_of(blanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::string_view line_of(std::string_view text, int number) {
    for (int at = 1; at < number; ++at) {
        const std::size_t end = text.find('\n');
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

// Where line and column of an expression stand in the file: its line is searched from the value's
// place on, because quoting and folding move it. The value's own place when it is not found.
base::source_position place_in_file(const cursor& at, std::string_view expression, int line,
                                    int column) {
    base::source_position where = at.where();
    const std::string_view full = line_of(expression, line);
    const std::string_view wanted = trimmed(full);
    if (wanted.empty() || where.line == 0) return where;
    const auto indent = static_cast<int>(full.find_first_not_of(" \t\r"));
    for (int number = where.line; number <= where.line + line + 1; ++number) {
        const std::string_view candidate = at.source().line(number);
        const std::size_t from =
            number == where.line ? static_cast<std::size_t>(where.column) - 1 : 0;
        const std::size_t found = candidate.find(wanted, from);
        if (found == std::string_view::npos) continue;
        where.line = number;
        where.column = static_cast<int>(found) + column - indent;
        return where;
    }
    return where;
}

void check_config(const cursor& at, const expression::program& code,
                  const expression_context& context) {
    if (context.config == nullptr) return;
    for (const expression::member_use& use : expression::members_used(code, "config")) {
        const auto declared = context.config->find(use.name);
        const base::source_position where = place_in_file(at, code.text(), use.line, use.column);
        if (declared == context.config->end()) {
            std::vector<std::string> known;
            for (const auto& [name, ignored] : *context.config)
                known.push_back(name);
            at.problem_at(where, "config has no \"" + use.name + "\"",
                          expression::did_you_mean(use.name, known));
        } else if (declared->second.secret()) {
            at.problem_at(where,
                          "config." + use.name + " is a secret and cannot be read by an expression",
                          "pass it as { $ref: config." + use.name + " } in `with`");
        }
    }
}

void check_steps(const cursor& at, const expression::program& code,
                 const expression_context& context) {
    if (context.steps == nullptr) return;
    for (const expression::member_use& use : expression::members_used(code, "steps")) {
        bool known = false;
        for (const std::string& name : *context.steps)
            known = known || name == use.name;
        const base::source_position where = place_in_file(at, code.text(), use.line, use.column);
        if (known) {
            if (context.uses != nullptr) context.uses->push_back({use.name, context.place, where});
            continue;
        }
        at.problem_at(where, "this flow has no task \"" + use.name + "\"",
                      expression::did_you_mean(use.name, *context.steps));
    }
}

std::optional<template_value> compile_at(const cursor& at, std::string_view text,
                                         const expression_context& context) {
    auto code = expression::compile(text, context.variables);
    if (!code) {
        base::error& failure = code.error_value();
        std::string hint = failure.hint;
        if (text.find("${") != std::string_view::npos) {
            hint = "for text around expressions write one expression: ${ \"a \\(.b) c\" }";
        } else if (failure.message.find("$secrets") != std::string::npos) {
            hint = context.references ? "secrets are passed as { $ref: config.name } in `with`"
                                      : "an authentication names a secret: bearer: { use: name }";
        }
        if (text == "yes" || text == "no" || text == "on" || text == "off") {
            hint = "write true or false; " + std::string(text) + " is text";
        }
        const int line = failure.where ? failure.where->line : 1;
        const int column = failure.where ? failure.where->column : 1;
        at.problem_at(place_in_file(at, text, line, column), failure.message, hint);
        return std::nullopt;
    }
    check_config(at, **code, context);
    check_steps(at, **code, context);
    return template_value::expression(std::move(*code), at.where());
}

template_value read_reference(const cursor& at, const expression_context& context, bool allowed) {
    const cursor target = at.member("$ref");
    const std::optional<std::string> text = target.text("a reference", true);
    if (!text) return {};
    if (!allowed) {
        at.problem("a reference cannot be used here",
                   "references to secrets belong in the `with` of a call");
        return {};
    }
    if (at.content().size() != 1 || !text->starts_with("config.")) {
        target.problem("a reference must have the form { $ref: config.name }");
        return {};
    }
    std::string name = text->substr(7);
    if (context.config != nullptr && context.config->find(name) == context.config->end()) {
        std::vector<std::string> known;
        for (const auto& [each, ignored] : *context.config)
            known.push_back(each);
        target.problem("config has no \"" + name + "\"", expression::did_you_mean(name, known));
    }
    return template_value::reference(std::move(name));
}

}  // namespace

std::optional<std::string_view> expression_inside(std::string_view text) {
    const std::string_view whole = trimmed(text);
    if (!whole.starts_with("${") || !whole.ends_with("}")) return std::nullopt;
    return whole.substr(2, whole.size() - 3);
}

expression_context expression_context::with(std::initializer_list<std::string> more) const {
    expression_context wider = *this;
    wider.variables.insert(wider.variables.end(), more.begin(), more.end());
    return wider;
}

expression_context expression_context::at(std::string_view part) const {
    expression_context moved = *this;
    moved.place += part;
    return moved;
}

std::optional<template_value> read_expression(const cursor& at, const expression_context& context) {
    if (!at.exists()) return std::nullopt;
    if (at.content().is_bool()) return template_value::literal(at.content());
    const std::optional<std::string> text = at.text("an expression", true);
    if (!text) return std::nullopt;
    return compile_at(at, expression_inside(*text).value_or(*text), context);
}

template_value read_template(const cursor& at, const expression_context& context, bool references) {
    const json::value& content = at.content();
    if (content.is_string()) {
        if (const auto inside = expression_inside(content.as_string())) {
            return compile_at(at, *inside, context).value_or(template_value());
        }
        if (context.loose) {
            auto code = expression::compile(content.as_string(), context.variables);
            return code ? template_value::expression(std::move(*code), at.where(),
                                                     content.as_string())
                        : template_value::literal(content);
        }
        const std::string_view whole = trimmed(content.as_string());
        if (whole.starts_with("${") && whole.find('}') == std::string_view::npos) {
            // " #" begins a comment, and the rest of the expression is gone.
            const std::string_view line = at.source().line(at.where().line);
            const bool cut = line.find(" #", static_cast<std::size_t>(at.where().column)) !=
                             std::string_view::npos;
            at.problem("the expression is not closed",
                       cut ? "\" #\" begins a comment: put quotes around the whole expression"
                           : "put } at its end");
            return {};
        }
        if (whole.find("${") != std::string_view::npos) {
            at.warning("${ } inside longer text is not evaluated",
                       "write one expression: ${ \"text \\(.field)\" }");
        }
        return template_value::literal(content);
    }
    if (content.is_array()) {
        std::vector<template_value> items;
        for (const cursor& item : at.items()) {
            items.push_back(read_template(item, context, references));
        }
        return template_value::array(std::move(items));
    }
    if (!content.is_object()) return template_value::literal(content);
    if (context.references && content.find("$ref") != nullptr)
        return read_reference(at, context, references);
    std::vector<std::pair<std::string, template_value>> members;
    for (const cursor& each : at.members()) {
        members.emplace_back(each.name(), read_template(each, context, references));
    }
    return template_value::object(std::move(members));
}

std::optional<template_value> read_mapping(const cursor& at, const expression_context& context) {
    if (!at.exists()) return std::nullopt;
    if (at.content().is_object()) return read_template(at, context);
    return read_expression(at, context);
}

}  // namespace sluice::manifest
