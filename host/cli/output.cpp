#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>

#include "base/clock.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return out;
}

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += printable(row[i]);
            if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
        }
        out += line + '\n';
    }
    return out;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const json::value& content) { print(json::to_pretty_text(content) + '\n'); }

void print_error(const base::error& problem) {
    std::fprintf(stderr, "error: %s\n", problem.to_text().c_str());
}

std::string time_text(std::int64_t unix_ms) {
    if (unix_ms == 0) return "-";
    std::string text = base::to_rfc3339(unix_ms);
    text[10] = ' ';
    return text.substr(0, 19) + 'Z';
}

std::string shortened(std::string_view text, std::size_t width) {
    if (text.size() <= width) return std::string(text);
    std::size_t end = width > 3 ? width - 3 : 0;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return std::string(text.substr(0, end)) + "...";
}

}  // namespace sluice::cli
