#include <algorithm>
#include <optional>
#include <set>
#include <sluice/option.hpp>
#include <string>
#include <utility>

#include "csv.hpp"
#include "table.hpp"

namespace csv {

using sluice::blob;
using sluice::failure;

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t most_files = 10'000;

// The options that say how each file is written, with the file itself.
json options_of(const json& input, const json& file) {
    json options = input;
    options.erase("files");
    options.erase("cursor");
    options.set("file", file);
    return options;
}

bool ends_line(const std::string& tail, text_encoding encoding) {
    std::string end;
    encode_text(end, "\n", encoding);
    std::string old_end;
    encode_text(old_end, "\r", encoding);
    return tail.ends_with(end) || tail.ends_with(old_end);
}

void check_like_first(const table& open, const table& first, std::size_t number, bool has_header) {
    const std::string file = "file " + std::to_string(number);
    if (open.encoding != first.encoding) {
        throw failure(SLUICE_INVALID_INPUT, file + " is in " + std::string(name_of(open.encoding)) +
                                                ", the first one in " +
                                                std::string(name_of(first.encoding)));
    }
    const bool same_delimiter = open.rows.form().delimiter == first.rows.form().delimiter;
    if (has_header && (open.form.names() != first.form.names() || !same_delimiter)) {
        throw failure(SLUICE_INVALID_INPUT, file + " has another header than the first one");
    }
}

}  // namespace

// Files with the same columns, one behind the other, under one header. The rows are copied as they
// are; files without any row of text are passed over.
task<json> connector::concatenate(context& ctx, const json& input) {
    const json::array_type& files = sluice::required_array(input, "files").items();
    if (files.empty() || files.size() > most_files) {
        throw failure(SLUICE_INVALID_INPUT, "'files' must be 1 to 10000 files");
    }
    const bool has_header = sluice::bool_option(input, "header", true);
    blob out;
    std::unique_ptr<table> first;  // the first file that has a row: what the others must be like
    std::string tail;              // the last bytes written
    for (std::size_t i = 0; i < files.size(); ++i) {
        const json options = options_of(input, files[i]);
        task<std::unique_ptr<table>> opening = open_table(ctx, options);
        std::unique_ptr<table> open = co_await opening;
        const content source = content::of(ctx, options);
        const std::uint64_t rows_at = open->rows.where().offset;
        // A file of nothing (csv.write makes one of no items) has no header that could differ.
        const bool is_empty = !open->form.has_names() && rows_at >= source.size();
        if (is_empty) continue;
        std::uint64_t from = 0;
        if (!first) {
            first = std::move(open);
            out = ctx.create_blob("text/csv; charset=" + std::string(name_of(first->encoding)));
        } else {
            check_like_first(*open, *first, i + 1, has_header);
            from = rows_at;
            if (!ends_line(tail, first->encoding) && from < source.size()) {
                std::string line_end;
                encode_text(line_end, "\r\n", first->encoding);
                co_await out.write(std::move(line_end));
            }
        }
        while (from < source.size()) {
            task<std::string> reading = source.read(from, piece_bytes);
            std::string piece = co_await reading;
            if (piece.empty()) break;
            from += piece.size();
            tail = piece.substr(piece.size() - std::min<std::size_t>(piece.size(), 2));
            co_await out.write(std::move(piece));
        }
    }
    if (!first) out = ctx.create_blob("text/csv; charset=utf-8");
    out.seal();
    co_return json{{"file", out.reference()}, {"files", files.size()}};
}

}  // namespace csv
