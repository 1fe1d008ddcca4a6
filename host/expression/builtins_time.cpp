// Dates: seconds since 1970, "broken down" arrays, and texts. Always UTC: the zone of the machine
// is nobody's business here.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ctime>
#include <string>

#include "base/clock.hpp"
#include "expression/arithmetic.hpp"
#include "expression/builtins.hpp"
#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

constexpr std::size_t fields = 8;
// What strptime leaves when the format names no day.
constexpr int no_week_day = 8;
constexpr int no_year_day = 367;

json::value broken_down(const std::tm& time, double seconds) {
    return json::value::array({time.tm_year + 1900, time.tm_mon, time.tm_mday, time.tm_hour,
                               time.tm_min, make_number(seconds), time.tm_wday, time.tm_yday});
}

int to_int(double number) {
    if (std::isnan(number)) return 0;
    return static_cast<int>(std::clamp(number, -2147483648.0, 2147483647.0));
}

bool read_broken_down(const json::value& from, std::tm& time) {
    if (from.size() < fields) return false;
    for (std::size_t i = 0; i < fields; ++i) {
        if (!from.at(i).is_number()) return false;
    }
    const auto field = [&from](std::size_t i) { return to_int(from.at(i).as_double()); };
    time = {};
    time.tm_year = to_int(from.at(0).as_double() - 1900);
    time.tm_mon = field(1);
    time.tm_mday = field(2);
    time.tm_hour = field(3);
    time.tm_min = field(4);
    time.tm_sec = field(5);
    time.tm_wday = field(6);
    time.tm_yday = field(7);
    time.tm_zone = "UTC";
    return true;
}

bool gmtime(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number()) return used.fail("gmtime() requires numeric inputs");
    const double seconds = in[0].as_double();
    constexpr double farthest = 9e18;
    std::tm time = {};
    const auto whole = std::abs(seconds) < farthest ? static_cast<std::time_t>(seconds) : 0;
    if (!(std::abs(seconds) < farthest) || ::gmtime_r(&whole, &time) == nullptr) {
        return used.fail("error converting number of seconds since epoch to datetime");
    }
    if (!used.charge(fields * sizeof(json::value))) return false;
    out = broken_down(time, time.tm_sec + (seconds - std::floor(seconds)));
    return true;
}

bool mktime(meter& used, arguments in, json::value& out) {
    if (!in[0].is_array()) return used.fail("mktime requires array inputs");
    std::tm time = {};
    if (!read_broken_down(in[0], time)) {
        return used.fail("mktime requires parsed datetime inputs");
    }
    out = static_cast<std::int64_t>(::timegm(&time));
    return true;
}

bool format_time(meter& used, arguments in, std::string_view name, json::value& out) {
    if (in[0].is_number()) {
        if (!gmtime(used, in, in[0])) return false;
    } else if (!in[0].is_array()) {
        return used.fail(std::string(name) + "/1 requires parsed datetime inputs");
    }
    if (!in[1].is_string()) return used.fail(std::string(name) + "/1 requires a string format");
    std::tm time = {};
    if (!read_broken_down(in[0], time)) {
        return used.fail(std::string(name) + "/1 requires parsed datetime inputs");
    }
    const std::string& format = in[1].as_string();
    const std::size_t room = format.size() * 8 + 100;
    if (!used.charge(room) || !used.work(in[1], 16)) return false;
    std::string text(room, '\0');
    const std::size_t size = std::strftime(text.data(), room, format.c_str(), &time);
    if (size == 0) return used.fail(std::string(name) + "/1: unknown system failure");
    text.resize(size);
    out = std::move(text);
    return true;
}

bool strftime(meter& used, arguments in, json::value& out) {
    return format_time(used, in, "strftime", out);
}

bool strflocaltime(meter& used, arguments in, json::value& out) {
    return format_time(used, in, "strflocaltime", out);
}

// Day of the week and of the year, where the format did not say but the date is there.
void complete(std::tm& time) {
    if (time.tm_mday == 0 || time.tm_mon < 0 || time.tm_mon > 11) return;
    std::tm whole = {};
    whole.tm_year = time.tm_year;
    whole.tm_mon = time.tm_mon;
    whole.tm_mday = time.tm_mday;
    ::timegm(&whole);
    if (time.tm_wday == no_week_day) time.tm_wday = whole.tm_wday;
    if (time.tm_yday == no_year_day) time.tm_yday = whole.tm_yday;
}

bool strptime(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string() || !in[1].is_string()) {
        return used.fail("strptime/1 requires string inputs and arguments");
    }
    if (!used.work(in[0], 16) || !used.work(in[1], 16)) return false;
    std::tm time = {};
    time.tm_wday = no_week_day;
    time.tm_yday = no_year_day;
    const std::string& text = in[0].as_string();
    const char* const end = ::strptime(text.c_str(), in[1].as_string().c_str(), &time);
    const bool blank = end != nullptr && std::strchr(" \t\n\v\f\r", *end) != nullptr;
    if (!blank) {  // the end of the text is found by strchr, too
        return used.fail("date \"" + text + "\" does not match format \"" + in[1].as_string() +
                         "\"");
    }
    complete(time);
    if (!used.charge(fields * sizeof(json::value) + text.size())) return false;
    out = broken_down(time, time.tm_sec);
    if (*end != '\0') out.push(std::string(end));
    return true;
}

bool now(meter& used, arguments, json::value& out) {
    if (used.clock() == nullptr) return used.fail("there is no clock in this place");
    out = make_number(static_cast<double>(used.clock()->unix_ms()) / 1000.0);
    return true;
}

constexpr std::array table = {
    builtin{"gmtime", 0, gmtime, nullptr},     builtin{"localtime", 0, gmtime, nullptr},
    builtin{"mktime", 0, mktime, nullptr},     builtin{"strftime", 1, strftime, nullptr},
    builtin{"strptime", 1, strptime, nullptr}, builtin{"strflocaltime", 1, strflocaltime, nullptr},
    builtin{"now", 0, now, nullptr},
};

}  // namespace

std::span<const builtin> time_builtins() { return table; }

}  // namespace sluice::expression
