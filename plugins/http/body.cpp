#include "body.hpp"

#include <string>

namespace sluice::http {
namespace {

constexpr const char* kinds[] = {"json", "text", "form", "file"};

std::string kind_of_body(const json& input) {
    std::string found;
    for (const char* kind : kinds) {
        // JSON's own null is a body; write `json: null` as text when it is meant.
        if (input[kind].is_null()) continue;
        if (!found.empty()) {
            throw failure(SLUICE_INVALID_INPUT,
                          "a request has one body: give '" + found + "' or '" + kind + "'");
        }
        found = kind;
    }
    return found;
}

}  // namespace

std::string form_text(const json& fields) {
    if (!fields.is_object()) throw failure(SLUICE_INVALID_INPUT, "'form' must be an object");
    std::string text;
    add_query(text, fields);
    return text.empty() ? text : text.substr(1);
}

void set_body(draft& of, const context& call, const json& input) {
    const std::string kind = kind_of_body(input);
    std::string type = input["contentType"].is_null() ? std::string(of.headers.get("Content-Type"))
                                                      : required_string(input, "contentType");
    of.headers.erase("Content-Type");
    if (kind.empty()) return;
    std::string usual;
    if (kind == "json") {
        of.body = input["json"].dump();
        usual = "application/json";
    } else if (kind == "text") {
        of.body = input["text"].is_string() ? input["text"].as_string()
                                            : plain_text(input["text"], "'text'");
        usual = "text/plain; charset=utf-8";
    } else if (kind == "form") {
        of.body = form_text(input["form"]);
        usual = "application/x-www-form-urlencoded";
    } else {
        of.body_file = call.find_blob(input["file"]);
        usual = of.body_file.content_type().empty() ? "application/octet-stream"
                                                    : of.body_file.content_type();
    }
    of.content_type = type.empty() ? usual : type;
}

}  // namespace sluice::http
