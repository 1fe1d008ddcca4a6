#include <cstdint>
#include <sluice/content.hpp>
#include <sluice/option.hpp>
#include <sluice/text_encoding.hpp>
#include <utility>

#include "item_collector.hpp"
#include "xml.hpp"

namespace xml {

using sluice::content;
using sluice::failure;

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::int64_t largest_item = 1 << 20;
constexpr std::size_t longest_record = 1000;

item_limits read_limits(const json& input) {
    item_limits limits;
    limits.items = static_cast<std::size_t>(sluice::int_option(input, "limit", 1000, 1, 10'000));
    limits.item_bytes = static_cast<std::size_t>(
        sluice::int_option(input, "maxItemBytes", largest_item, 1, largest_item));
    return limits;
}

// UTF-16 shows itself, by its mark or by the zero beside the first "<". Of the rest the declaration
// tells later.
std::string encoding_of_front(std::string_view front) {
    using namespace std::string_view_literals;
    if (front.starts_with("\xFF\xFE"sv) || front.starts_with("<\0"sv)) return "UTF-16LE";
    if (front.starts_with("\xFE\xFF"sv) || front.starts_with("\0<"sv)) return "UTF-16BE";
    return "";
}

// By the names that start_tags() knows.
std::string known_encoding(std::string declared) {
    for (char& c : declared)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (declared == "ISO-8859-1") return declared;
    if (declared == "WINDOWS-1252" || declared == "CP1252") return "windows-1252";
    return "UTF-8";  // ASCII, too
}

task<void> read_items(const content& source, item_cursor& cursor, document_reader& reader) {
    for (std::uint64_t offset = cursor.where.offset;;) {
        task<std::string> reading = source.read(offset, piece_bytes);
        const std::string piece = co_await reading;
        if (offset == 0 && cursor.encoding.empty()) cursor.encoding = encoding_of_front(piece);
        offset += piece.size();
        const bool last = piece.empty() || offset >= source.size();
        if (!reader.feed(piece, last) || last) break;
    }
    if (cursor.encoding.empty()) cursor.encoding = known_encoding(reader.declared_encoding());
}

}  // namespace

// A batch of items. Reads from where the cursor says, never from the front again.
task<json> connector::parse_items(context& ctx, const json& input) {
    const reading_options options = read_options(input);
    const item_limits limits = read_limits(input);
    const std::string& record = sluice::required_string(input, "record");
    if (record.size() > longest_record) {
        throw failure(SLUICE_INVALID_INPUT, "'record' is too long");
    }
    const content source = content::of(ctx, input);
    const bool from_text = input["file"].is_null();
    item_cursor cursor;
    if (!input["cursor"].is_null()) cursor = item_cursor::read(input["cursor"], source.size());
    // Text of the input is JSON's: UTF-8, whatever its declaration says.
    if (from_text) cursor.encoding = "UTF-8";
    if (cursor.at_end) {
        co_return json{{"items", json::array()},
                       {"cursor", input["cursor"]},
                       {"more", false},
                       {"count", cursor.count}};
    }
    item_collector collector(options, record, limits);
    document_reader reader(collector, options, cursor.encoding, limits.item_bytes);
    collector.set_reader(reader);
    if (!cursor.around.empty()) reader.begin_inside(cursor.start_tags(), cursor.where);
    collector.begin();
    task<void> reading = read_items(source, cursor, reader);
    co_await reading;
    cursor.count += collector.count();
    cursor.at_end = !collector.more();
    if (collector.more()) {
        cursor.where = collector.where();
        cursor.around = collector.around();
    }
    co_return json{{"items", json::array(collector.take_items())},
                   {"cursor", cursor.text(source.size())},
                   {"more", !cursor.at_end},
                   {"count", cursor.count}};
}

}  // namespace xml
