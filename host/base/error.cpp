#include "base/error.hpp"

#include <utility>

namespace sluice::base {

std::string_view to_string(error_code code) {
    switch (code) {
        case error_code::ok:
            return "ok";
        case error_code::invalid_input:
            return "invalid_input";
        case error_code::auth:
            return "auth";
        case error_code::not_found:
            return "not_found";
        case error_code::conflict:
            return "conflict";
        case error_code::rate_limited:
            return "rate_limited";
        case error_code::unavailable:
            return "unavailable";
        case error_code::timeout:
            return "timeout";
        case error_code::cancelled:
            return "cancelled";
        case error_code::unsupported:
            return "unsupported";
        case error_code::internal:
            return "internal";
    }
    // Codes cross the C ABI as plain numbers, so others than ours can arrive.
    return "unknown";
}

std::string error::to_text() const {
    std::string text;
    if (where) {
        const auto add_part = [&text](const std::string& part) {
            if (!text.empty()) text += ':';
            text += part;
        };
        if (!where->file.empty()) add_part(where->file);
        if (where->line > 0) {
            add_part(std::to_string(where->line));
            if (where->column > 0) add_part(std::to_string(where->column));
        }
        if (!text.empty()) text += ": ";
    }
    text += message;
    if (!hint.empty()) {
        text += " (";
        text += hint;
        text += ')';
    }
    return text;
}

error make_error(error_code code, std::string message, std::string hint) {
    error made;
    made.code = code;
    made.message = std::move(message);
    made.hint = std::move(hint);
    return made;
}

}  // namespace sluice::base
