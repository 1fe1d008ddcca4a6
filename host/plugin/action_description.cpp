#include "plugin/action_description.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "plugin/action_flags.hpp"

namespace sluice::plugin {

namespace {

using json::value;

constexpr std::array error_codes = {base::error_code::invalid_input, base::error_code::auth,
                                    base::error_code::not_found,     base::error_code::conflict,
                                    base::error_code::rate_limited,  base::error_code::unavailable,
                                    base::error_code::timeout,       base::error_code::cancelled,
                                    base::error_code::unsupported,   base::error_code::internal};

constexpr std::pair<std::string_view, bool action_description::*> flags[] = {
    {"blocking", &action_description::blocking},
    {"idempotent", &action_description::idempotent},
    {"verifier", &action_description::verifier},
    {"handshake", &action_description::handshake},
    {"pages", &action_description::pages}};

connection_need read_need(descriptor_checker& check, const value& action, const std::string& key) {
    const std::string text = check.text(action, "connection", key, false);
    if (text == "required") return connection_need::required;
    if (text == "optional") return connection_need::optional;
    if (!text.empty() && text != "none") check.fail(key, "`none`, `optional` or `required`");
    return connection_need::none;
}

void read_flags(descriptor_checker& check, const value& content, const std::string& key,
                action_description& action) {
    for (const std::string& text : check.texts(content, "flags", key + ".flags")) {
        // Others are from a later minor version: they promise more than this host asks for.
        for (const auto& [name, member] : flags) {
            if (text == name) action.*member = true;
        }
    }
    if (action.handshake && !action.verifier) {
        check.fail(key + ".flags", "with `verifier` beside `handshake`");
    }
}

void check_pages(descriptor_checker& check, const std::string& key,
                 const action_description& action) {
    if (!action.pages) return;
    if (!action.input_schema.get("properties").get("cursor").is_object()) {
        check.fail(key + ".input", "a schema with the property `cursor` beside the flag `pages`");
    }
    const value& output = action.output_schema.get("properties");
    if (output.get("items").string_or("type", "") != "array" || output.find("cursor") == nullptr ||
        output.find("more") == nullptr) {
        check.fail(key + ".output",
                   "a schema with an array `items`, `cursor` and `more` beside the flag `pages`");
    }
}

std::vector<error_description> read_errors(descriptor_checker& check, const value& content,
                                           const std::string& key) {
    std::vector<error_description> errors;
    const value* const found = content.find("errors");
    if (found == nullptr) return errors;
    if (!found->is_array()) return check.fail(key + ".errors", "a list"), errors;
    for (const value& item : found->items()) {
        if (!item.is_object()) return check.fail(key + ".errors", "a list of objects"), errors;
        const std::string name = check.text(item, "code", key + ".errors.code", true);
        const auto code = std::ranges::find_if(
            error_codes, [&](base::error_code one) { return base::to_string(one) == name; });
        const std::string when = check.text(item, "when", key + ".errors.when", true);
        // Other names are from a later minor version.
        if (code != error_codes.end()) errors.push_back({*code, when});
    }
    return errors;
}

}  // namespace

bool is_descriptor_name(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
           std::ranges::all_of(text,
                               [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_known_flag(std::string_view flag) {
    return std::ranges::any_of(flags, [&](const auto& one) { return one.first == flag; });
}

action_description read_action(descriptor_checker& check, const std::string& id,
                               const value& content) {
    const std::string key = "actions." + id;
    action_description action;
    action.id = id;
    if (!is_descriptor_name(id)) check.fail(key, "named [a-zA-Z][a-zA-Z0-9]{0,63}");
    if (!content.is_object()) check.fail(key, "an object");
    action.title = check.text(content, "title", key + ".title", true);
    action.description = check.text(content, "description", key + ".description", false);
    action.connection = read_need(check, content, key + ".connection");
    action.input_schema = check.object(content, "input", key + ".input");
    action.output_schema = check.object(content, "output", key + ".output");
    read_flags(check, content, key, action);
    check_pages(check, key, action);
    action.errors = read_errors(check, content, key);
    return action;
}

}  // namespace sluice::plugin
