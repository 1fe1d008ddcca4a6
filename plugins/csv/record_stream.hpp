// The records of a file, one after the other, from any place on.
#pragma once

#include <cstdint>
#include <optional>
#include <sluice/connector.hpp>
#include <sluice/content.hpp>
#include <sluice/text_encoding.hpp>
#include <string>

#include "record.hpp"

namespace csv {

using sluice::content;
using sluice::context;
using sluice::task;
using sluice::text_encoding;

// A place between two records.
struct position {
    std::uint64_t offset = 0;  // in the file, in bytes
    std::uint64_t line = 1;    // the line that begins there
};

// What is wrong with a row, and where.
struct fault {
    std::uint64_t line = 0;
    std::uint64_t column = 0;  // in characters, from 1
    std::string message;
};

enum class next_record { found, faulty, needs_more, end };

class record_stream {
  public:
    record_stream(content source, text_encoding encoding, dialect form, std::size_t max_row_bytes)
        : source_(std::move(source)),
          encoding_(encoding),
          decoder_(encoding),
          form_(form),
          max_row_bytes_(max_row_bytes) {}

    // Before the first next().
    void start_at(position where) {
        read_to_ = where.offset;
        line_ = where.line;
    }
    void set_delimiter(char delimiter) { form_.delimiter = delimiter; }
    const dialect& form() const { return form_; }

    // Fetches the next piece of the file. After it, next() sees more.
    task<void> fetch();
    // Passes over a line, whatever is in it. False: it is not all there yet, fetch more.
    bool skip_line();
    // Moves to the next record. `faulty`: the file cannot be read there as its dialect says; the
    // next call goes on behind.
    next_record next();

    const record& current() const { return record_; }
    const fault& current_fault() const { return fault_; }
    // The line on which the current record begins.
    std::uint64_t line() const { return current_line_; }
    // Why the record is wrong at this field; nothing that is not UTF-8 may leave the connector.
    fault fault_at_field(std::size_t index, std::string message) const;
    // The field that is no text in the file's encoding, or has U+0000, if there is one.
    std::optional<fault> find_malformed_text() const;

    // Where the next record begins.
    position where() const;
    // What is fetched and not passed over yet, and whether that is all of the rest.
    std::string_view ahead() const { return std::string_view(buffer_).substr(at_); }
    bool is_complete() const { return complete_; }
    std::uint64_t source_size() const { return source_.size(); }

  private:
    next_record pass_endless();
    fault fault_at(std::size_t offset_in_record, std::string message) const;

    content source_;
    text_encoding encoding_;
    sluice::text_decoder decoder_;
    dialect form_;
    std::size_t max_row_bytes_;
    std::uint64_t read_to_ = 0;  // bytes of the file taken so far
    bool complete_ = false;
    std::string buffer_;  // UTF-8
    std::size_t at_ = 0;  // in buffer_: the next record
    std::uint64_t line_ = 1;
    record record_;
    std::size_t record_at_ = 0;
    std::uint64_t current_line_ = 1;
    fault fault_;
};

}  // namespace csv
