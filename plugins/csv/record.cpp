#include "record.hpp"

#include <array>
#include <optional>

namespace csv {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool ends_line(char c) { return c == '\n' || c == '\r'; }

}  // namespace

std::string_view record::operator[](std::size_t i) const {
    const field& one = fields_[i];
    if (one.rewritten) return std::string_view(unescaped_).substr(one.unescaped, one.size);
    return text_.substr(one.begin, one.size);
}

std::size_t count_lines(std::string_view text) {
    std::size_t lines = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!ends_line(text[i])) continue;
        ++lines;
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    }
    return lines;
}

std::size_t first_line_size(std::string_view text) {
    const std::size_t end = text.find_first_of("\r\n");
    if (end == text.npos) return text.size();
    return text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n' ? end + 2 : end + 1;
}

// A record is always scanned as a whole: when the buffer ends too early, once more from its front
// with more of the file behind it. So nothing needs to be remembered between pieces.
class scanner {
  public:
    scanner(std::string_view text, bool complete, const dialect& form, record& out)
        : text_(text), complete_(complete), form_(form), out_(out) {
        out.text_ = text;
        out.fields_.clear();
        out.unescaped_.clear();
        stops_[static_cast<unsigned char>('\n')] = true;
        stops_[static_cast<unsigned char>('\r')] = true;
        stops_[static_cast<unsigned char>(form.delimiter)] = true;
        if (form.has_quotes) stops_[static_cast<unsigned char>(form.quote)] = true;
    }

    scan_result run() {
        if (text_.empty()) {
            return {complete_ ? scan_outcome::end : scan_outcome::incomplete, 0, 0, {}};
        }
        for (;;) {
            const step next = scan_field();
            if (next == step::incomplete) return {scan_outcome::incomplete, 0, 0, {}};
            if (next == step::broken) return recover();
            if (next == step::field) continue;
            return {scan_outcome::record, at_, lines_, {}};
        }
    }

  private:
    enum class step { field, record, incomplete, broken };

    step scan_field() {
        if (form_.trim) skip_spaces();
        if (form_.has_quotes && at_ < text_.size() && text_[at_] == form_.quote) {
            return scan_quoted();
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && !stops_[static_cast<unsigned char>(text_[at_])])
            ++at_;
        if (at_ == text_.size() && !complete_) return step::incomplete;
        if (at_ < text_.size() && form_.has_quotes && text_[at_] == form_.quote) {
            return broken(at_, "a quote inside a field that does not begin with one");
        }
        std::size_t end = at_;
        while (form_.trim && end > begin && is_space(text_[end - 1]))
            --end;
        out_.fields_.push_back({begin, end - begin, 0, false, false});
        return scan_end();
    }

    step scan_quoted() {
        const std::size_t opening = at_++;
        const std::size_t lines_before = lines_;
        record::field found{at_, 0, out_.unescaped_.size(), true, false};
        for (;;) {
            const std::size_t quote = text_.find(form_.quote, at_);
            if (quote == text_.npos) {
                return complete_ ? broken(opening, "this quote is never closed") : step::incomplete;
            }
            if (quote + 1 == text_.size() && !complete_) return step::incomplete;
            const bool doubled = quote + 1 < text_.size() && text_[quote + 1] == form_.quote;
            if (doubled || found.rewritten) {
                found.rewritten = true;
                out_.unescaped_ += text_.substr(at_, quote - at_ + (doubled ? 1 : 0));
            }
            if (!doubled) {
                found.size = found.rewritten ? out_.unescaped_.size() - found.unescaped
                                             : quote - found.begin;
                lines_ += count_lines(text_.substr(found.begin, quote - found.begin));
                at_ = quote + 1;
                break;
            }
            at_ = quote + 2;
        }
        if (form_.trim) skip_spaces();
        if (at_ == text_.size() && !complete_) return step::incomplete;
        if (at_ < text_.size() && text_[at_] != form_.delimiter && !ends_line(text_[at_])) {
            if (lines_ == lines_before) {
                return broken(at_, "text behind the closing quote of a field");
            }
            return broken(opening,
                          "this quoted field goes over several lines, and text stands "
                          "behind its closing quote");
        }
        out_.fields_.push_back(found);
        return scan_end();
    }

    // At a delimiter, at the end of a line or at that of the file.
    step scan_end() {
        if (at_ == text_.size()) return step::record;
        if (text_[at_] == form_.delimiter) {
            ++at_;
            // A file that ends with a delimiter ends with an empty field.
            return step::field;
        }
        if (text_[at_] == '\r') {
            if (at_ + 1 == text_.size() && !complete_) return step::incomplete;
            if (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        }
        ++at_;
        ++lines_;
        return step::record;
    }

    void skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_]) && text_[at_] != form_.delimiter)
            ++at_;
    }

    step broken(std::size_t offset, const char* message) {
        fault_ = {offset, message};
        return step::broken;
    }

    // The next record may begin at the line after the fault. That of a quoted field over several
    // lines is its opening quote: the lines behind it may be good records that it has swallowed.
    scan_result recover() const {
        const std::size_t line = first_line_size(text_.substr(fault_.offset));
        const std::size_t bytes = fault_.offset + line;
        const bool cut = bytes == text_.size() && !complete_;
        if (cut) return {scan_outcome::incomplete, 0, 0, {}};
        return {scan_outcome::broken, bytes, count_lines(text_.substr(0, bytes)), fault_};
    }

    std::string_view text_;
    bool complete_;
    const dialect& form_;
    record& out_;
    std::array<bool, 256> stops_{};
    std::size_t at_ = 0;
    std::size_t lines_ = 0;
    scan_fault fault_;
};

scan_result scan_record(std::string_view text, bool complete, const dialect& form, record& out) {
    return scanner(text, complete, form, out).run();
}

}  // namespace csv
