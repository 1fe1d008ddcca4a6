#include "trigger/schedule_position.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "json/text.hpp"
#include "trigger/cron_ticks.hpp"

namespace sluice::trigger {
namespace {

constexpr std::int64_t window_ms = 24 * 3'600'000ll;
constexpr std::int64_t late_ms = 60'000;
constexpr std::size_t most_at_once = 100;

}  // namespace

base::result<std::optional<schedule_rule>> schedule_rule_of(const engine::bound_flow& flow) {
    const auto* trigger = std::get_if<manifest::schedule_trigger>(&flow.flow->trigger);
    if (trigger == nullptr) return std::optional<schedule_rule>();
    schedule_rule made;
    made.trigger = *trigger;
    if (trigger->every_ms > 0) {
        made.text = "every " + std::to_string(trigger->every_ms);
        return std::optional(std::move(made));
    }
    if (trigger->after_ms > 0) {
        made.text = "after " + std::to_string(trigger->after_ms);
        return std::optional(std::move(made));
    }
    std::string cron = trigger->cron;
    std::string zone_name = trigger->time_zone;
    if (!trigger->cron_config.empty()) {  // text, or {cron, timezone}
        const json::value& chosen = flow.config.get(trigger->cron_config);
        cron = chosen.is_string() ? chosen.as_string() : chosen.string_or("cron", "");
        zone_name = chosen.string_or("timezone", zone_name);
    }
    if (cron.empty()) return std::optional<schedule_rule>();
    base::result<manifest::cron_fields> fields = manifest::parse_cron(cron);
    if (!fields) return std::move(fields).error_value();
    made.zone_name = zone_name.empty() ? "UTC" : std::move(zone_name);
    base::result<base::time_zone> zone = base::find_time_zone(made.zone_name);
    if (!zone) return std::move(zone).error_value();
    made.cron = *fields;
    made.zone = *zone;
    made.text = "cron " + cron + " " + made.zone_name;
    return std::optional(std::move(made));
}

std::string schedule_position::to_text() const {
    return json::to_text(json::value::object({{"rule", rule},
                                              {"anchor", anchor_ms},
                                              {"nominal", nominal_ms},
                                              {"run", run},
                                              {"skipped", skipped}}));
}

base::result<schedule_position> schedule_position::parse(const std::string& text) {
    base::result<json::value> content = json::parse(text);
    if (!content) return std::move(content).error_value();
    schedule_position made;
    made.rule = content->string_or("rule", "");
    made.anchor_ms = content->int_or("anchor", 0);
    made.nominal_ms = content->int_or("nominal", 0);
    made.run = content->int_or("run", 0);
    made.skipped = content->int_or("skipped", 0);
    return made;
}

base::result<std::int64_t> tick_after(const schedule_rule& rule, const schedule_position& position,
                                      std::int64_t after_ms) {
    if (rule.cron) return next_tick(*rule.cron, *rule.zone, after_ms);
    const std::int64_t every = rule.trigger.every_ms;
    if (after_ms < position.anchor_ms) return position.anchor_ms + every;
    return position.anchor_ms + ((after_ms - position.anchor_ms) / every + 1) * every;
}

base::result<due_ticks> ticks_due(const schedule_rule& rule, const schedule_position& position,
                                  std::int64_t now_ms) {
    due_ticks made;
    std::deque<std::int64_t> found;
    base::result<std::int64_t> next = tick_after(rule, position, position.nominal_ms);
    if (next && *next < now_ms - window_ms) {
        ++made.missed;
        next = tick_after(rule, position, now_ms - window_ms - 1);
    }
    // A tick each second for a day would be 86,400: the newest are enough.
    if (rule.trigger.every_ms > 0 && next) {
        const std::int64_t count = (now_ms - *next) / rule.trigger.every_ms;
        const std::int64_t left_out = count - static_cast<std::int64_t>(most_at_once);
        if (left_out > 0) {
            *next += left_out * rule.trigger.every_ms;
            made.missed += static_cast<std::uint64_t>(left_out);
        }
    }
    while (next && *next <= now_ms) {
        found.push_back(*next);
        if (found.size() > most_at_once) {
            found.pop_front();
            ++made.missed;
        }
        next = tick_after(rule, position, *next);
    }
    if (found.empty()) {
        if (made.missed > 0) made.newest_ms = now_ms - window_ms - 1;  // all up to there are over
        if (!next && made.missed == 0) return std::move(next).error_value();
        return made;
    }
    made.newest_ms = found.back();
    using rules = manifest::schedule_trigger::missed_rule;
    if (rule.trigger.missed != rules::all) {
        made.missed += found.size() - 1;
        found.erase(found.begin(), found.end() - 1);
    }
    if (rule.trigger.missed == rules::skip && now_ms - found.back() > late_ms) {
        ++made.missed;
        found.pop_back();
    }
    made.fire.assign(found.begin(), found.end());
    return made;
}

}  // namespace sluice::trigger
