// Rows of values as delimited text.
#pragma once

#include <sluice/connector.hpp>
#include <sluice/text_encoding.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace csv {

using sluice::json;

struct column {
    std::string name;   // member of an item
    std::string title;  // in the header
};

enum class quoting { minimal, text, all };

// The options of csv.write; SLUICE_INVALID_INPUT.
class row_writer {
  public:
    explicit row_writer(const json& input);

    // Both append to `out` in the file's encoding. SLUICE_INVALID_INPUT when the encoding lacks a
    // character: `row` says where, 0 is the header.
    void write_titles(std::string& out, const std::vector<column>& columns);
    // An object by its members, an array by their order.
    void write_row(std::string& out, const json& item, const std::vector<column>& columns,
                   std::size_t row);
    // The byte order mark, when the file is to have one.
    void write_mark(std::string& out) const;
    sluice::text_encoding encoding() const { return encoding_; }

  private:
    void add_field(const json& value);
    void add_text(std::string_view text, bool is_text);
    void end_row(std::string& out, std::size_t row);

    char delimiter_ = ',';
    char quote_ = '"';
    std::string line_end_;
    quoting quoting_ = quoting::minimal;
    bool escape_formulas_ = false;
    bool byte_order_mark_ = false;
    sluice::text_encoding encoding_ = sluice::text_encoding::utf8;
    std::string line_;  // UTF-8, of the row that is being written
    bool first_ = true;
};

}  // namespace csv
