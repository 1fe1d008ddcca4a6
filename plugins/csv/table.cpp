#include "table.hpp"

#include <optional>
#include <sluice/option.hpp>
#include <utility>
#include <vector>

namespace csv {

using sluice::failure;

namespace {

constexpr std::size_t longest_cursor = 64 * 1024;
constexpr std::int64_t largest_row_bytes = 1 << 20;

struct file_start {
    text_encoding encoding = text_encoding::utf8;
    std::size_t mark_bytes = 0;
};

// The mark at the front says the encoding; without one it is the input's, or UTF-8.
task<file_start> find_start(const content& source, const json& input) {
    const std::string wanted = sluice::string_option(input, "encoding", "auto");
    const std::optional<text_encoding> known = sluice::find_text_encoding(wanted);
    if (!known && wanted != "auto") {
        throw failure(SLUICE_INVALID_INPUT,
                      "'encoding' must be auto, utf-8, utf-16le, utf-16be, windows-1252 or "
                      "iso-8859-1");
    }
    // Text of the input is JSON's: UTF-8, whatever the file was that it came from.
    if (input["file"].is_null() && known && *known != text_encoding::utf8) {
        throw failure(SLUICE_INVALID_INPUT, "'encoding' is that of a 'file'; a 'text' has none");
    }
    task<std::string> reading = source.read(0, 3);
    const std::string front = co_await reading;
    const sluice::byte_order_mark mark = sluice::find_byte_order_mark(front);
    if (!known) co_return file_start{mark.encoding, mark.bytes};
    co_return file_start{*known, mark.encoding == *known ? mark.bytes : 0};
}

[[noreturn]] void refuse_cursor() {
    throw failure(SLUICE_INVALID_INPUT, "the cursor is not one that csv.parse gave for this file");
}

// What cursor_of() wrote.
struct resumption {
    position where;
    text_encoding encoding = text_encoding::utf8;
    char delimiter = ',';
    std::uint64_t row_number = 0;
    std::vector<std::string> names;
};

resumption read_cursor(const json& input, std::uint64_t size) {
    resumption found;
    try {
        const json cursor = json::parse(sluice::required_string(input, "cursor"));
        const std::optional<text_encoding> encoding =
            sluice::find_text_encoding(cursor["encoding"].as_string());
        const std::string delimiter = cursor["delimiter"].as_string();
        if (!encoding || delimiter.size() != 1 || cursor["size"].as_uint64() != size) {
            refuse_cursor();
        }
        found.encoding = *encoding;
        found.delimiter = delimiter[0];
        found.where = {cursor["at"].as_uint64(), cursor["line"].as_uint64()};
        found.row_number = cursor["rows"].as_uint64();
        for (const json& name : cursor["names"].items())
            found.names.push_back(name.as_string());
    } catch (const sluice::json_error&) {
        refuse_cursor();
    }
    if (found.where.offset > size) refuse_cursor();
    return found;
}

std::unique_ptr<table> make_table(content source, text_encoding encoding, const json& input) {
    const auto max_row_bytes = static_cast<std::size_t>(
        sluice::int_option(input, "maxRowBytes", largest_row_bytes, 1, largest_row_bytes));
    return std::make_unique<table>(
        table{record_stream(std::move(source), encoding, read_dialect(input), max_row_bytes),
              encoding, columns(), false, 0});
}

task<void> read_header(table& open, const json& input) {
    for (;;) {
        const next_record found = open.rows.next();
        if (found == next_record::found) break;
        if (found == next_record::faulty) throw failure_of(open.rows.current_fault());
        if (found == next_record::end) co_return;
        task<void> fetching = open.rows.fetch();
        co_await fetching;
    }
    open.form = columns(names_of_header(open.rows, input), input);
}

// From the front of the file to its first row of data.
task<void> begin(table& open, const json& input, std::size_t mark_bytes) {
    open.rows.start_at({mark_bytes, 1});
    task<void> fetching = open.rows.fetch();
    co_await fetching;
    for (std::int64_t left = sluice::int_option(input, "skipLines", 0, 0, 1'000'000); left > 0;) {
        if (open.rows.skip_line()) {
            --left;
        } else {
            task<void> more = open.rows.fetch();
            co_await more;
        }
    }
    if (is_delimiter_open(input)) {
        open.rows.set_delimiter(
            detect_delimiter(open.rows.ahead(), open.rows.is_complete(), open.rows.form()));
    }
    switch (read_header_kind(input)) {
        case header_kind::given:
            open.form = columns(given_names(input), input);
            break;
        case header_kind::first_row: {
            open.names_in_cursor = true;
            task<void> reading = read_header(open, input);
            co_await reading;
            break;
        }
        case header_kind::none:
            if (!input["types"].is_null()) {
                throw failure(SLUICE_INVALID_INPUT, "'types' needs columns with names");
            }
    }
}

}  // namespace

task<std::unique_ptr<table>> open_table(context& ctx, const json& input) {
    const content source = content::of(ctx, input);
    if (!input["cursor"].is_null()) {
        resumption from = read_cursor(input, source.size());
        std::unique_ptr<table> open = make_table(source, from.encoding, input);
        open->rows.start_at(from.where);
        open->rows.set_delimiter(from.delimiter);
        open->row_number = from.row_number;
        const header_kind kind = read_header_kind(input);
        open->names_in_cursor = kind == header_kind::first_row;
        if (kind == header_kind::given) open->form = columns(given_names(input), input);
        // An empty file has no header, and no row that needed it.
        if (kind == header_kind::first_row && !from.names.empty()) {
            open->form = columns(std::move(from.names), input);
        }
        co_return open;
    }
    task<file_start> finding = find_start(source, input);
    const file_start start = co_await finding;
    std::unique_ptr<table> open = make_table(source, start.encoding, input);
    task<void> beginning = begin(*open, input, start.mark_bytes);
    co_await beginning;
    co_return open;
}

std::string cursor_of(const table& open) {
    const position where = open.rows.where();
    json cursor{{"at", where.offset},
                {"line", where.line},
                {"rows", open.row_number},
                {"size", open.rows.source_size()},
                {"encoding", name_of(open.encoding)},
                {"delimiter", std::string(1, open.rows.form().delimiter)}};
    if (open.names_in_cursor) cursor.set("names", names_as_json(open.form.names()));
    std::string text = cursor.dump();
    if (text.size() > longest_cursor) {
        throw failure(
            SLUICE_INVALID_INPUT,
            "the names of the columns are too long to be remembered: give them by 'header' "
            "and skip the first line by 'skipLines'");
    }
    return text;
}

}  // namespace csv
