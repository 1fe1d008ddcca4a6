#include "manifest/input_check.hpp"
#include "manifest/config_type.hpp"

#include <algorithm>
#include <utility>

#include "expression/suggestion.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr int deepest = 64;  // a schema may refer to itself

bool is_expression(const json::value& content) {
    return content.is_string() && expression_inside(content.as_string()).has_value();
}

bool is_reference(const json::value& content) {
    return content.is_object() && content.find("$ref") != nullptr;
}

// Whether nothing in it is computed when the flow runs.
bool is_written_out(const json::value& content) {
    if (content.is_string()) return !is_expression(content);
    if (content.is_array()) {
        return std::all_of(content.items().begin(), content.items().end(), is_written_out);
    }
    if (!content.is_object()) return true;
    if (is_reference(content)) return false;
    return std::all_of(content.members().begin(), content.members().end(),
                       [](const json::member& each) { return is_written_out(each.second); });
}

std::string_view type_phrase(std::string_view type) {
    if (type == "string") return "text";
    if (type == "integer") return "a whole number";
    if (type == "number") return "a number";
    if (type == "boolean") return "true or false";
    if (type == "array") return "a list";
    if (type == "object") return "an object";
    return "nothing";
}

bool has_type(const json::value& content, std::string_view type) {
    switch (content.kind()) {
        case json::kind::null:
            return type == "null";
        case json::kind::boolean:
            return type == "boolean";
        case json::kind::string:
            return type == "string";
        case json::kind::array:
            return type == "array";
        case json::kind::object:
            return type == "object";
        case json::kind::number:
            break;
    }
    if (type == "number") return true;
    if (type != "integer") return false;
    if (content.number_form() != json::number_form::real) {
        return content.number_form() != json::number_form::text;
    }
    const double real = content.as_double();
    return real == static_cast<double>(static_cast<std::int64_t>(real));
}

std::vector<std::string> types_of(const json::value& schema) {
    const json::value& type = schema.get("type");
    if (type.is_string()) return {type.as_string()};
    std::vector<std::string> all;
    if (type.is_array()) {
        for (const json::value& each : type.items()) {
            if (each.is_string()) all.push_back(each.as_string());
        }
    }
    return all;
}

class input_check {
  public:
    input_check(const json::value& root, const integration& of, std::string_view given)
        : root_(root), of_(of), given_(given) {}

    // `what` names the place for messages: "title", "labels[0]".
    void check(const cursor& at, const json::value& schema, const std::string& what, int depth) {
        if (depth > deepest || !schema.is_object()) return;
        const json::value& target = schema.get("$ref");
        if (target.is_string()) return check(at, resolve(target.as_string()), what, depth + 1);
        const json::value& content = at.content();
        if (is_expression(content)) return;
        if (is_reference(content)) return check_reference(at, schema, what);
        if (!check_type(at, schema, what)) return;
        if (check_values(at, schema, what)) check_limits(at, schema, what);
        if (content.is_array()) check_items(at, schema, what, depth);
        if (content.is_object()) check_members(at, schema, what, depth);
        const json::value& all = schema.get("allOf");
        if (!all.is_array()) return;
        for (const json::value& each : all.items())
            check(at, each, what, depth + 1);
    }

    void check_members(const cursor& at, const json::value& schema, const std::string& what,
                       int depth) {
        const json::value& properties = schema.get("properties");
        for (const cursor& each : at.members()) {
            const std::string name = each.name();
            if (depth == 0 && name == "connection") continue;
            const std::string inner = what.empty() ? name : what + "." + name;
            if (const json::value* const known = properties.find(name)) {
                check(each, *known, inner, depth + 1);
            } else if (schema.get("additionalProperties").is_object()) {
                check(each, schema.get("additionalProperties"), inner, depth + 1);
            } else {
                check_unknown(at, name, schema, what);
            }
        }
        check_required(at, schema, what, depth);
    }

    void check_required(const cursor& at, const json::value& schema, const std::string& what,
                        int depth) {
        const json::value& required = schema.get("required");
        if (!required.is_array()) return;
        for (const json::value& each : required.items()) {
            if (!each.is_string() || at.member(each.as_string()).exists()) continue;
            if (at.member(each.as_string()).is_mistyped()) continue;
            if (depth == 0 && each.as_string() == given_) continue;
            at.problem((what.empty() ? "the input" : what) + " needs `" + each.as_string() + "`",
                       schema.get("properties").get(each.as_string()).string_or("description", ""));
        }
    }

  private:
    const json::value& resolve(const std::string& reference) const {
        static const json::value nothing;
        if (!reference.starts_with("#")) return nothing;
        const json::value* at = &root_;
        std::string_view rest = std::string_view(reference).substr(1);
        while (!rest.empty()) {
            rest.remove_prefix(1);
            const std::size_t slash = std::min(rest.find('/'), rest.size());
            at = at->find(rest.substr(0, slash));
            if (at == nullptr) return nothing;
            rest.remove_prefix(slash);
        }
        return *at;
    }

    static void check_unknown(const cursor& at, const std::string& name, const json::value& schema,
                              const std::string& what) {
        const json::value& properties = schema.get("properties");
        const json::value& more = schema.get("additionalProperties");
        const bool closed = more.is_bool() ? !more.as_bool() : properties.size() > 0;
        if (!closed || schema.find("patternProperties") != nullptr ||
            schema.find("allOf") != nullptr || schema.find("anyOf") != nullptr ||
            schema.find("oneOf") != nullptr) {
            return;
        }
        std::vector<std::string> known;
        for (const json::member& each : properties.members())
            known.push_back(each.first);
        at.refuse_member(what.empty() ? "the input" : what, name, known);
    }

    bool check_type(const cursor& at, const json::value& schema, const std::string& what) {
        const std::vector<std::string> types = types_of(schema);
        if (types.empty()) return true;
        std::string wanted;
        for (const std::string& type : types) {
            if (has_type(at.content(), type)) return true;
            wanted += (wanted.empty() ? "" : " or ") + std::string(type_phrase(type));
        }
        const bool quotable = std::find(types.begin(), types.end(), "string") != types.end() &&
                              (at.content().is_number() || at.content().is_bool());
        at.problem(
            (what.empty() ? "the input" : what) + " must be " + wanted + ", not " +
                (at.content().is_number() && !quotable ? json::to_text(at.content())
                                                       : std::string(kind_name(at.content()))),
            quotable ? "put it in quotes" : "");
        return false;
    }

    bool check_values(const cursor& at, const json::value& schema, const std::string& what) {
        const json::value& choices = schema.get("enum");
        if (!choices.is_array() || !is_written_out(at.content())) return true;
        std::vector<std::string> known;
        for (const json::value& each : choices.items()) {
            if (each == at.content()) return true;
            known.push_back(each.is_string() ? each.as_string() : json::to_text(each));
        }
        const std::string given =
            at.content().is_string() ? at.content().as_string() : json::to_text(at.content());
        at.problem("\"" + given + "\" is not a value of " + what,
                   expression::did_you_mean(given, known));
        return false;
    }

    // Lengths, ranges, patterns and formats of text and numbers.
    static void check_limits(const cursor& at, const json::value& schema, const std::string& what) {
        if (!at.content().is_string() && !at.content().is_number()) return;
        json::value limits = json::value::object();
        for (const std::string_view name :
             {"minLength", "maxLength", "pattern", "format", "minimum", "maximum",
              "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "const"}) {
            if (const json::value* const found = schema.find(name)) {
                limits.set(std::string(name), *found);
            }
        }
        if (limits.size() == 0) return;
        const base::result<json::schema> compiled = json::schema::compile(limits);
        if (!compiled) return;  // the connector's mistake, not this manifest's
        for (const json::violation& each : compiled->validate(at.content()))
            at.problem(what + ": " + each.message);
    }

    void check_items(const cursor& at, const json::value& schema, const std::string& what,
                     int depth) {
        const json::value& items = schema.get("items");
        std::size_t number = 0;
        for (const cursor& each : at.items())
            check(each, items, what + "[" + std::to_string(number++) + "]", depth + 1);
    }

    // A config variable has a type, too.
    void check_reference(const cursor& at, const json::value& schema, const std::string& what) {
        const std::string name = at.content().string_or("$ref", "");
        const auto declared = of_.config.find(name.substr(std::min<std::size_t>(7, name.size())));
        const std::vector<std::string> types = types_of(schema);
        if (declared == of_.config.end() || types.empty()) return;
        const std::string_view given = config_type_of(declared->second.type).json_type;
        if (given.empty()) return;
        std::string wanted;
        for (const std::string& type : types) {
            if (type == given || (type == "number" && given == "integer")) return;
            wanted += (wanted.empty() ? "" : " or ") + std::string(type_phrase(type));
        }
        at.problem(what + " must be " + wanted + ", and " + name + " is " +
                   std::string(type_phrase(given)));
    }

    const json::value& root_;
    const integration& of_;
    std::string_view given_;
};

}  // namespace

void check_input(const cursor& call, const json::value& schema, const integration& of,
                 std::string_view given) {
    if (!schema.is_object()) return;
    input_check work(schema, of, given);
    const cursor with = call.member("with");
    if (with.exists()) {
        if (with.content().is_object()) work.check(with, schema, "", 0);
    } else {
        work.check_required(call.member("call"), schema, "", 0);
    }
}

}  // namespace sluice::manifest
