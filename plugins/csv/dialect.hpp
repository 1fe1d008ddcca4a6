// How a file of delimited text is written.
#pragma once

#include <sluice/connector.hpp>
#include <string_view>

namespace csv {

using sluice::json;

struct dialect {
    char delimiter = ',';
    char quote = '"';
    bool has_quotes = true;
    bool trim = false;       // spaces and tabs around a field do not count
    bool skip_blank = true;  // lines without any character
};

inline constexpr std::string_view known_delimiters = ",;\t|";

// `quote`, `trim`, `skipBlankLines`, and `delimiter` when it is given; SLUICE_INVALID_INPUT.
dialect read_dialect(const json& input);
// Whether the input leaves the delimiter to us.
bool is_delimiter_open(const json& input);

// The delimiter under which most of the first rows have equally many columns, and most of them; a
// comma when none shows.
char detect_delimiter(std::string_view sample, bool complete, const dialect& others);

}  // namespace csv
