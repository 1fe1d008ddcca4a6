#include "record_stream.hpp"

#include <algorithm>
#include <utility>

namespace csv {

using sluice::failure;

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
// How far behind the longest row its end is looked for. What stands in a quoted field must not be
// read as rows only because the field is too long.
constexpr std::size_t search_bytes = 1 << 20;

std::uint64_t characters_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

}  // namespace

task<void> record_stream::fetch() {
    buffer_.erase(0, at_);
    at_ = 0;
    task<std::string> reading = source_.read(read_to_, piece_bytes);
    const std::string piece = co_await reading;
    read_to_ += piece.size();
    decoder_.append(buffer_, piece);
    complete_ = piece.empty() || read_to_ >= source_.size();
    if (complete_ && decoder_.waiting() != 0) {
        throw failure(SLUICE_INVALID_INPUT, "the file ends in the middle of a character of " +
                                                std::string(name_of(encoding_)));
    }
}

bool record_stream::skip_line() {
    const std::size_t line = first_line_size(ahead());
    if (line == ahead().size() && !complete_) {
        if (line > max_row_bytes_) {
            throw failure(SLUICE_INVALID_INPUT, "line " + std::to_string(line_) +
                                                    " has more than " +
                                                    std::to_string(max_row_bytes_) + " bytes");
        }
        return false;
    }
    line_ += count_lines(ahead().substr(0, line));
    at_ += line;
    return true;
}

next_record record_stream::next() {
    const std::size_t window = max_row_bytes_ + search_bytes;
    for (;;) {
        // What is looked at does not depend on how the file came in pieces, nor on where a batch
        // began: so the same rows are found each time.
        const std::string_view seen = ahead().substr(0, window);
        const bool all = complete_ && seen.size() == ahead().size();
        const scan_result found = scan_record(seen, all, form_, record_);
        if (found.outcome == scan_outcome::end) return next_record::end;
        if (found.outcome == scan_outcome::incomplete) {
            return seen.size() < window ? next_record::needs_more : pass_endless();
        }
        current_line_ = line_;
        record_at_ = at_;
        at_ += found.bytes;
        line_ += found.lines;
        if (found.outcome == scan_outcome::broken) {
            fault_ = fault_at(found.fault.offset, found.fault.message);
            return next_record::faulty;
        }
        if (found.bytes > max_row_bytes_) {
            fault_ = fault_at(0, "a row of more than " + std::to_string(max_row_bytes_) + " bytes");
            return next_record::faulty;
        }
        if (form_.skip_blank && record_.is_blank()) continue;
        return next_record::found;
    }
}

// A row that does not end anywhere near: its first line counts as the row.
next_record record_stream::pass_endless() {
    const std::size_t line = first_line_size(ahead());
    const bool has_end = ahead().substr(0, line).find_first_of("\r\n") != std::string_view::npos;
    // A line feed may follow.
    if (has_end && line == ahead().size() && !complete_) return next_record::needs_more;
    current_line_ = line_;
    record_at_ = at_;
    fault_ = fault_at(0, "a row of more than " + std::to_string(max_row_bytes_) +
                             " bytes, or a quote that is never closed");
    if (!has_end) {  // there is no next row to go on with
        throw failure(SLUICE_INVALID_INPUT,
                      "line " + std::to_string(fault_.line) + ": " + fault_.message);
    }
    at_ += line;
    ++line_;
    return next_record::faulty;
}

fault record_stream::fault_at(std::size_t offset_in_record, std::string message) const {
    const std::string_view before = std::string_view(buffer_).substr(record_at_, offset_in_record);
    const std::size_t line_begin = before.find_last_of("\r\n") + 1;  // npos + 1 is 0
    return {current_line_ + count_lines(before), characters_in(before.substr(line_begin)) + 1,
            std::move(message)};
}

fault record_stream::fault_at_field(std::size_t index, std::string message) const {
    const std::size_t last = record_.size() - 1;
    return fault_at(record_.offset(std::min(index, last)), std::move(message));
}

std::optional<fault> record_stream::find_malformed_text() const {
    for (std::size_t i = 0; i < record_.size(); ++i) {
        const std::string_view text = record_[i];
        const std::size_t well = sluice::well_formed_size(text);
        if (well != text.size()) {
            return fault_at(record_.offset(i) + well,
                            "this is no text in " + std::string(name_of(encoding_)));
        }
        if (const std::size_t nothing = text.find('\0'); nothing != text.npos) {
            return fault_at(record_.offset(i) + nothing,
                            "U+0000 is in no text; UTF-16 without its mark needs 'encoding', "
                            "UTF-32 and binary files cannot be read");
        }
    }
    return std::nullopt;
}

position record_stream::where() const {
    const std::uint64_t unused = decoder_.raw_size(ahead()) + decoder_.waiting();
    return {read_to_ - unused, line_};
}

}  // namespace csv
