#include "report_input.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <sluice/utc_text.hpp>
#include <utility>

namespace sluice::pdf {
namespace {

constexpr double points_per_mm = 72.0 / 25.4;
constexpr std::size_t most_rows = 100'000;
constexpr std::size_t most_columns = 40;
constexpr std::size_t longest_line = 1'000;
constexpr std::size_t longest_text = 100'000;
constexpr std::size_t longest_cell = 32'000;

struct paper {
    std::string_view name;
    double width_mm;
    double height_mm;
};
constexpr std::array papers{paper{"A3", 297, 420}, paper{"A4", 210, 297}, paper{"A5", 148, 210},
                            paper{"letter", 215.9, 279.4}, paper{"legal", 215.9, 355.6}};

[[noreturn]] void refuse(const std::string& what) { throw failure(SLUICE_INVALID_INPUT, what); }

double number_in(const json& from, std::string_view key, double fallback, double least,
                 double most) {
    const json& found = from[key];
    if (found.is_null()) return fallback;
    const double number = found.is_number() ? found.as_double() : least - 1;
    if (!(number >= least && number <= most)) {
        refuse("'" + std::string(key) + "' must be a number from " + json(least).number_text() +
               " to " + json(most).number_text());
    }
    return number;
}

std::string text_in(const json& from, std::string_view key, std::size_t longest = longest_line) {
    const json& found = from[key];
    if (found.is_null()) return {};
    if (!found.is_string()) detail::refuse_input(from, key, "a string");
    if (found.size() > longest) {
        refuse("'" + std::string(key) + "' must have at most " + std::to_string(longest) +
               " bytes");
    }
    if (found.as_string().find('\0') != std::string::npos) {
        refuse("'" + std::string(key) + "' must not contain the character U+0000");
    }
    return found.as_string();
}

// RFC 3339, without the fraction of its second, which a file's properties cannot have.
std::optional<std::string> date_time(const std::string& text) {
    constexpr std::size_t whole_seconds = 19;
    if (text.size() <= whole_seconds) return std::nullopt;
    const std::string moment = text.substr(0, whole_seconds);
    std::string_view zone = std::string_view(text).substr(whole_seconds);
    if (zone.starts_with('.')) {
        const std::size_t end = zone.find_first_not_of("0123456789", 1);
        if (end == zone.npos || end == 1) return std::nullopt;
        zone.remove_prefix(end);
    }
    // An offset is written as a time of the day is.
    const bool offset = zone.starts_with('+') || zone.starts_with('-');
    const std::string of_day = offset ? std::string(zone.substr(1)) + ":00Z" : "00:00:00Z";
    const bool fits = (offset || zone == "Z") && sluice::parse_utc(moment + 'Z') &&
                      sluice::parse_utc("1970-01-01T" + of_day);
    return fits ? std::optional(moment + std::string(zone)) : std::nullopt;
}

std::string created_at(const json& input) {
    const std::string text = text_in(input, "createdAt");
    if (input["createdAt"].is_null()) return {};
    const std::optional<std::string> moment = date_time(text);
    if (!moment) refuse("'createdAt' must be a date and time like 2026-01-31T08:00:00Z");
    return *moment;
}

page_setup read_page(const json& from) {
    if (!from.is_null() && !from.is_object()) refuse("'page' must be an object");
    const std::string size = from.get_or("size", "A4");
    page_setup page;
    for (const paper& each : papers) {
        if (each.name != size) continue;
        page.width = each.width_mm * points_per_mm;
        page.height = each.height_mm * points_per_mm;
    }
    if (page.width == 0) refuse("'page.size' must be A3, A4, A5, letter or legal");
    const std::string orientation = from.get_or("orientation", "portrait");
    if (orientation == "landscape") {
        std::swap(page.width, page.height);
    } else if (orientation != "portrait") {
        refuse("'page.orientation' must be portrait or landscape");
    }
    page.margin = number_in(from, "marginMm", 18, 5, 60) * points_per_mm;
    page.font = text_in(from, "font");
    if (page.font.empty()) page.font = "Sans";
    page.font_size = number_in(from, "fontSize", 10, 5, 30);
    return page;
}

table_column read_column(const json& from) {
    table_column column;
    column.field = required_string(from, "field");
    column.title = from["title"].is_null() ? column.field : text_in(from, "title");
    column.share = number_in(from, "width", 1, 0.01, 1'000);
    const std::string align = from.get_or("align", "");
    column.align_given = !align.empty();
    if (align == "center") {
        column.align = alignment::center;
    } else if (align == "right") {
        column.align = alignment::end;
    } else if (!align.empty() && align != "left") {
        refuse("a column's 'align' must be left, center or right");
    }
    column.decimals = static_cast<int>(number_in(from, "decimals", -1, -1, 12));
    return column;
}

table read_table(const json& from, std::size_t& rows_so_far) {
    table made;
    const json& columns = required_array(from, "columns");
    if (columns.empty() || columns.size() > most_columns) {
        refuse("a table must have 1 to " + std::to_string(most_columns) + " columns");
    }
    for (const json& each : columns.items()) {
        if (!each.is_object()) refuse("each of 'columns' must be an object");
        made.columns.push_back(read_column(each));
    }
    made.rows = required_array(from, "rows");
    rows_so_far += made.rows.size();
    if (rows_so_far > most_rows) {
        refuse("a report has at most " + std::to_string(most_rows) + " rows");
    }
    for (const json& row : made.rows.items()) {
        if (!row.is_object()) refuse("each of 'rows' must be an object");
    }
    made.totals = from["totals"];
    if (!made.totals.is_null() && !made.totals.is_object()) refuse("'totals' must be an object");
    return made;
}

section read_section(const json& from, std::size_t& rows_so_far) {
    if (!from.is_object()) refuse("each of 'sections' must be an object");
    section made;
    made.heading = text_in(from, "heading");
    made.text = text_in(from, "text", longest_text);
    if (!from["facts"].is_null()) {
        for (const json& fact : required_array(from, "facts").items())
            made.facts.emplace_back(text_in(fact, "label"), cell_text(fact["value"], {}));
    }
    if (!from["table"].is_null()) {
        made.tables.push_back(read_table(required_object(from, "table"), rows_so_far));
    }
    return made;
}

std::string fixed_decimals(double number, int decimals) {
    std::array<char, 400> digits{};  // the largest double has 309 digits before the point
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                   std::chars_format::fixed, decimals);
    return {digits.data(), end.ptr};
}

}  // namespace

std::string cell_text(const json& value, const table_column& column) {
    if (value.is_null()) return {};
    if (value.is_number()) {
        return column.decimals < 0 ? value.number_text()
                                   : fixed_decimals(value.as_double(), column.decimals);
    }
    std::string text = value.is_string() ? value.as_string() : value.dump();
    if (text.size() > longest_cell) {
        refuse("a value of '" + column.field + "' is longer than " + std::to_string(longest_cell) +
               " bytes");
    }
    std::erase(text, '\0');
    return text;
}

report_input read_report(const json& input) {
    report_input report;
    required_string(input, "title");
    report.title = text_in(input, "title");
    report.subtitle = text_in(input, "subtitle");
    report.author = text_in(input, "author");
    report.header = text_in(input, "header");
    report.footer = input["footer"].is_null() ? "Page {page} of {pages}" : text_in(input, "footer");
    report.created_at = created_at(input);
    report.page = read_page(input["page"]);
    if (input["sections"].is_null()) return report;
    std::size_t rows = 0;
    for (const json& each : required_array(input, "sections").items())
        report.sections.push_back(read_section(each, rows));
    return report;
}

}  // namespace sluice::pdf
