#include "manifest/openapi_document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "json/pointer.hpp"

namespace sluice::manifest {
namespace {

base::error refuse(std::string message, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
}

// Lenient: what is no escape stays as it is.
std::string percent_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(&text[i + 1], &text[i] + 3, code, 16).ptr == &text[i] + 3) {
            decoded += static_cast<char>(code);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

constexpr std::array<std::pair<std::string_view, api_place>, 6> places = {
    {{"path", api_place::path},
     {"query", api_place::query},
     {"header", api_place::header},
     {"cookie", api_place::cookie},
     {"body", api_place::body},
     {"formData", api_place::form}}};

void read_style(const json::value& content, api_parameter& into) {
    const bool is_form = into.place == api_place::query || into.place == api_place::cookie;
    into.style = content.string_or("style", is_form ? "form" : "simple");
    into.explode = content.bool_or("explode", into.style == "form" || into.style == "deepObject");
    into.allow_reserved = content.bool_or("allowReserved", false);
    into.as_json = content.get("content").is_object();
}

void read_collection_format(const json::value& content, api_parameter& into) {
    const std::string format = content.string_or("collectionFormat", "csv");
    const bool is_form = into.place == api_place::query || into.place == api_place::form;
    into.style = format == "ssv"     ? "spaceDelimited"
                 : format == "tsv"   ? "tabDelimited"
                 : format == "pipes" ? "pipeDelimited"
                 : is_form           ? "form"
                                     : "simple";
    into.explode = format == "multi";
}

base::result<api_parameter> read_parameter(const json::value& content, bool swagger) {
    api_parameter made;
    made.name = content.string_or("name", "");
    const std::string in = content.string_or("in", "");
    const auto* const place = std::find_if(places.begin(), places.end(),
                                           [&](const auto& known) { return known.first == in; });
    if (made.name.empty() || place == places.end()) {
        return refuse("the parameter \"" + made.name + "\" has no name or no known \"in\"");
    }
    made.place = place->second;
    made.required = content.bool_or("required", false) || made.place == api_place::path;
    if (swagger) {
        read_collection_format(content, made);
    } else {
        read_style(content, made);
    }
    return made;
}

}  // namespace

base::result<json::value> follow_reference(const json::value& document, json::value content) {
    constexpr int longest_chain = 32;
    for (int i = 0; i < longest_chain; ++i) {
        const json::value* const reference = content.find("$ref");
        if (reference == nullptr || !reference->is_string()) return content;
        const std::string text = reference->as_string();
        if (!text.starts_with('#')) {
            return refuse("the reference \"" + text + "\" leaves the description",
                          "other documents are not loaded");
        }
        const json::value* const target =
            json::find_pointer(document, percent_decode(std::string_view(text).substr(1)));
        if (target == nullptr) return refuse("the reference \"" + text + "\" leads nowhere");
        json::value kept = *target;
        content = std::move(kept);
    }
    return refuse("references lead in a circle: \"" + content.string_or("$ref", "") + "\"");
}

std::string_view to_string(api_place place) {
    return places[static_cast<std::size_t>(place)].first;
}

bool is_swagger(const json::value& document) { return document.find("swagger") != nullptr; }

base::result<std::vector<api_parameter>> parameters_of(const json::value& document,
                                                       const api_operation& operation) {
    std::vector<api_parameter> made;
    for (const json::value* const owner : {&operation.path_item, &operation.content}) {
        const json::value& list = owner->get("parameters");
        for (std::size_t i = 0; i < list.size() && list.is_array(); ++i) {
            const base::result<json::value> content = follow_reference(document, list.at(i));
            if (!content) return content.error_value();
            base::result<api_parameter> read = read_parameter(*content, is_swagger(document));
            if (!read) return read.error_value();
            const auto same = std::find_if(made.begin(), made.end(), [&](const auto& other) {
                return other.name == read->name && other.place == read->place;
            });
            if (same != made.end()) {
                *same = std::move(*read);
            } else {
                made.push_back(std::move(*read));
            }
        }
    }
    return made;
}

}  // namespace sluice::manifest
