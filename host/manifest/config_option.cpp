#include "manifest/config_option.hpp"

#include <set>
#include <string>
#include <utility>

#include "json/text.hpp"
#include "manifest/cursor.hpp"

namespace sluice::manifest {

base::result<config_option> option_of(const json::value& content) {
    config_option made;
    made.value = content;
    if (content.is_object()) {
        made.value = content.get("value");
        made.label = content.string_or("label", "");
    }
    if (!made.value.is_string() && !made.value.is_number() && !made.value.is_bool()) {
        return base::make_error(base::error_code::invalid_input,
                                "an option must be text, a number, true or false, not " +
                                    std::string(kind_name(made.value)));
    }
    if (made.label.empty()) {
        made.label = made.value.is_string() ? made.value.as_string() : json::to_text(made.value);
    }
    return made;
}

base::result<std::vector<config_option>> options_of(const json::value& content) {
    if (!content.is_array()) {
        return base::make_error(
            base::error_code::invalid_input,
            "options must be a list, not " + std::string(kind_name(content)),
            "`as` of the source makes one: as: \"${ [.items[] | {value: .id, label: .name}] }\"");
    }
    std::vector<config_option> all;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < content.size(); ++i) {
        base::result<config_option> made = option_of(content.at(i));
        if (!made) {
            base::error why = std::move(made).error_value();
            why.message = "option " + std::to_string(i + 1) + ": " + why.message;
            return why;
        }
        if (seen.insert(json::to_text(made->value)).second) all.push_back(std::move(*made));
    }
    return all;
}

json::value options_json(const std::vector<config_option>& all) {
    json::value out = json::value::array();
    for (const config_option& each : all)
        out.push(json::value::object({{"value", each.value}, {"label", each.label}}));
    return out;
}

}  // namespace sluice::manifest
