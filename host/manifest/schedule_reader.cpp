#include "manifest/schedule_reader.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/time_zone.hpp"
#include "expression/suggestion.hpp"
#include "manifest/cron.hpp"

namespace sluice::manifest {
namespace {

void read_cron_reference(const cursor& at, const config_declarations& config,
                         schedule_trigger& into) {
    at.refuse_unknown("a reference", {"$ref"});
    const cursor target = at.member("$ref");
    const std::optional<std::string> text = target.text("a reference", true);
    if (!text) return;
    if (!text->starts_with("config.")) {
        return target.problem("a reference must have the form { $ref: config.name }");
    }
    const std::string name = text->substr(7);
    const auto declared = config.find(name);
    if (declared == config.end()) {
        std::vector<std::string> known;
        for (const auto& [each, variable] : config) {
            if (variable.type == config_declaration::kind::cron) known.push_back(each);
        }
        return target.problem("config has no \"" + name + "\"",
                              expression::did_you_mean(name, known));
    }
    if (declared->second.type != config_declaration::kind::cron) {
        return target.problem("config." + name + " is not a schedule",
                              "declare it with type: cron");
    }
    into.cron_config = name;
    into.time_zone = declared->second.time_zone;
}

void read_cron(const cursor& at, const config_declarations& config, schedule_trigger& into) {
    if (at.content().is_object()) return read_cron_reference(at, config, into);
    const std::optional<std::string> text = at.text("cron", true);
    if (!text) return;
    into.cron = *text;
    const base::result<cron_fields> parsed = parse_cron(*text);
    if (!parsed) at.problem(parsed.error_value().message, parsed.error_value().hint);
}

std::int64_t read_interval(const cursor& at) {
    const std::optional<std::int64_t> ms = at.duration();
    if (ms && *ms < 1000) at.problem("a schedule waits a second at least");
    return ms.value_or(0);
}

void read_missed(const cursor& at, schedule_trigger& into) {
    const cursor overlap = at.member("overlap");
    const cursor missed = at.member("missed");
    const auto rule = missed.one_of("rule for missed times", {"latest", "all", "skip"});
    if (rule == "skip") into.missed = schedule_trigger::missed_rule::skip;
    if (rule == "all") {
        into.missed = schedule_trigger::missed_rule::all;
        // They come all at once: one after the other is what is meant.
        if (!overlap.exists()) into.overlap = schedule_trigger::overlap_rule::queue;
        if (overlap.exists() && into.overlap == schedule_trigger::overlap_rule::skip) {
            missed.problem("of all missed times, overlap: skip would leave one",
                           "write overlap: queue or allow");
        }
    }
    if (!at.member("after").exists()) return;
    if (overlap.exists()) {
        overlap.key_problem("runs of an `after` schedule never overlap", "leave it out");
    }
    if (missed.exists()) {
        missed.key_problem("an `after` schedule misses nothing: it runs once it can",
                           "leave it out");
    }
}

}  // namespace

std::string time_zone_hint(const std::string& name) {
    const std::vector<std::string> names = base::time_zone_names();
    std::string near = expression::nearest(name, names);
    if (near.empty()) {  // "berlin"
        std::vector<std::string> cities;
        for (const std::string& each : names)
            cities.push_back(each.substr(each.rfind('/') + 1));
        const std::string city = expression::nearest(name, cities);
        const auto found = std::find(cities.begin(), cities.end(), city);
        if (found != cities.end()) near = names[static_cast<std::size_t>(found - cities.begin())];
    }
    return near.empty() ? "write a name like Europe/Berlin or UTC"
                        : "did you mean \"" + near + "\"?";
}

void check_time_zone(const cursor& at, const std::string& name) {
    if (base::find_time_zone(name)) return;
    at.problem("\"" + name + "\" is not a time zone", time_zone_hint(name));
}

schedule_trigger read_schedule(const cursor& at, const config_declarations& config) {
    schedule_trigger made;
    if (!at.is_object("schedule")) return made;
    at.refuse_unknown("schedule", {"cron", "every", "after", "timezone", "overlap", "missed"});
    const cursor cron = at.member("cron");
    const cursor every = at.member("every");
    const cursor after = at.member("after");
    if (cron.exists() + every.exists() + after.exists() != 1) {
        at.problem("a schedule has one of `cron`, `every` and `after`",
                   "for example cron: \"0 3 * * *\" or every: PT15M");
    }
    if (cron.exists()) read_cron(cron, config, made);
    if (every.exists()) made.every_ms = read_interval(every);
    if (after.exists()) made.after_ms = read_interval(after);
    const cursor zone = at.member("timezone");
    if (const std::optional<std::string> name = zone.text("timezone")) {
        if (!cron.exists()) {
            zone.key_problem("only a cron schedule has a time zone", "leave it out");
        }
        check_time_zone(zone, *name);
        made.time_zone = *name;
    }
    const cursor overlap = at.member("overlap");
    const auto rule = overlap.one_of("rule for overlaps", {"skip", "queue", "allow"});
    if (rule == "queue") made.overlap = schedule_trigger::overlap_rule::queue;
    if (rule == "allow") made.overlap = schedule_trigger::overlap_rule::allow;
    read_missed(at, made);
    return made;
}

}  // namespace sluice::manifest
