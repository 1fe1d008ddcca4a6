// What went wrong, as a value: the one error type of the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::base {

// Same numbers as the codes of the C ABI (sdk/include/sluice/abi.h), so that an error crosses the
// boundary unchanged.
enum class error_code : std::uint32_t {
    ok = 0,
    invalid_input = 1,
    auth = 2,
    not_found = 3,
    conflict = 4,
    rate_limited = 5,
    unavailable = 6,
    timeout = 7,
    cancelled = 8,
    unsupported = 9,
    internal = 10,
};

// "invalid_input", "rate_limited", ... for messages and JSON. Never empty.
std::string_view to_string(error_code code);

// A place in a file that a person wrote. Lines and columns count from 1; 0 means unknown.
struct source_position {
    std::string file;
    int line = 0;
    int column = 0;
};

struct error {
    error_code code = error_code::internal;
    std::string message;              // one sentence, no trailing newline
    std::string hint;                 // what to do next; may be empty
    std::int64_t retry_after_ms = 0;  // 0: nothing is known
    std::string details_json;         // a JSON object for programs; may be empty
    std::optional<source_position> where;

    // "file:line:column: message (hint)", leaving out what is unknown.
    std::string to_text() const;
};

error make_error(error_code code, std::string message, std::string hint = {});

}  // namespace sluice::base
