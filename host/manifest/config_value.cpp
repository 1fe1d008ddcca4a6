#include "manifest/config_value.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "base/time_zone.hpp"
#include "expression/suggestion.hpp"
#include "json/text.hpp"
#include "manifest/config_type.hpp"
#include "manifest/cron.hpp"
#include "manifest/cursor.hpp"
#include "manifest/instance_file.hpp"
#include "manifest/integration.hpp"
#include "manifest/schedule_reader.hpp"

namespace sluice::manifest {
namespace {

using kind = config_declaration::kind;

std::string text_of(const json::value& content) {
    return content.is_string() ? content.as_string() : json::to_text(content);
}

// "text of 3 to 20 characters", "a whole number of at least 1".
std::string with_limits(std::string phrase, const std::string& low, const std::string& high,
                        const std::string& unit) {
    if (low.empty() && high.empty()) return phrase;
    if (high.empty()) return phrase + " of at least " + low + unit;
    if (low.empty()) return phrase + " of at most " + high + unit;
    return phrase + (unit.empty() ? " from " : " of ") + low + " to " + high + unit;
}

std::string expected(const config_declaration& of) {
    const config_type& type = config_type_of(of.type);
    std::string phrase(type.phrase);
    if (type.is_text()) {
        return with_limits(std::move(phrase), of.shortest ? std::to_string(*of.shortest) : "",
                           of.longest ? std::to_string(*of.longest) : "", " characters");
    }
    return with_limits(std::move(phrase), of.minimum ? text_of(*of.minimum) : "",
                       of.maximum ? text_of(*of.maximum) : "", "");
}

std::int64_t characters(const std::string& text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

bool is_whole(const json::value& content) {
    return content.is_number() && (content.number_form() == json::number_form::int64 ||
                                   content.number_form() == json::number_form::uint64);
}

// RFC 3339 with any offset, which must be valid, as milliseconds since 1970.
std::int64_t moment_of(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c == 't' ? 'T' : c == 'z' ? 'Z' : c;
    });
    std::int64_t east_ms = 0;
    if (!text.ends_with('Z') && text.size() > 6) {
        const std::string offset = text.substr(text.size() - 6);
        const int minutes = std::atoi(offset.c_str() + 1) * 60 + std::atoi(offset.c_str() + 4);
        east_ms = std::int64_t{minutes} * 60'000 * (offset[0] == '-' ? -1 : 1);
        text.replace(text.size() - 6, 6, "Z");
    }
    return base::parse_rfc3339(text).value_or(0) - east_ms;
}

std::string in_utc(const std::string& text) {
    std::string made = base::to_rfc3339(moment_of(text));
    const std::size_t dot = made.find(".000");
    if (dot != std::string::npos) made.erase(dot, 4);
    return made;
}

// In the order of time or of numbers.
int compared(const config_declaration& of, const json::value& a, const json::value& b) {
    if (of.type != kind::timestamp) return json::compare(a, b);
    return json::compare(json::value(moment_of(a.as_string())),
                         json::value(moment_of(b.as_string())));
}

class value_check {
  public:
    value_check(const config_declaration& of, const std::string& what, bool show)
        : of_(of), what_(what), show_(show && !of.secret()) {}

    std::vector<value_problem> run(const json::value& content) {
        if (reference_kind(content).empty()) check(content);
        return std::move(problems_);
    }

  private:
    void note(std::string pointer, std::string message, std::string hint = {}) {
        problems_.push_back({std::move(pointer), what_ + std::move(message), std::move(hint)});
    }

    void wrong_kind(const json::value& content) {
        std::string hint;
        const std::string_view wanted = config_type_of(of_.type).json_type;
        const bool unquoted = wanted == "number" || wanted == "integer" || wanted == "boolean";
        if (wanted == "string" && (content.is_number() || content.is_bool())) {
            hint = "put it in quotes";
        }
        if (unquoted && content.is_string() && show_) hint = "without quotes; yes and no are text";
        note("", " must be " + expected(of_) + ", not " + std::string(kind_name(content)),
             std::move(hint));
    }

    // A value of the right kind that is out of its limits.
    void unfit(const json::value& content, std::string hint = {}) {
        std::string message = " must be " + expected(of_);
        if (show_) message += ", not " + json::to_text(content);
        note("", std::move(message), std::move(hint));
    }

    void check(const json::value& content) {
        switch (of_.type) {
            case kind::string:
            case kind::text:
            case kind::secret:
                return content.is_string() ? check_text(content) : wrong_kind(content);
            case kind::number:
                return content.is_number() ? check_range(content) : wrong_kind(content);
            case kind::integer:
                if (content.is_number() && !is_whole(content)) return unfit(content);
                return content.is_number() ? check_range(content) : wrong_kind(content);
            case kind::date:
            case kind::timestamp:
                return content.is_string() ? check_time(content) : wrong_kind(content);
            case kind::picklist:
                return check_choice(content);
            case kind::cron:
                return check_schedule(content);
            case kind::boolean:
                return content.is_bool() ? void() : wrong_kind(content);
            case kind::object:
                return content.is_object() ? void() : wrong_kind(content);
            case kind::array:
                return content.is_array() ? void() : wrong_kind(content);
            case kind::field_map:
                return content.is_object() ? check_fields(content) : wrong_kind(content);
            case kind::key_values:
                return check_pairs(content);
            case kind::json:
                return;
        }
    }

    void check_text(const json::value& content) {
        const std::int64_t length = characters(content.as_string());
        if ((of_.shortest && length < *of_.shortest) || (of_.longest && length > *of_.longest)) {
            return note("", " must be " + expected(of_) + ", not " + std::to_string(length));
        }
        if (!of_.shape || of_.shape->validate(content).empty()) return;
        std::string message = " must match " + of_.pattern;
        if (show_) message += ", not " + json::to_text(content);
        note("", std::move(message), of_.pattern_hint);
    }

    void check_time(const json::value& content) {
        if (of_.shape && !of_.shape->validate(content).empty()) {
            const bool only_date = of_.type == kind::timestamp && content.as_string().size() == 10;
            return unfit(content, only_date ? "add the time and its offset from UTC" : "");
        }
        check_range(content);
    }

    void check_range(const json::value& content) {
        if ((of_.minimum && compared(of_, content, *of_.minimum) < 0) ||
            (of_.maximum && compared(of_, content, *of_.maximum) > 0)) {
            unfit(content);
        }
    }

    void check_choice(const json::value& content) {
        if (content.is_object() || content.is_array() || content.is_null()) {
            return wrong_kind(content);
        }
        if (of_.source) return;  // what there is to choose is known to the connector alone
        std::vector<std::string> known;
        for (const config_option& each : of_.options) {
            if (each.value == content) return;
            known.push_back(text_of(each.value));
        }
        unfit(content, expression::did_you_mean(text_of(content), known));
    }

    void check_schedule(const json::value& content) {
        if (!content.is_object() && !content.is_string()) return wrong_kind(content);
        const bool whole = content.is_string();
        const json::value& cron = whole ? content : content.get("cron");
        for (const json::member& each :
             whole ? std::span<const json::member>() : content.members()) {
            if (each.first != "cron" && each.first != "timezone") {
                note(pointer_to("", each.first), ": a schedule has no \"" + each.first + "\"",
                     "it has cron and timezone");
            }
        }
        if (!cron.is_string()) return note("", " needs `cron`, a text like \"0 3 * * mon-fri\"");
        if (const auto parsed = parse_cron(cron.as_string()); !parsed) {
            note(whole ? "" : "/cron", ": " + parsed.error_value().message,
                 parsed.error_value().hint);
        }
        const json::value* const zone = content.find("timezone");
        if (zone == nullptr) return;
        if (!zone->is_string()) return note("/timezone", ": timezone must be text");
        if (base::find_time_zone(zone->as_string())) return;
        note("/timezone", ": \"" + zone->as_string() + "\" is not a time zone",
             time_zone_hint(zone->as_string()));
    }

    void check_fields(const json::value& content) {
        std::vector<std::string> known;
        for (const config_field& each : of_.fields)
            known.push_back(each.name);
        for (const auto& [name, target] : content.members()) {
            const std::string pointer = pointer_to("", name);
            if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
                note(pointer, " has no field \"" + name + "\"",
                     expression::did_you_mean(name, known));
            } else if (reference_kind(target).empty() &&
                       (!target.is_string() || target.as_string().empty())) {
                note(pointer, "." + name + " must be the name of a field, not " +
                                  std::string(target.is_string() ? "empty" : kind_name(target)));
            }
        }
        for (const config_field& each : of_.fields) {
            if (each.required && content.find(each.name) == nullptr) {
                note("", "." + each.name + " is required", each.description);
            }
        }
    }

    void check_pairs(const json::value& content) {
        if (content.is_object()) {
            for (const auto& [key, value] : content.members())
                check_value_of_pair(pointer_to("", key), value);
            return;
        }
        if (!content.is_array()) return wrong_kind(content);
        for (std::size_t i = 0; i < content.size(); ++i) {
            const json::value& pair = content.at(i);
            const std::string pointer = pointer_to("", i);
            const json::value* const value = pair.find("value");
            if (!pair.get("key").is_string() || value == nullptr || pair.size() != 2) {
                note(pointer, ": each item must be { key, value }");
            } else {
                check_value_of_pair(pointer_to(pointer, "value"), *value);
            }
        }
    }

    void check_value_of_pair(const std::string& pointer, const json::value& value) {
        if (value.is_string() || !reference_kind(value).empty()) return;
        note(pointer, ": a value must be text, not " + std::string(kind_name(value)),
             value.is_number() || value.is_bool() ? "put it in quotes" : "");
    }

    const config_declaration& of_;
    const std::string& what_;
    const bool show_;
    std::vector<value_problem> problems_;
};

bool has_option(const config_declaration& of, const json::value& content) {
    return std::any_of(of.options.begin(), of.options.end(),
                       [&](const config_option& each) { return each.value == content; });
}

}  // namespace

std::vector<value_problem> check_value(const config_declaration& of, const json::value& content,
                                       const std::string& what, bool show) {
    return value_check(of, what, show).run(content);
}

const json::value* given_value(const integration& of, const json::value& config,
                               const std::string& name) {
    if (const json::value* const given = config.find(name)) return given;
    for (const auto& [former, current] : of.renamed_config) {
        const json::value* const given = current == name ? config.find(former) : nullptr;
        if (given != nullptr) return given;
    }
    return nullptr;
}

json::value value_of_text(const config_declaration& of, const std::string& text) {
    const bool is_text = config_type_of(of.type).json_type == "string";
    const bool is_whole_schedule = of.type == kind::cron && text.starts_with('{');
    if (is_text && !is_whole_schedule) return json::value(text);
    if (of.type == kind::picklist && (of.source || has_option(of, json::value(text)))) {
        return json::value(text);
    }
    base::result<json::value> read = json::parse(text);
    return read ? std::move(*read) : json::value(text);
}

json::value normalised(const config_declaration& of, json::value content) {
    if (of.type == kind::timestamp && content.is_string()) {
        return json::value(in_utc(content.as_string()));
    }
    if (of.type != kind::key_values || !content.is_object()) return content;
    json::value list = json::value::array();
    for (const auto& [key, value] : content.members())
        list.push(json::value::object({{"key", json::value(key)}, {"value", value}}));
    return list;
}

}  // namespace sluice::manifest
