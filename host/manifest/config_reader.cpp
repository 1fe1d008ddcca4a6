#include "manifest/config_reader.hpp"

#include <algorithm>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/config_type.hpp"
#include "manifest/config_value.hpp"
#include "manifest/schedule_reader.hpp"

namespace sluice::manifest {
namespace {

using kind = config_declaration::kind;

void read_type(const cursor& at, config_declaration& into) {
    const std::optional<std::string> name = at.text("type of a config variable");
    if (!name) return;
    for (const config_type& each : config_types()) {
        if (each.name != *name) continue;
        into.type = each.kind;
        return;
    }
    at.problem("\"" + *name + "\" is not a type of a config variable",
               expression::did_you_mean(*name, config_type_names()));
}

// Keys that say something only about some types.
void refuse_misplaced(const cursor& at, const config_declaration& of) {
    const config_type& type = config_type_of(of.type);
    const bool ranged = of.type == kind::number || of.type == kind::integer ||
                        of.type == kind::date || of.type == kind::timestamp;
    const struct {
        std::string_view key;
        bool fits;
        std::string_view whose;
    } keys[] = {
        {"timezone", of.type == kind::cron, "only a cron has a time zone"},
        {"pattern", type.is_text(), "only texts and secrets have a pattern"},
        {"minLength", type.is_text(), "only texts and secrets have a length"},
        {"maxLength", type.is_text(), "only texts and secrets have a length"},
        {"minimum", ranged, "only numbers, dates and timestamps have a minimum"},
        {"maximum", ranged, "only numbers, dates and timestamps have a maximum"},
        {"options", of.type == kind::picklist, "only a picklist has options"},
        {"source", of.type == kind::picklist, "only a picklist has a source"},
        {"fields", of.type == kind::field_map, "only a fieldMap has fields"},
    };
    for (const auto& each : keys) {
        if (!each.fits && at.member(each.key).exists()) {
            at.member(each.key).key_problem(std::string(each.whose));
        }
    }
}

void read_pattern(const cursor& at, config_declaration& into) {
    const cursor pattern = at.member("pattern");
    const cursor hint = at.member("patternHint");
    into.pattern_hint = hint.text("patternHint").value_or("");
    if (hint.exists() && !pattern.exists()) hint.key_problem("there is no `pattern` to explain");
    into.pattern = pattern.text("pattern").value_or("");
    if (into.pattern.empty()) return;
    auto shape =
        json::schema::compile(json::value::object({{"pattern", "^(?:" + into.pattern + ")$"}}));
    if (!shape)
        return pattern.problem("this is not a regular expression", shape.error_value().message);
    into.shape = std::make_shared<const json::schema>(std::move(*shape));
}

std::optional<std::int64_t> read_length(const cursor& at) { return at.whole_number(at.name()); }

// `minimum` and `maximum`: values of the variable's own type.
std::optional<json::value> read_bound(const cursor& at, const config_declaration& of) {
    if (!at.exists()) return std::nullopt;
    const std::vector<value_problem> problems = check_value(of, at.content(), at.name(), true);
    for (const value_problem& each : problems)
        at.problem(each.message, each.hint);
    if (!problems.empty()) return std::nullopt;
    return at.content();
}

void read_limits(const cursor& at, config_declaration& into) {
    read_pattern(at, into);
    if (into.type == kind::date || into.type == kind::timestamp) {
        const char* const format = into.type == kind::date ? "date" : "date-time";
        auto shape = json::schema::compile(json::value::object({{"format", format}}));
        if (shape) into.shape = std::make_shared<const json::schema>(std::move(*shape));
    }
    into.shortest = read_length(at.member("minLength"));
    into.longest = read_length(at.member("maxLength"));
    if (into.shortest && into.longest && *into.shortest > *into.longest) {
        at.member("maxLength").problem("maxLength is less than minLength");
    }
    const std::optional<json::value> low = read_bound(at.member("minimum"), into);
    const std::optional<json::value> high = read_bound(at.member("maximum"), into);
    into.minimum = low;
    if (high && !check_value(into, *high, "", true).empty()) {
        at.member("maximum").problem("maximum is less than minimum");
    }
    into.maximum = high;
}

void read_default(const cursor& at, config_declaration& into) {
    if (!at.exists()) return;
    if (into.secret()) {
        return at.key_problem("a secret cannot have a default", "the instance gives its value");
    }
    for (const value_problem& each : check_value(into, at.content(), "the default", true)) {
        at.problem_at(at.source().value_position(at.pointer() + each.pointer), each.message,
                      each.hint);
    }
    into.default_value = normalised(into, at.content());
}

config_declaration read_variable(const cursor& at) {
    at.refuse_unknown("a config variable",
                      {"type", "required", "default", "title", "description", "visibility",
                       "timezone", "pattern", "patternHint", "minLength", "maxLength", "minimum",
                       "maximum", "options", "source", "fields"});
    config_declaration made;
    made.where = at.key_where();
    read_type(at.member("type"), made);
    refuse_misplaced(at, made);
    made.required = at.member("required").flag("required").value_or(false);
    made.title = at.member("title").text("title").value_or("");
    made.description = at.member("description").text("description").value_or("");
    if (at.member("visibility").one_of("visibility", {"customer", "organization"}) ==
        "organization") {
        made.visibility = config_declaration::audience::organization;
    }
    const cursor zone = at.member("timezone");
    if (const auto name = zone.text("timezone")) {
        check_time_zone(zone, *name);
        made.time_zone = *name;
    }
    read_limits(at, made);
    if (made.type == kind::picklist) read_options(at, made);
    if (made.type == kind::field_map) read_fields(at.member("fields"), made);
    read_default(at.member("default"), made);
    return made;
}

}  // namespace

void read_config(const cursor& at, integration& into) {
    if (!at.exists() || !at.is_object("config")) return;
    for (const cursor& each : at.members()) {
        if (each.is_object("a config variable")) into.config[each.name()] = read_variable(each);
    }
}

}  // namespace sluice::manifest
