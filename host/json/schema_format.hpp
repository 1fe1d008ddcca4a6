// The formats that are checked. Inside the module only.
#pragma once

#include <string_view>

namespace sluice::json::schemas {

struct format {
    std::string_view name;
    std::string_view words;  // "a date like 2024-02-29"
    bool (*accepts)(std::string_view text);
};

// Null for formats that are not checked.
const format* format_named(std::string_view name);

// RFC 3339; times have an offset, second 60 is there only where UTC has it.
bool is_date(std::string_view text);
bool is_time(std::string_view text);
bool is_date_time(std::string_view text);
// RFC 3339, appendix A: like P1DT12H.
bool is_duration(std::string_view text);

}  // namespace sluice::json::schemas
