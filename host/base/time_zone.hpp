// Time zones of the IANA data base, as the system's tzdata has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sluice::base {

// One zone; a cheap handle that stays good for the life of the process. Any thread.
class time_zone {
  public:
    // A time during which the offset from UTC stays the same. Seconds; `end` is not part of it.
    struct period {
        std::int64_t begin_s = 0;  // since 1970 UTC
        std::int64_t end_s = 0;
        std::int64_t offset_s = 0;  // what local clocks show minus UTC
    };
    // The period that `unix_s` is in. May read the zone's file the first time.
    period at(std::int64_t unix_s) const;

  private:
    friend result<time_zone> find_time_zone(const std::string& name);
    explicit time_zone(const void* zone) : zone_(zone) {}
    const void* zone_;
};

// What clocks of the zone show, in RFC 3339 with the offset: 2026-05-04T06:00:00+02:00. `unix_ms`:
// since 1970 UTC.
std::string to_local_rfc3339(std::int64_t unix_ms, const time_zone& zone);

// not_found for a name that the system does not know. Names are case-sensitive.
result<time_zone> find_time_zone(const std::string& name);

// All names, sorted; for hints. Empty when the system has no zones.
std::vector<std::string> time_zone_names();

}  // namespace sluice::base
