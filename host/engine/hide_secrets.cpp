#include "engine/hide_secrets.hpp"

#include <array>
#include <utility>
#include <vector>

#include "json/text.hpp"

namespace sluice::engine {
namespace {

bool holds_secret(const base::log_secrets& secrets, const json::value& content) {
    if (content.is_string()) return secrets.found_in(content.as_string());
    if (content.is_number()) return secrets.found_in(json::to_text(content));
    if (content.is_array()) {
        for (const json::value& item : content.items()) {
            if (holds_secret(secrets, item)) return true;
        }
    } else if (content.is_object()) {
        for (const auto& [name, member] : content.members()) {
            if (secrets.found_in(name) || holds_secret(secrets, member)) return true;
        }
    }
    return false;
}

json::value replace(const base::log_secrets& secrets, const json::value& content) {
    if (content.is_string()) return secrets.replace(content.as_string());
    if (content.is_number()) {
        std::string text = json::to_text(content);
        if (secrets.found_in(text)) return secrets.replace(std::move(text));
    } else if (content.is_array()) {
        std::vector<json::value> items;
        items.reserve(content.size());
        for (const json::value& item : content.items())
            items.push_back(replace(secrets, item));
        return json::value::array(std::move(items));
    } else if (content.is_object()) {
        std::vector<json::member> members;
        members.reserve(content.size());
        for (const auto& [name, member] : content.members())
            members.emplace_back(secrets.replace(name), replace(secrets, member));
        return json::value::object(std::move(members));
    }
    return content;
}

// Those of the instance, and those that were fetched; either may be null.
std::array<const base::log_secrets*, 2> secrets_of(const bound_flow& flow) {
    return {flow.hidden.get(), flow.fetched->hidden()};
}

}  // namespace

json::value hide_secrets(const bound_flow& flow, json::value content) {
    for (const base::log_secrets* const each : secrets_of(flow)) {
        if (each != nullptr && holds_secret(*each, content)) content = replace(*each, content);
    }
    return content;
}

fault hide_secrets(const bound_flow& flow, fault error) {
    for (const base::log_secrets* const each : secrets_of(flow)) {
        if (each == nullptr) continue;
        error.type = each->replace(std::move(error.type));
        error.title = each->replace(std::move(error.title));
        error.detail = each->replace(std::move(error.detail));
    }
    return error;
}

std::string hide_secrets_in_json(const bound_flow& flow, std::string text) {
    for (const base::log_secrets* const each : secrets_of(flow)) {
        if (each == nullptr || !each->found_in(text)) continue;
        const base::result<json::value> content = json::parse(text);
        text = content ? json::to_text(replace(*each, *content)) : each->replace(std::move(text));
    }
    return text;
}

std::string to_text_without_secrets(const bound_flow& flow, json::value& content) {
    std::string text = json::to_text(content);
    for (const base::log_secrets* const each : secrets_of(flow)) {
        if (each == nullptr || !each->found_in(text)) continue;
        content = replace(*each, content);
        text = json::to_text(content);
    }
    return text;
}

}  // namespace sluice::engine
