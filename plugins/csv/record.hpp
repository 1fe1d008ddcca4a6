// One record of delimited text (RFC 4180), found in a buffer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dialect.hpp"

namespace csv {

enum class scan_outcome {
    record,
    incomplete,  // the buffer ends before the record does
    end,         // nothing is left
    broken,      // `fault` says where and why
};

struct scan_fault {
    std::size_t offset = 0;  // in the scanned text
    const char* message = "";
};

struct scan_result {
    scan_outcome outcome = scan_outcome::end;
    std::size_t bytes = 0;  // to pass over; of a broken record: up to where a next one may begin
    std::size_t lines = 0;  // line ends among them
    scan_fault fault;
};

// The fields borrow from the scanned text and, where quotes were doubled, from this object. Made
// once and filled again for each record.
class record {
  public:
    std::size_t size() const { return fields_.size(); }
    std::string_view operator[](std::size_t i) const;
    // Where the field begins in the scanned text.
    std::size_t offset(std::size_t i) const { return fields_[i].begin; }
    // A line without any character.
    bool is_blank() const {
        return fields_.size() == 1 && !fields_[0].quoted && fields_[0].size == 0;
    }

  private:
    friend class scanner;
    struct field {
        std::size_t begin = 0;
        std::size_t size = 0;
        std::size_t unescaped = 0;  // where in unescaped_, when `rewritten`
        bool quoted = false;
        bool rewritten = false;
    };
    std::string_view text_;
    std::vector<field> fields_;
    std::string unescaped_;
};

// The record at the front of `text`. `complete`: no more will follow. CRLF, LF and CR end lines.
scan_result scan_record(std::string_view text, bool complete, const dialect& form, record& out);

// Line ends in the text; CRLF is one.
std::size_t count_lines(std::string_view text);
// Bytes up to and with the first line end; the whole text when it has none.
std::size_t first_line_size(std::string_view text);

}  // namespace csv
