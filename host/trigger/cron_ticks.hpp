// When a cron schedule of a time zone comes, across changes between summer and winter time.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/time_zone.hpp"
#include "manifest/cron.hpp"

namespace sluice::trigger {

// The first tick after `after_ms` (milliseconds since 1970 UTC, as is the answer). not_found when
// none comes within a hundred years.
//
// A schedule for every hour ticks whenever the zone's clocks show a time that fits. Any other names
// times of the day: one that clocks jump over ticks at the end of the jump (several: once), and one
// that clocks show twice ticks the first time only.
base::result<std::int64_t> next_tick(const manifest::cron_fields& fields,
                                     const base::time_zone& zone, std::int64_t after_ms);

}  // namespace sluice::trigger
