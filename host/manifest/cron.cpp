#include "manifest/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct field {
    std::string_view name;
    int low;
    int high;
    std::span<const std::string_view> names;  // of `low`, `low` + 1, ...
};

base::error refuse(std::string message) {
    return base::make_error(base::error_code::invalid_input, std::move(message),
                            "write minute hour day month weekday, for example \"0 3 * * mon-fri\"");
}

std::string lower(std::string_view text) {
    std::string made(text);
    std::transform(made.begin(), made.end(), made.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return made;
}

// A number or a name of the field; -1 when it is neither.
int parse_part(std::string_view text, const field& of) {
    const std::string name = lower(text);
    for (std::size_t i = 0; i < of.names.size(); ++i) {
        if (of.names[i] == name) return of.low + static_cast<int>(i);
    }
    int number = -1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return -1;
    return number < of.low || number > of.high ? -1 : number;
}

base::result<std::uint64_t> parse_item(std::string_view item, const field& of) {
    const std::string quoted = "\"" + std::string(item) + "\"";
    const std::size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
        const std::string_view text = item.substr(slash + 1);
        const auto read = std::from_chars(text.data(), text.data() + text.size(), step);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size() || step < 1) {
            return refuse(quoted + " has no whole number from 1 after the /");
        }
    }
    int from = of.low;
    int to = of.high;
    if (range != "*") {
        const std::size_t dash = range.find('-');
        from = parse_part(range.substr(0, dash), of);
        to = from;
        if (dash != std::string_view::npos) {
            to = parse_part(range.substr(dash + 1), of);
            // "fri-sun": a week may be written with Sunday at its end.
            if (to == 0 && of.high == 7 && from > 0) to = 7;
        } else if (slash != std::string_view::npos) {
            to = of.high;  // "5/15": from 5 on
        }
        if (from < 0 || to < 0) {
            return refuse(quoted + " is not a " + std::string(of.name) + " from " +
                          std::to_string(of.low) + " to " + std::to_string(of.high));
        }
        if (to < from) return refuse(quoted + " ends before it begins");
    }
    std::uint64_t bits = 0;
    for (int i = from; i <= to; i += step)
        bits |= std::uint64_t{1} << i;
    return bits;
}

base::result<std::uint64_t> parse_field(std::string_view text, const field& of) {
    std::uint64_t bits = 0;
    while (true) {
        const std::size_t comma = text.find(',');
        base::result<std::uint64_t> item = parse_item(text.substr(0, comma), of);
        if (!item) return item;
        bits |= *item;
        if (comma == std::string_view::npos) return bits;
        text.remove_prefix(comma + 1);
    }
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t from = text.find_first_not_of(" \t");
        if (from == std::string_view::npos) return parts;
        text.remove_prefix(from);
        const std::size_t end = text.find_first_of(" \t");
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end);
    }
}

// "0 0 31 2 *" would never come.
bool has_a_day(const cron_fields& of) {
    constexpr std::array<int, 12> lengths = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!of.any_weekday && !of.any_day) return true;
    for (int month = 1; month <= 12; ++month) {
        if ((of.months >> month & 1) == 0) continue;
        const std::uint64_t all = (std::uint64_t{2} << lengths[month - 1]) - 2;
        if ((of.days & all) != 0) return true;
    }
    return false;
}

}  // namespace

base::result<cron_fields> parse_cron(std::string_view text) {
    const std::array<field, 5> fields = {{{"minute", 0, 59, {}},
                                          {"hour", 0, 23, {}},
                                          {"day", 1, 31, {}},
                                          {"month", 1, 12, month_names},
                                          {"weekday", 0, 7, day_names}}};
    const std::vector<std::string_view> parts = split(text);
    if (parts.size() != fields.size()) {
        return refuse("a schedule has five fields, this one has " + std::to_string(parts.size()));
    }
    std::array<std::uint64_t, 5> bits{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const base::result<std::uint64_t> read = parse_field(parts[i], fields[i]);
        if (!read) return read.error_value();
        bits[i] = *read;
    }
    cron_fields made;
    made.minutes = bits[0];
    made.hours = static_cast<std::uint32_t>(bits[1]);
    made.days = static_cast<std::uint32_t>(bits[2]);
    made.months = static_cast<std::uint32_t>(bits[3]);
    made.weekdays = static_cast<std::uint32_t>((bits[4] | bits[4] >> 7) & 0x7f);
    made.any_day = parts[2].starts_with("*");
    made.any_weekday = parts[4].starts_with("*");
    if (!has_a_day(made)) return refuse("this schedule names a day that its months do not have");
    return made;
}

}  // namespace sluice::manifest
