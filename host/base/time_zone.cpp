#include "base/time_zone.hpp"

#include <date/tz.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include "base/clock.hpp"

namespace sluice::base {

time_zone::period time_zone::at(std::int64_t unix_s) const {
    const auto* zone = static_cast<const date::time_zone*>(zone_);
    const date::sys_info info = zone->get_info(date::sys_seconds(std::chrono::seconds(unix_s)));
    return {info.begin.time_since_epoch().count(), info.end.time_since_epoch().count(),
            info.offset.count()};
}

std::string to_local_rfc3339(std::int64_t unix_ms, const time_zone& zone) {
    const std::int64_t unix_s =
        std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(unix_ms)).count();
    const std::int64_t minutes = zone.at(unix_s).offset_s / 60;
    std::string text = to_rfc3339(unix_ms + minutes * 60'000);
    text.pop_back();  // "Z"
    char offset[16];
    const std::int64_t size = std::abs(minutes);
    std::snprintf(offset, sizeof offset, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                  static_cast<int>(size / 60), static_cast<int>(size % 60));
    return text + offset;
}

result<time_zone> find_time_zone(const std::string& name) {
    try {
        const date::time_zone* zone = date::locate_zone(name);
        // Its file is read only now; a broken one must be found here and not at a tick.
        zone->get_info(date::sys_seconds());
        return time_zone(zone);
    } catch (const std::exception&) {
        return make_error(error_code::not_found, "\"" + name + "\" is not a time zone",
                          "write a name like Europe/Berlin or UTC");
    }
}

std::vector<std::string> time_zone_names() {
    std::vector<std::string> out;
    try {
        for (const date::time_zone& zone : date::get_tzdb().zones)
            out.push_back(zone.name());
    } catch (const std::exception&) {
        out.clear();
    }
    return out;
}

}  // namespace sluice::base
