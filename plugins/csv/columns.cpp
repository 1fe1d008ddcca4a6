#include "columns.hpp"

#include <algorithm>
#include <set>
#include <sluice/option.hpp>
#include <utility>

namespace csv {

using sluice::failure;

namespace {

char decimal_of(const json& input) {
    return sluice::choice_option(input, "decimal", {".", ","}) == "," ? ',' : '.';
}

std::string quoted_start(std::string_view text) {
    constexpr std::size_t enough = 60;
    const std::string_view start = sluice::detail::utf8_prefix(text, enough);
    return "'" + std::string(start) + (start.size() < text.size() ? "...'" : "'");
}

std::string column_of_number(std::size_t index) { return "column_" + std::to_string(index + 1); }

}  // namespace

failure failure_of(const fault& why) {
    return failure(SLUICE_INVALID_INPUT, "line " + std::to_string(why.line) + ", column " +
                                             std::to_string(why.column) + ": " + why.message)
        .details(json{{"line", why.line}, {"column", why.column}});
}

header_kind read_header_kind(const json& input) {
    const json& header = input["header"];
    if (header.is_null()) return header_kind::first_row;
    if (header.is_bool()) return header.as_bool() ? header_kind::first_row : header_kind::none;
    if (header.is_array()) return header_kind::given;
    throw failure(SLUICE_INVALID_INPUT, "'header' must be true, false or a list of names");
}

std::vector<std::string> given_names(const json& input) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const json& name : input["header"].items()) {
        if (!name.is_string() || name.empty() || !seen.insert(name.as_string()).second) {
            throw failure(SLUICE_INVALID_INPUT,
                          "the names in 'header' must be text, not empty, each another");
        }
        names.push_back(name.as_string());
    }
    if (names.empty()) throw failure(SLUICE_INVALID_INPUT, "'header' must not be an empty list");
    return names;
}

std::vector<std::string> names_of_header(const record_stream& rows, const json& input) {
    const bool number =
        sluice::choice_option(input, "duplicateNames", {"refuse", "number"}) == "number";
    if (const std::optional<fault> malformed = rows.find_malformed_text()) {
        throw failure_of(*malformed);
    }
    std::vector<std::string> names;
    std::set<std::string> seen;
    const record& row = rows.current();
    for (std::size_t i = 0; i < row.size(); ++i) {
        std::string name(row[i]);
        if (number) {
            if (name.empty()) name = column_of_number(i);
            const std::string plain = name;
            for (int count = 2; seen.contains(name); ++count)
                name = plain + "_" + std::to_string(count);
        } else if (name.empty()) {
            throw failure_of(rows.fault_at_field(i, "the header has a column without a name"));
        } else if (seen.contains(name)) {
            throw failure_of(rows.fault_at_field(
                i, "the header has the column " + quoted_start(name) + " twice"));
        }
        seen.insert(name);
        names.push_back(std::move(name));
    }
    return names;
}

json names_as_json(const std::vector<std::string>& names) {
    return json::array({names.begin(), names.end()});
}

columns::columns(std::vector<std::string> names, const json& input)
    : names_(std::move(names)),
      fill_short_rows_(sluice::choice_option(input, "shortRows", {"error", "fill"}) == "fill") {
    const json& types = input["types"];
    if (types.is_null()) return;
    if (!types.is_object()) {
        throw failure(SLUICE_INVALID_INPUT, "'types' must be an object of column names");
    }
    const char decimal = decimal_of(input);
    conversions_.resize(names_.size());
    for (const auto& [column, type] : types.members()) {
        const auto found = std::find(names_.begin(), names_.end(), column);
        if (found == names_.end()) {
            throw failure(SLUICE_INVALID_INPUT, "'types' names the column " + quoted_start(column) +
                                                    ", which is not there");
        }
        conversions_[static_cast<std::size_t>(found - names_.begin())] =
            read_conversion(column, type, decimal);
    }
}

std::optional<fault> columns::read(const record_stream& rows, json& out) const {
    if (std::optional<fault> malformed = rows.find_malformed_text()) return malformed;
    const record& row = rows.current();
    if (!has_names()) {
        json::array_type fields;
        fields.reserve(row.size());
        for (std::size_t i = 0; i < row.size(); ++i)
            fields.emplace_back(row[i]);
        out = json::array(std::move(fields));
        return std::nullopt;
    }
    const bool fits =
        row.size() == names_.size() || (fill_short_rows_ && row.size() < names_.size());
    if (!fits) {
        return rows.fault_at_field(names_.size(), "the row has " + std::to_string(row.size()) +
                                                      " fields, the header " +
                                                      std::to_string(names_.size()));
    }
    json::object_type members;
    members.reserve(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const std::string_view text = i < row.size() ? row[i] : std::string_view();
        if (conversions_.empty()) {
            members.emplace_back(names_[i], text);
            continue;
        }
        std::optional<json> value = convert(text, conversions_[i]);
        if (!value) {
            return rows.fault_at_field(i, quoted_start(text) + " in the column " +
                                              quoted_start(names_[i]) + " is not " +
                                              name_of(conversions_[i].type));
        }
        members.emplace_back(names_[i], std::move(*value));
    }
    out = json::object_of(std::move(members));
    return std::nullopt;
}

}  // namespace csv
