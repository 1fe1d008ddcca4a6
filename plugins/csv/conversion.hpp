// From the text of a field to a value of a type, for `types`.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace csv {

using sluice::json;

enum class value_type { text, integer, number, boolean, date };

struct conversion {
    value_type type = value_type::text;
    char decimal = '.';
    std::string format;  // of a date: YYYY MM DD hh mm ss and what stands between them
};

// "integer", or {"type": "date", "format": "DD.MM.YYYY"}; SLUICE_INVALID_INPUT naming the column.
conversion read_conversion(const std::string& column, const json& type, char decimal);

// Nothing when the text is no such value. An empty text is null, except as text.
std::optional<json> convert(std::string_view text, const conversion& wanted);

const char* name_of(value_type type);

}  // namespace csv
