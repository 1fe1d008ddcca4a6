#include "base/log_format.hpp"

#include "base/clock.hpp"
#include "base/encoding.hpp"

namespace sluice::base {

namespace {

void append_escaped(std::string& out, char c, bool quotes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
        out += "\\n";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c == '\t') {
        out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
        out += "\\u00" + to_hex({&c, 1});
    } else if (quotes && (c == '"' || c == '\\')) {
        out += '\\';
        out += c;
    } else {
        out += c;
    }
}

// Replaces each byte that belongs to no well-formed sequence.
std::string repair_utf8(std::string_view text) {
    if (is_valid_utf8(text)) return std::string(text);
    std::string repaired;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !is_valid_utf8(text.substr(0, length))) {
            ++length;
        }
        if (length <= 4 && length <= text.size()) {
            repaired += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            repaired += "\xef\xbf\xbd";
            text.remove_prefix(1);
        }
    }
    return repaired;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text)
        append_escaped(out, c, true);
    out += '"';
}

bool needs_quotes(std::string_view text) {
    return text.empty() || text.find_first_of(" =\"\\") != std::string_view::npos;
}

}  // namespace

std::string_view to_string(log_level level) {
    switch (level) {
        case log_level::debug:
            return "debug";
        case log_level::info:
            return "info";
        case log_level::warning:
            return "warning";
        case log_level::error:
            return "error";
        case log_level::off:
            break;
    }
    return "off";
}

std::string format_json(const log_entry& entry) {
    std::string line = "{\"time\":\"" + to_rfc3339(entry.unix_ms) + "\",\"level\":\"";
    line += to_string(entry.level);
    line += "\",\"message\":";
    append_quoted(line, repair_utf8(entry.message));
    for (const auto& [name, content] : entry.fields) {
        line += ',';
        append_quoted(line, repair_utf8(name));
        line += ':';
        append_quoted(line, repair_utf8(content));
    }
    line += '}';
    return line;
}

std::string format_text(const log_entry& entry) {
    std::string line;
    for (const char c : entry.message)
        append_escaped(line, c, false);
    for (const auto& [name, content] : entry.fields) {
        line += ' ';
        line += name;
        line += '=';
        if (needs_quotes(content)) {
            append_quoted(line, content);
        } else {
            for (const char c : content)
                append_escaped(line, c, false);
        }
    }
    return line;
}

}  // namespace sluice::base
