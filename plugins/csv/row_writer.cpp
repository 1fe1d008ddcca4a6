#include "row_writer.hpp"

#include <optional>
#include <sluice/option.hpp>

#include "dialect.hpp"

namespace csv {

using sluice::failure;
using sluice::text_encoding;

namespace {

quoting read_quoting(const json& input) {
    const std::string name = sluice::choice_option(input, "quoting", {"minimal", "text", "all"});
    return name == "all" ? quoting::all : name == "text" ? quoting::text : quoting::minimal;
}

// What a spreadsheet takes for a formula when a field begins with it.
bool begins_formula(std::string_view text) {
    constexpr std::string_view starts = "=+-@\t\r";
    return !text.empty() && starts.find(text[0]) != starts.npos;
}

}  // namespace

row_writer::row_writer(const json& input)
    : line_end_(sluice::choice_option(input, "lineEnd", {"crlf", "lf"}) == "lf" ? "\n" : "\r\n"),
      quoting_(read_quoting(input)),
      escape_formulas_(sluice::bool_option(input, "escapeFormulas", false)),
      encoding_(sluice::encoding_option(input)) {
    const dialect form = read_dialect(input);
    if (!form.has_quotes) throw failure(SLUICE_INVALID_INPUT, "'quote' must not be empty");
    delimiter_ = form.delimiter;
    quote_ = form.quote;
    // Without its mark nobody can tell which UTF-16 it is.
    const bool wide = encoding_ == text_encoding::utf16le || encoding_ == text_encoding::utf16be;
    byte_order_mark_ = sluice::bool_option(input, "byteOrderMark", wide);
    if (byte_order_mark_ && !wide && encoding_ != text_encoding::utf8) {
        throw failure(SLUICE_INVALID_INPUT, "'byteOrderMark' needs an encoding of Unicode");
    }
}

void row_writer::write_mark(std::string& out) const {
    if (byte_order_mark_) encode_text(out, "\xEF\xBB\xBF", encoding_);
}

void row_writer::write_titles(std::string& out, const std::vector<column>& columns) {
    for (const column& each : columns)
        add_text(each.title, true);
    end_row(out, 0);
}

void row_writer::write_row(std::string& out, const json& item, const std::vector<column>& columns,
                           std::size_t row) {
    if (item.is_array()) {
        for (const json& value : item.items())
            add_field(value);
    } else {
        for (const column& each : columns)
            add_field(item[each.name]);
    }
    end_row(out, row);
}

void row_writer::add_field(const json& value) {
    if (value.is_null()) return add_text("", false);
    if (value.is_string()) return add_text(value.as_string(), true);
    // Numbers exactly, true and false; what is nested as JSON.
    add_text(value.dump(), value.is_array() || value.is_object());
}

void row_writer::add_text(std::string_view text, bool is_text) {
    if (!first_) line_ += delimiter_;
    const bool escaped = escape_formulas_ && is_text && begins_formula(text);
    const char special[] = {delimiter_, quote_, '\r', '\n', '\0'};
    const bool spaces = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    const bool quoted = quoting_ == quoting::all || (quoting_ == quoting::text && is_text) ||
                        spaces || text.find_first_of(special) != text.npos;
    first_ = false;
    if (quoted) line_ += quote_;
    if (escaped) line_ += '\'';
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t quote = text.find(quote_, at);
        const std::size_t end = quote == text.npos ? text.size() : quote + 1;
        line_ += text.substr(at, end - at);
        if (quote != text.npos) line_ += quote_;
        at = end;
    }
    if (quoted) line_ += quote_;
}

void row_writer::end_row(std::string& out, std::size_t row) {
    // A row that is one empty field would look like a blank line, which readers pass over.
    if (line_.empty()) line_.append(2, quote_);
    line_ += line_end_;
    const std::optional<std::size_t> missing = encode_text(out, line_, encoding_);
    if (missing) {
        const std::string_view rest = std::string_view(line_).substr(*missing);
        const std::string character(rest.substr(0, sluice::detail::utf8_length(rest)));
        throw failure(SLUICE_INVALID_INPUT, "row " + std::to_string(row) + ": '" + character +
                                                "' is not in " + std::string(name_of(encoding_)));
    }
    line_.clear();
    first_ = true;
}

}  // namespace csv
