#include "schema_rules.hpp"

namespace sluice::embed {
namespace {

void check_type(rule_checker& rules, const json& type, const std::string& path) {
    const auto check_one = [&](const json& name, const std::string& at) {
        rules.one_of(name, at,
                     {"object", "array", "string", "integer", "number", "boolean", "null"});
    };
    if (!type.is_array()) return check_one(type, path);
    for (std::size_t i = 0; i < type.size(); ++i)
        check_one(type[i], below(path, i));
}

}  // namespace

void check_schema(rule_checker& rules, const json& schema, const std::string& path) {
    if (schema.is_bool()) return;
    if (!schema.is_object()) {
        rules.refuse(path, std::string("a JSON Schema is an object, not ") + schema.kind_name());
        return;
    }
    if (const json* type = schema.find("type")) check_type(rules, *type, below(path, "type"));
    if (const json* required = rules.array(schema, path, "required")) {
        for (std::size_t i = 0; i < required->size(); ++i) {
            if ((*required)[i].is_string()) continue;
            rules.refuse(below(below(path, "required"), i), "must be the name of a property");
        }
    }
    if (const json* properties = rules.object(schema, path, "properties")) {
        for (const auto& [name, property] : properties->members()) {
            check_schema(rules, property, below(below(path, "properties"), name));
        }
    }
    if (const json* items = schema.find("items")) check_schema(rules, *items, below(path, "items"));
}

void check_fields_schema(rule_checker& rules, const json& schema, const std::string& path) {
    check_schema(rules, schema, path);
    const json* type = schema.find("type");
    if (type == nullptr || *type != json("object")) {
        rules.refuse(below(path, "type"), "must be \"object\"");
    }
    const json& properties = schema["properties"];
    for (const json& name : schema["required"].items()) {
        if (name.is_string() && !properties.contains(name.as_string())) {
            rules.refuse(below(path, "required"),
                         "'" + name.as_string() + "' is not one of the properties");
        }
    }
    for (const auto& [name, property] : properties.members()) {
        const json* secret = property.find("secret");
        if (secret != nullptr && !secret->is_bool()) {
            rules.refuse(below(below(below(path, "properties"), name), "secret"),
                         "must be true or false");
        }
    }
}

}  // namespace sluice::embed
