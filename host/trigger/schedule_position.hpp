// Where a schedule is in time: what is kept of it, and which of its ticks are due.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time_zone.hpp"
#include "engine/bound_flow.hpp"
#include "manifest/cron.hpp"
#include "store/types.hpp"

namespace sluice::trigger {

// What a flow's trigger and its instance's values say together.
struct schedule_rule {
    manifest::schedule_trigger trigger;
    std::optional<manifest::cron_fields> cron;
    std::optional<base::time_zone> zone;
    std::string zone_name;
    std::string text;  // the rule in words that only change when its times do
};

// Nothing when the flow has no schedule, or its config variable has no value.
base::result<std::optional<schedule_rule>> schedule_rule_of(const engine::bound_flow& flow);

// Kept with the schedule, in one transaction with each of its events. Times: milliseconds since
// 1970 UTC.
struct schedule_position {
    std::string rule;             // of which the times are
    std::int64_t anchor_ms = 0;   // `every` counts from here
    std::int64_t nominal_ms = 0;  // of the last tick, fired or not; at first the anchor
    store::event_id run = 0;      // that the last fired tick has started; 0: none
    std::int64_t skipped = 0;     // how many ticks were left out so far

    std::string to_text() const;
    static base::result<schedule_position> parse(const std::string& text);
};

// The first tick of a cron or `every` schedule after a time.
base::result<std::int64_t> tick_after(const schedule_rule& rule, const schedule_position& position,
                                      std::int64_t after_ms);

// Ticks that have come by now, and what is to become of them.
struct due_ticks {
    std::vector<std::int64_t> fire;  // nominal times, oldest first
    std::uint64_t missed = 0;        // left out by the rule `missed`
    std::int64_t newest_ms = 0;      // 0: none is due
};

// One that is older than a day is never fired; `missed: all` fires a hundred at most, the newest.
// `missed: skip` still fires the newest within a minute: that is late, not missed. Of what lies
// before the last day `missed` counts one.
base::result<due_ticks> ticks_due(const schedule_rule& rule, const schedule_position& position,
                                  std::int64_t now_ms);

}  // namespace sluice::trigger
