#include "manifest/config_reader.hpp"

#include <array>
#include <utility>

#include "manifest/cron.hpp"
#include "manifest/schedule_reader.hpp"

namespace sluice::manifest {
namespace {

using kind = config_declaration::kind;
constexpr std::array<std::pair<std::string_view, kind>, 8> config_kinds = {
    {{"string", kind::string},
     {"secret", kind::secret},
     {"number", kind::number},
     {"integer", kind::integer},
     {"boolean", kind::boolean},
     {"cron", kind::cron},
     {"object", kind::object},
     {"array", kind::array}}};

}  // namespace

void read_config(const cursor& at, integration& into) {
    if (!at.exists() || !at.is_object("config")) return;
    for (const cursor& each : at.members()) {
        if (!each.is_object("a config variable")) continue;
        each.refuse_unknown("a config variable",
                            {"type", "required", "default", "title", "description", "timezone"});
        config_declaration made;
        made.where = each.key_where();
        const auto type = each.member("type").one_of(
            "type of a config variable",
            {"string", "secret", "number", "integer", "boolean", "cron", "object", "array"});
        for (const auto& [name, value] : config_kinds) {
            if (type == name) made.type = value;
        }
        made.required = each.member("required").flag("required").value_or(false);
        made.description = each.member("description").text("description").value_or("");
        const cursor zone = each.member("timezone");
        if (const auto name = zone.text("timezone")) {
            if (made.type != kind::cron) zone.key_problem("only a cron has a time zone");
            check_time_zone(zone, *name);
            made.time_zone = *name;
        }
        const cursor fallback = each.member("default");
        if (fallback.exists()) {
            if (made.secret()) {
                fallback.key_problem("a secret cannot have a default",
                                     "the instance gives its value");
            } else if (type && !fits(made.type, fallback.content())) {
                fallback.problem("the default must be " + std::string(kind_name(made.type)) +
                                 ", not " + std::string(kind_name(fallback.content())));
            } else if (made.type == kind::cron && fallback.content().is_string()) {
                const auto parsed = parse_cron(fallback.content().as_string());
                if (!parsed) {
                    fallback.problem(parsed.error_value().message, parsed.error_value().hint);
                }
            }
            made.default_value = fallback.content();
        }
        into.config[each.name()] = std::move(made);
    }
}

bool fits(config_declaration::kind type, const json::value& content) {
    switch (type) {
        case kind::string:
        case kind::secret:
        case kind::cron:
            return content.is_string();
        case kind::number:
            return content.is_number();
        case kind::integer:
            return content.is_number() && (content.number_form() == json::number_form::int64 ||
                                           content.number_form() == json::number_form::uint64);
        case kind::boolean:
            return content.is_bool();
        case kind::object:
            return content.is_object();
        case kind::array:
            return content.is_array();
    }
    return false;
}

std::string_view kind_name(config_declaration::kind type) {
    switch (type) {
        case kind::string:
        case kind::secret:
        case kind::cron:
            return "text";
        case kind::number:
            return "a number";
        case kind::integer:
            return "a whole number";
        case kind::boolean:
            return "true or false";
        case kind::object:
            return "an object";
        case kind::array:
            return "a list";
    }
    return "something else";
}

}  // namespace sluice::manifest
