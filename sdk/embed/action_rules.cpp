#include "action_rules.hpp"

#include "schema_rules.hpp"

namespace sluice::embed {
namespace {

bool has_flag(const json& action, const char* flag) {
    for (const json& each : action["flags"].items()) {
        if (each == json(flag)) return true;
    }
    return false;
}

void check_flags(rule_checker& rules, const json& action, const std::string& path) {
    const json* flags = rules.array(action, path, "flags");
    if (flags == nullptr) return;
    for (std::size_t i = 0; i < flags->size(); ++i) {
        rules.one_of((*flags)[i], below(below(path, "flags"), i),
                     {"blocking", "idempotent", "verifier", "handshake", "pages"});
    }
    if (has_flag(action, "handshake") && !has_flag(action, "verifier")) {
        rules.refuse(below(path, "flags"), "'handshake' stands beside 'verifier' only");
    }
}

// What asks for the next page and what brings one must be there for a trigger to use it.
void check_pages(rule_checker& rules, const json& action, const std::string& path) {
    if (!has_flag(action, "pages")) return;
    if (!action["input"]["properties"].contains("cursor")) {
        rules.refuse(below(path, "input"), "with the flag 'pages' it has the property 'cursor'");
    }
    const json& output = action["output"]["properties"];
    for (const char* key : {"items", "cursor", "more"}) {
        if (output.contains(key)) continue;
        rules.refuse(below(path, "output"),
                     "with the flag 'pages' it has the property '" + std::string(key) + "'");
    }
    if (output.contains("items") && output["items"]["type"] != json("array")) {
        rules.refuse(below(path, "output"), "with the flag 'pages' its 'items' are an array");
    }
}

void check_errors(rule_checker& rules, const json& action, const std::string& path) {
    const json* errors = rules.array(action, path, "errors");
    if (errors == nullptr) return;
    for (std::size_t i = 0; i < errors->size(); ++i) {
        const json& error = (*errors)[i];
        const std::string at = below(below(path, "errors"), i);
        if (!error.is_object()) {
            rules.refuse(at, "must be an object with 'code' and 'when'");
            continue;
        }
        rules.only_known_keys(error, at, {"code", "when"});
        if (const json* code = rules.string(error, at, "code", true)) {
            rules.one_of(*code, below(at, "code"),
                         {"invalid_input", "auth", "not_found", "conflict", "rate_limited",
                          "unavailable", "timeout", "cancelled", "unsupported", "internal"});
        }
        rules.string(error, at, "when", true);
    }
}

// What third parties answer to an example, for `sluice connector check`.
void check_answers(rule_checker& rules, const json& example, const std::string& path) {
    const json* answers = rules.array(example, path, "http");
    if (answers == nullptr) return;
    for (std::size_t i = 0; i < answers->size(); ++i) {
        const json& answer = (*answers)[i];
        const std::string at = below(below(path, "http"), i);
        if (!answer.is_object()) {
            rules.refuse(at, "must be an object with 'status', 'body' or 'headers'");
            continue;
        }
        rules.only_known_keys(answer, at, {"status", "body", "headers"});
        rules.object(answer, at, "headers");
    }
}

}  // namespace

void check_action(rule_checker& rules, const json& action, const std::string& path,
                  bool has_connections) {
    if (!action.is_object()) {
        rules.refuse(path, std::string("must be an object, it is ") + action.kind_name());
        return;
    }
    rules.only_known_keys(
        action, path,
        {"title", "description", "connection", "flags", "input", "output", "errors", "examples"});
    rules.string(action, path, "title", true);
    rules.string(action, path, "description");
    if (const json* connection = rules.string(action, path, "connection")) {
        rules.one_of(*connection, below(path, "connection"), {"none", "optional", "required"});
        if (connection->as_string() == "required" && !has_connections) {
            rules.refuse(below(path, "connection"),
                         "a connection is required, but '/connections' describes none");
        }
    }
    check_flags(rules, action, path);
    for (const char* key : {"input", "output"}) {
        if (const json* schema = rules.object(action, path, key)) {
            check_schema(rules, *schema, below(path, key));
        }
    }
    check_pages(rules, action, path);
    check_errors(rules, action, path);
    if (const json* examples = rules.array(action, path, "examples")) {
        for (std::size_t i = 0; i < examples->size(); ++i) {
            const std::string at = below(below(path, "examples"), i);
            if (!(*examples)[i].is_object()) rules.refuse(at, "must be an object with an 'input'");
            rules.object((*examples)[i], at, "input", true);
            check_answers(rules, (*examples)[i], at);
        }
    }
}

}  // namespace sluice::embed
