// A file that is open for reading rows: encoding, delimiter and names are known, and it stands
// where its cursor says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "columns.hpp"
#include "record_stream.hpp"

namespace csv {

struct table {
    record_stream rows;
    text_encoding encoding;
    columns form;
    bool names_in_cursor = false;  // they came from the file
    std::uint64_t row_number = 0;  // rows of data so far, the faulty ones, too
};

// By the options of the input, and its `cursor` unless that is missing or null.
task<std::unique_ptr<table>> open_table(context& ctx, const json& input);

// Where to go on with the next row.
std::string cursor_of(const table& open);

}  // namespace csv
