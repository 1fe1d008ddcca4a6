#include "manifest/core_schema.hpp"

#include <charconv>
#include <cstdint>
#include <string>

namespace sluice::manifest {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at]))
        ++at;
    return at;
}

// [-+]? ( \.[0-9]+ | [0-9]+ (\.[0-9]*)? ) ([eE][-+]?[0-9]+)? as a JSON number; empty if it is none.
std::string to_json_number(std::string_view text) {
    std::size_t at = 0;
    std::string number;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        if (text[at] == '-') number = "-";
        ++at;
    }
    const std::size_t whole_end = skip_digits(text, at);
    std::string_view whole = text.substr(at, whole_end - at);
    at = whole_end;
    std::string_view fraction;
    if (at < text.size() && text[at] == '.') {
        const std::size_t end = skip_digits(text, at + 1);
        fraction = text.substr(at + 1, end - at - 1);
        if (whole.empty() && fraction.empty()) return {};
        at = end;
    }
    if (whole.empty() && fraction.empty()) return {};
    while (whole.size() > 1 && whole.front() == '0')
        whole.remove_prefix(1);
    number += whole.empty() ? "0" : whole;
    if (!fraction.empty()) number += "." + std::string(fraction);
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t digits = at + 1;
        if (digits < text.size() && (text[digits] == '-' || text[digits] == '+')) ++digits;
        const std::size_t end = skip_digits(text, digits);
        if (end == digits) return {};
        number += text.substr(at, end - at);
        at = end;
    }
    return at == text.size() ? number : std::string();
}

bool parse_based(std::string_view text, int base, json::value& out) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto done = std::from_chars(text.data(), end, number, base);
    if (text.empty() || done.ec != std::errc() || done.ptr != end) return false;
    out = number;
    return true;
}

}  // namespace

base::result<json::value> resolve_plain_scalar(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
        return json::value();
    }
    if (text == "true" || text == "True" || text == "TRUE") return json::value(true);
    if (text == "false" || text == "False" || text == "FALSE") return json::value(false);
    const std::string_view unsigned_text =
        text.front() == '-' || text.front() == '+' ? text.substr(1) : text;
    if (unsigned_text == ".inf" || unsigned_text == ".Inf" || unsigned_text == ".INF" ||
        text == ".nan" || text == ".NaN" || text == ".NAN") {
        return base::make_error(base::error_code::invalid_input,
                                "JSON has no number " + std::string(text), "quote it to mean text");
    }
    json::value based;
    if (text.starts_with("0x") && parse_based(text.substr(2), 16, based)) return based;
    if (text.starts_with("0o") && parse_based(text.substr(2), 8, based)) return based;
    const std::string number = to_json_number(text);
    return number.empty() ? json::value(text) : json::value::number(number);
}

}  // namespace sluice::manifest
