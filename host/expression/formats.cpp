#include "expression/formats.hpp"

#include <array>
#include <cmath>

#include "base/html.hpp"
#include "expression/base_code.hpp"
#include "expression/unicode.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

constexpr std::array<std::string_view, 11> names = {
    "text", "json", "csv", "tsv", "html", "uri", "sh", "base64", "base64d", "base32", "base32d"};

std::string as_text(const json::value& content) {
    return content.is_string() ? content.as_string() : json::to_text(content);
}

bool is_nan(const json::value& content) {
    return content.is_number() && content.number_form() == json::number_form::real &&
           std::isnan(content.as_double());
}

std::string escape_uri(const std::string& text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("-_.~").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

std::string doubled(const std::string& text, char quote, std::string_view replacement) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote) {
            out += replacement;
        } else {
            out += c;
        }
    }
    return out + quote;
}

std::string escape_tsv(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\\':
                out += "\\\\";
                break;
            default:
                out += c;
        }
    }
    return out;
}

bool append_row(meter& used, bool csv, const json::value& row, std::string& out) {
    const std::string name = csv ? "csv" : "tsv";
    if (!row.is_array()) {
        return used.fail(describe(row) + " cannot be " + name + "-formatted, only array");
    }
    bool first = true;
    for (const json::value& cell : row.items()) {
        if (!first) out += csv ? ',' : '\t';
        first = false;
        if (cell.is_array() || cell.is_object()) {
            return used.fail(describe(cell) + " is not valid in a csv row");
        }
        if (cell.is_null() || is_nan(cell)) continue;
        if (!cell.is_string()) {
            out += json::to_text(cell);
        } else {
            out += csv ? doubled(cell.as_string(), '"', "\"\"") : escape_tsv(cell.as_string());
        }
    }
    return true;
}

bool append_shell_word(meter& used, const json::value& content, std::string& out) {
    if (content.is_array() || content.is_object()) {
        return used.fail(describe(content) + " can not be escaped for shell");
    }
    out +=
        content.is_string() ? doubled(content.as_string(), '\'', "'\\''") : json::to_text(content);
    return true;
}

bool append_shell(meter& used, const json::value& content, std::string& out) {
    if (!content.is_array()) return append_shell_word(used, content, out);
    bool first = true;
    for (const json::value& word : content.items()) {
        if (!first) out += ' ';
        first = false;
        if (!append_shell_word(used, word, out)) return false;
    }
    return true;
}

bool append_decoded(meter& used, const base_code& code, const json::value& content,
                    std::string& out) {
    const decoded bytes = decode(code, as_text(content));
    if (bytes.outcome == decoded::invalid) {
        return used.fail(describe(content) + " is not valid " + std::string(code.name) + " data");
    }
    if (bytes.outcome == decoded::cut_off) {
        return used.fail(describe(content) + " trailing " + std::string(code.name) + " byte found");
    }
    append_as_utf8(out, bytes.bytes);
    return true;
}

}  // namespace

bool is_format(std::string_view name) {
    for (const std::string_view known : names) {
        if (known == name) return true;
    }
    return false;
}

std::vector<std::string> known_formats() { return {names.begin(), names.end()}; }

bool append_formatted(meter& used, std::string_view name, const json::value& content,
                      std::string& out) {
    if (!used.charge_whole(content)) return false;
    if (name.empty() || name == "text") {
        out += as_text(content);
    } else if (name == "json") {
        json::append_text(out, content);
    } else if (name == "csv" || name == "tsv") {
        return append_row(used, name == "csv", content, out);
    } else if (name == "html") {
        out += base::escape_html(as_text(content));
    } else if (name == "uri") {
        out += escape_uri(as_text(content));
    } else if (name == "sh") {
        return append_shell(used, content, out);
    } else if (name == "base64" || name == "base32") {
        encode(name == "base64" ? base64_code : base32_code, as_text(content), out);
    } else if (name == "base64d" || name == "base32d") {
        return append_decoded(used, name == "base64d" ? base64_code : base32_code, content, out);
    } else {
        return used.fail(std::string(name) + " is not a valid format");
    }
    return true;
}

}  // namespace sluice::expression
