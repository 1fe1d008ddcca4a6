// Schedules in five fields, as crontab(5) has them: minute, hour, day of month, month, weekday.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace sluice::manifest {

// Bit n of a field is set when it holds for n. A day counts when both day fields hold; when
// neither of them begins with "*", one of the two is enough.
struct cron_fields {
    std::uint64_t minutes = 0;   // 0 to 59
    std::uint32_t hours = 0;     // 0 to 23
    std::uint32_t days = 0;      // 1 to 31
    std::uint32_t months = 0;    // 1 to 12
    std::uint32_t weekdays = 0;  // 0 to 6, Sunday is 0
    bool any_day = false;        // the field began with "*"
    bool any_weekday = false;
};

// Lists "1,15", ranges "1-5", steps "*/10" and "8-18/2", names "jan" and "mon" in any case; 7 is
// Sunday, too. Refused: other than five fields, and days that no month of the schedule has.
base::result<cron_fields> parse_cron(std::string_view text);

}  // namespace sluice::manifest
