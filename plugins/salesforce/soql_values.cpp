#include <algorithm>

#include "api.hpp"
#include "soql.hpp"

namespace sluice::salesforce {
namespace {

failure bad_value(std::string_view key, std::string_view wanted) {
    return failure(SLUICE_INVALID_INPUT,
                   "'" + std::string(key) + "' must be " + std::string(wanted));
}

// Whether the text looks like the pattern, in which 0 stands for any digit.
bool fits(std::string_view text, std::string_view pattern) {
    return text.size() == pattern.size() &&
           std::equal(text.begin(), text.end(), pattern.begin(),
                      [](char c, char p) { return p == '0' ? c >= '0' && c <= '9' : c == p; });
}

// What LIKE would take for a pattern is taken literally.
std::string like_text(std::string_view text) {
    std::string quoted = text_literal(text);
    quoted = quoted.substr(1, quoted.size() - 2);
    std::string out;
    for (const char c : quoted) {
        if (c == '%' || c == '_') out += '\\';
        out += c;
    }
    return out;
}

std::string list_literal(const json& list, std::string_view key) {
    if (list.empty()) throw bad_value(key, "a list that is not empty");
    std::string out = "(";
    for (const json& item : list.items()) {
        if (item.is_array()) throw bad_value(key, "a list of values, not of lists");
        out += (out.size() > 1 ? ", " : "") + literal(item, key);
    }
    return out + ")";
}

std::string described_literal(const json& value, std::string_view key) {
    constexpr std::string_view wanted =
        "an object of one of dateTime, date, startsWith, contains, name with a text";
    if (value.size() != 1 || !value.members()[0].second.is_string()) throw bad_value(key, wanted);
    const auto& [kind, content] = value.members()[0];
    const std::string& text = content.as_string();
    if (kind == "dateTime") return time_literal(text, key);
    if (kind == "date") {
        if (!fits(text, "0000-00-00")) throw bad_value(key, "a date like 2026-01-31");
        return text;
    }
    if (kind == "startsWith") return "'" + like_text(text) + "%'";
    if (kind == "contains") return "'%" + like_text(text) + "%'";
    if (kind == "name") return checked_path(text, key);
    throw bad_value(key, wanted);
}

}  // namespace

std::string text_literal(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "'";
    for (const char c : text) {
        switch (c) {
            case '\'':
            case '\\':
                out += '\\';
                out += c;
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            default:
                if (static_cast<unsigned char>(c) < ' ') {
                    out += "\\u00";
                    out += digits[static_cast<unsigned char>(c) >> 4];
                    out += digits[static_cast<unsigned char>(c) & 0xF];
                } else {
                    out += c;
                }
        }
    }
    return out + "'";
}

std::string literal(const json& value, std::string_view key) {
    switch (value.kind()) {
        case json::kind_type::null:
            return "null";
        case json::kind_type::boolean:
            return value.as_bool() ? "true" : "false";
        case json::kind_type::number:
            return value.number_text();
        case json::kind_type::string:
            return text_literal(value.as_string());
        case json::kind_type::array:
            return list_literal(value, key);
        case json::kind_type::object:
            return described_literal(value, key);
    }
    return {};
}

std::string time_literal(std::string_view time, std::string_view key) {
    constexpr std::string_view seconds = "0000-00-00T00:00:00";
    std::string_view rest = time;
    if (rest.size() > seconds.size() && fits(rest.substr(0, seconds.size()), seconds)) {
        rest.remove_prefix(seconds.size());
        if (rest.starts_with('.')) {
            rest.remove_prefix(1);
            std::size_t digits = 0;
            while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9')
                ++digits;
            rest.remove_prefix(digits > 0 && digits <= 9 ? digits : 0);
        }
        const std::string_view moment = time.substr(0, time.size() - rest.size());
        if (rest == "Z" || rest == "+0000" || rest == "+00:00") return std::string(moment) + "Z";
        if (fits(rest, "+00:00") || fits(rest, "-00:00")) return std::string(time);
        if (fits(rest, "+0000") || fits(rest, "-0000")) {
            return std::string(time.substr(0, time.size() - 2)) + ":" +
                   std::string(time.substr(time.size() - 2));
        }
    }
    throw bad_value(key, "a time like 2026-01-31T12:00:00Z");
}

}  // namespace sluice::salesforce
