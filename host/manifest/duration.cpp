#include "manifest/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "expression/suggestion.hpp"

namespace sluice::manifest {
namespace {

constexpr double longest_ms = 1e14;  // some three thousand years

base::error bad_duration(std::string message) {
    return base::make_error(base::error_code::invalid_input, std::move(message),
                            "write ISO 8601 like PT30S, PT5M, P1DT12H, or {seconds: 30}");
}

struct unit {
    std::string_view name;
    double ms;
};
constexpr std::array<unit, 5> units = {{{"days", 86'400'000},
                                        {"hours", 3'600'000},
                                        {"minutes", 60'000},
                                        {"seconds", 1'000},
                                        {"milliseconds", 1}}};

base::error no_fixed_length(std::string_view what) {
    return base::make_error(base::error_code::invalid_input,
                            std::string(what) + ": years and months are not supported",
                            "their length varies; count in days, like P30D or {days: 30}");
}

// Milliseconds of one ISO 8601 designator, 0 when there is none with that letter (years and months
// have no fixed length).
double designator(char letter, bool in_time) {
    switch (letter) {
        case 'W':
            return in_time ? 0 : 604'800'000;
        case 'D':
            return in_time ? 0 : 86'400'000;
        case 'H':
            return in_time ? 3'600'000 : 0;
        case 'M':
            return in_time ? 60'000 : 0;
        case 'S':
            return in_time ? 1'000 : 0;
        default:
            return 0;
    }
}

base::result<std::int64_t> finish(double ms) {
    if (ms > longest_ms) return bad_duration("the duration is too long");
    return static_cast<std::int64_t>(std::llround(ms));
}

base::result<std::int64_t> parse_text(std::string_view text) {
    const std::string quoted = "\"" + std::string(text) + "\"";
    if (!text.starts_with("P") || text.size() < 3) {
        return bad_duration(quoted + " is not a duration");
    }
    std::string_view rest = text.substr(1);
    double ms = 0;
    bool in_time = false;
    bool any = false;
    while (!rest.empty()) {
        if (rest.front() == 'T' && !in_time) {
            in_time = true;
            any = false;
            rest.remove_prefix(1);
            continue;
        }
        double amount = 0;
        const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), amount,
                                          std::chars_format::fixed);
        const auto length = static_cast<std::size_t>(read.ptr - rest.data());
        const double scale =
            read.ec == std::errc() && length < rest.size() ? designator(rest[length], in_time) : 0;
        if (scale == 0 && read.ec == std::errc() && length < rest.size() && !in_time &&
            (rest[length] == 'Y' || rest[length] == 'M')) {
            return no_fixed_length(quoted);
        }
        if (scale == 0 || !(amount >= 0)) return bad_duration(quoted + " is not a duration");
        ms += amount * scale;
        any = true;
        rest.remove_prefix(length + 1);
    }
    if (!any) return bad_duration(quoted + " is not a duration");
    return finish(ms);
}

base::result<std::int64_t> parse_members(const json::value& content) {
    double ms = 0;
    for (const json::member& each : content.members()) {
        double scale = 0;
        for (const unit& known : units) {
            if (known.name == each.first) scale = known.ms;
        }
        const base::result<void> known = check_unit(each.first);
        if (!known) return known.error_value();
        if (!each.second.is_number() || each.second.as_double() < 0) {
            return bad_duration("\"" + each.first + "\" must be a number that is not negative");
        }
        ms += each.second.as_double() * scale;
    }
    if (content.size() == 0) return bad_duration("the duration is empty");
    return finish(ms);
}

}  // namespace

base::result<void> check_unit(std::string_view name) {
    std::vector<std::string> known;
    for (const unit& each : units) {
        if (each.name == name) return {};
        known.emplace_back(each.name);
    }
    const std::string quoted = "\"" + std::string(name) + "\"";
    const std::vector<std::string> varying = {"years", "months"};
    if (name == "year" || name == "month" || !expression::nearest(name, varying).empty()) {
        return no_fixed_length(quoted);
    }
    return base::make_error(base::error_code::invalid_input, quoted + " is not a unit of time",
                            expression::did_you_mean(name, known));
}

base::result<std::int64_t> parse_duration(const json::value& content) {
    if (content.is_string()) return parse_text(content.as_string());
    if (content.is_object()) return parse_members(content);
    return bad_duration("a duration must be text or an object");
}

}  // namespace sluice::manifest
