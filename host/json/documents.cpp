#include "json/documents.hpp"

#include <algorithm>

namespace sluice::json {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '"') return at + 1;
        if (text[at] == '\\') ++at;
    }
    return text.size();
}

// Where the document that starts at `at` ends. What stands between is for the parser to judge.
std::size_t end_of_document(std::string_view text, std::size_t at) {
    std::size_t open = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            if (open == 0) return at;
            continue;
        }
        if (c == '[' || c == '{') {
            ++open;
            ++at;
            continue;
        }
        if (c == ']' || c == '}') {
            ++at;
            if (open <= 1) return at;
            --open;
            continue;
        }
        if (open > 0) {
            ++at;
            continue;
        }
        // A number or a word: up to what cannot belong to it.
        const std::size_t end =
            std::min(text.find_first_of(" \t\r\n\"[]{},:", at + 1), text.size());
        return end;
    }
    return at;
}

// Of a place in a part of the text, the place in the whole.
void move_place(base::source_position& where, std::string_view before) {
    const auto lines = std::count(before.begin(), before.end(), '\n');
    if (where.line <= 1) {
        const std::size_t start = before.rfind('\n');
        const std::string_view line =
            start == std::string_view::npos ? before : before.substr(start + 1);
        where.column += static_cast<int>(line.size());
    }
    where.line += static_cast<int>(lines);
}

}  // namespace

document_reader::document_reader(std::string_view text, const parse_limits& limits)
    : text_(text), limits_(limits) {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    skip_blanks();
}

void document_reader::skip_blanks() {
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
}

base::result<value> document_reader::next() {
    const std::size_t end = end_of_document(text_, at_);
    base::result<value> read = parse(text_.substr(at_, end - at_), limits_);
    if (!read) {
        if (read.error_value().where) {
            move_place(*read.error_value().where, text_.substr(0, at_));
        }
        at_ = text_.size();
        return read;
    }
    at_ = end;
    skip_blanks();
    return read;
}

}  // namespace sluice::json
