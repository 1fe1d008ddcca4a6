#include "samples.hpp"

#include <algorithm>
#include <cctype>

namespace sluice::checking {
namespace {

constexpr int deepest = 8;

bool names(std::string_view name, std::string_view word) {
    return std::search(name.begin(), name.end(), word.begin(), word.end(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) == b;
           }) != name.end();
}

std::string type_of(const json& schema) {
    const json& type = schema["type"];
    if (type.is_string()) return type.as_string();
    for (const json& each : type.items()) {
        if (each != json("null")) return each.is_string() ? each.as_string() : std::string();
    }
    if (schema.contains("properties")) return "object";
    if (schema.contains("items")) return "array";
    return {};
}

std::string formatted(std::string_view format) {
    if (format == "date-time") return "2026-01-31T12:00:00Z";
    if (format == "date") return "2026-01-31";
    if (format == "time") return "12:00:00Z";
    if (format == "email") return "ada@check.invalid";
    if (format == "uri") return "https://check.invalid/path";
    if (format == "uuid") return "123e4567-e89b-12d3-a456-426614174000";
    return {};
}

std::string text(const json& schema, std::string_view name, const sample_options& options) {
    if (schema.get_or("secret", false)) return options.secret + std::string(name);
    std::string made = formatted(schema.get_or("format", ""));
    if (made.empty() && names(name, "port")) made = "1";  // nobody listens there
    if (made.empty() && names(name, "host")) made = "127.0.0.1";
    if (made.empty() && (names(name, "url") || names(name, "address"))) {
        made = "https://check.invalid";
    }
    if (made.empty() &&
        (names(name, "root") || names(name, "folder") || names(name, "directory"))) {
        made = options.folder;
    }
    if (made.empty()) made = "sample";
    const auto shortest =
        static_cast<std::size_t>(std::clamp<std::int64_t>(schema.get_or("minLength", 0), 0, 4'096));
    if (made.size() < shortest) made.resize(shortest, 'x');
    return made;
}

json whole_number(const json& schema, std::string_view name) {
    if (names(name, "port")) return 1;
    const std::int64_t least = schema.get_or("minimum", std::int64_t{1});
    return std::min(std::max<std::int64_t>(least, 1), schema.get_or("maximum", INT64_MAX));
}

json make(const json& schema, std::string_view name, const sample_options& options, int depth);

json object(const json& schema, const sample_options& options, int depth) {
    json made = json::object();
    const json& required = schema["required"];
    for (const auto& [key, property] : schema["properties"].members()) {
        const auto& keys = required.items();
        const bool needed = std::find(keys.begin(), keys.end(), json(key)) != keys.end();
        if (needed || options.all_members) made.set(key, make(property, key, options, depth + 1));
    }
    return made;
}

json make(const json& schema, std::string_view name, const sample_options& options, int depth) {
    if (depth > deepest || !schema.is_object()) return json("sample");
    if (const json* found = schema.find("const")) return *found;
    if (const json* found = schema.find("default")) return *found;
    if (!schema["enum"].items().empty()) return schema["enum"].items().front();
    if (!schema["examples"].items().empty()) return schema["examples"].items().front();
    for (const char* choice : {"anyOf", "oneOf"}) {
        const json& choices = schema[choice];
        if (!choices.items().empty()) {
            return make(choices.items().front(), name, options, depth + 1);
        }
    }
    const std::string type = type_of(schema);
    if (type == "object") {
        if (name == "file") {
            return json{{"$blob", "sample"}, {"size", 1}, {"contentType", "text/plain"}};
        }
        return object(schema, options, depth);
    }
    if (type == "array") {
        json made = json::array();
        made.push(make(schema["items"], name, options, depth + 1));
        return made;
    }
    if (type == "integer") return whole_number(schema, name);
    if (type == "number") return 1.5;
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    return text(schema, name, options);
}

}  // namespace

json sample(const json& schema, std::string_view name, const sample_options& options) {
    return make(schema, name, options, 0);
}

}  // namespace sluice::checking
