#include "manifest/openapi_body.hpp"

#include <algorithm>

#include "json/text.hpp"
#include "manifest/openapi_style.hpp"

namespace sluice::manifest {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

// Without parameters like "; charset=utf-8", in lower case.
std::string essence(std::string_view type) {
    std::string text(type.substr(0, std::min(type.find(';'), type.size())));
    while (text.ends_with(' '))
        text.pop_back();
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

bool is_json(std::string_view type) {
    const std::string bare = essence(type);
    return bare == json_type || bare.ends_with("+json");
}
bool is_any(std::string_view type) {
    return essence(type) == "*/*" || essence(type) == "application/*";
}
bool is_form(std::string_view type) { return essence(type) == form_type; }
bool is_text(std::string_view type) { return essence(type).starts_with("text/"); }

// The first of `offered` that can be written, JSON preferred; empty when there is none.
std::string choose(const std::vector<std::string>& offered) {
    for (const auto fits : {is_json, is_any, is_form, is_text}) {
        const auto found = std::find_if(offered.begin(), offered.end(), fits);
        if (found != offered.end()) return is_any(*found) ? std::string(json_type) : *found;
    }
    return {};
}

base::error unsupported(const std::vector<std::string>& offered) {
    std::string list;
    for (const std::string& each : offered)
        list += (list.empty() ? "" : ", ") + each;
    return base::make_error(base::error_code::unsupported,
                            "a body of type " + list + " cannot be made",
                            "JSON, form-urlencoded and text can: use the http function");
}

std::vector<std::string> strings_of(const json::value& list) {
    std::vector<std::string> made;
    for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
        if (list.at(i).is_string()) made.push_back(list.at(i).as_string());
    }
    return made;
}

base::result<body_rules> body_of_openapi(const json::value& document,
                                         const api_operation& operation) {
    body_rules rules;
    const json::value* const written = operation.content.find("requestBody");
    if (written == nullptr) return rules;
    const base::result<json::value> content = follow_reference(document, *written);
    if (!content) return content.error_value();
    std::vector<std::string> offered;
    const json::value& types = content->get("content");
    if (types.is_object()) {
        for (const json::member& each : types.members())
            offered.push_back(each.first);
    }
    rules.name = "body";
    rules.required = content->bool_or("required", false);
    rules.content_type = offered.empty() ? std::string(json_type) : choose(offered);
    if (rules.content_type.empty()) return unsupported(offered);
    return rules;
}

base::result<body_rules> body_of_swagger(const json::value& document,
                                         const api_operation& operation,
                                         const std::vector<api_parameter>& parameters) {
    body_rules rules;
    std::vector<std::string> offered = strings_of(operation.content.get("consumes"));
    if (offered.empty()) offered = strings_of(document.get("consumes"));
    for (const api_parameter& each : parameters) {
        if (each.place == api_place::form) {
            // The only other type for these is multipart, for files.
            if (offered.empty()) offered.emplace_back(form_type);
            const auto found = std::find_if(offered.begin(), offered.end(), is_form);
            if (found == offered.end()) return unsupported(offered);
            rules.content_type = *found;
        } else if (each.place == api_place::body) {
            rules.name = each.name;
            rules.required = each.required;
            rules.content_type = offered.empty() ? std::string(json_type) : choose(offered);
            if (rules.content_type.empty()) return unsupported(offered);
        }
    }
    return rules;
}

}  // namespace

base::result<body_rules> body_of(const json::value& document, const api_operation& operation,
                                 const std::vector<api_parameter>& parameters) {
    return is_swagger(document) ? body_of_swagger(document, operation, parameters)
                                : body_of_openapi(document, operation);
}

base::result<void> write_body(const body_rules& rules, const json::value& content,
                              openapi_request& into) {
    into.content_type = rules.content_type;
    if (is_form(rules.content_type)) {
        if (!content.is_object()) {
            return base::make_error(base::error_code::invalid_input,
                                    "a form-urlencoded body must be an object");
        }
        std::vector<name_and_value> pairs;
        for (const auto& [name, each] : content.members()) {
            if (each.is_null()) continue;
            api_parameter as;
            as.name = name;
            as.style = "form";
            as.explode = each.is_array();  // objects go as JSON: there is no other custom
            for (name_and_value& pair :
                 write_pairs(as, each.is_object() ? json::to_text(each) : each))
                pairs.push_back(std::move(pair));
        }
        into.body = join_pairs(pairs, "&");
    } else if (is_text(rules.content_type)) {
        into.body = plain_text(content);
    } else {
        into.body = json::to_text(content);
    }
    return {};
}

}  // namespace sluice::manifest
