// The two shapes of a log line, without what the sink adds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace sluice::base {

struct log_entry {
    log_level level = log_level::info;
    std::int64_t unix_ms = 0;
    std::string message;
    std::vector<std::pair<std::string, std::string>> fields;
};

std::string_view to_string(log_level level);

// {"time":"...","level":"info","message":"...","field":"..."} - always valid JSON: bytes that are
// not UTF-8 become U+FFFD.
std::string format_json(const log_entry& entry);
// message field=value field="quoted value". Control characters are escaped, so that nobody can
// forge a second line.
std::string format_text(const log_entry& entry);

}  // namespace sluice::base
