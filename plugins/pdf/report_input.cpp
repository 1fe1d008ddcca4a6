#include "report_input.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
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

int digits_at(std::string_view text, std::size_t at, std::size_t count) {
    int number = -1;
    const char* const end = text.data() + at + count;
    if (text.size() < at + count) return -1;
    return std::from_chars(text.data() + at, end, number).ptr == end ? number : -1;
}

// RFC 3339, without the fraction of its second, which a file's properties cannot have.
std::optional<std::string> date_time(std::string_view text) {
    namespace chrono = std::chrono;
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) return std::nullopt;
    }
    const chrono::year_month_day day{chrono::year(digits_at(text, 0, 4)),
                                     chrono::month(static_cast<unsigned>(digits_at(text, 5, 2))),
                                     chrono::day(static_cast<unsigned>(digits_at(text, 8, 2)))};
    if (!day.ok() || digits_at(text, 11, 2) > 23 || digits_at(text, 14, 2) > 59 ||
        digits_at(text, 17, 2) > 60) {
        return std::nullopt;
    }
    std::string_view zone = text.substr(form.size());
    if (zone.starts_with('.')) {
        const std::size_t end = zone.find_first_not_of("0123456789", 1);
        if (end == zone.npos || end == 1) return std::nullopt;
        zone.remove_prefix(end);
    }
    const bool utc = zone == "Z";
    const bool offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' &&
                        zone.find_first_not_of("0123456789:", 1) == zone.npos &&
                        digits_at(zone, 1, 2) >= 0 && digits_at(zone, 1, 2) <= 23 &&
                        digits_at(zone, 4, 2) >= 0 && digits_at(zone, 4, 2) <= 59;
    if (!utc && !offset) return std::nullopt;
    return std::string(text.substr(0, form.size())) + std::string(zone);
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
