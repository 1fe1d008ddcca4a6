#include "manifest/problem_text.hpp"

#include <algorithm>
#include <utility>

#include "base/file.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t largest = 1 << 20;
constexpr std::size_t widest =
    160;  // of a line that is shown; longer ones are cut around the place

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Terminals obey control characters, and the file may be somebody else's.
std::string printable(std::string_view text) {
    std::string made(text);
    for (char& c : made) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) c = '?';
    }
    return made;
}

std::string caret_lines(int number, std::string line, int column) {
    std::size_t at = std::min<std::size_t>(static_cast<std::size_t>(column - 1), line.size());
    while (at > 0 && at < line.size() && continues_character(line[at]))
        --at;
    if (at > widest - 40) {
        std::size_t from = at - (widest - 80);
        while (continues_character(line[from]))
            ++from;
        line = "..." + line.substr(from);
        at = at - from + 3;
    }
    if (line.size() > widest) {
        std::size_t end = widest;
        while (end > at && continues_character(line[end]))
            --end;
        line = line.substr(0, end) + "...";
    }
    const std::string label = std::to_string(number);
    std::string made =
        "  " + label + " | " + line + "\n  " + std::string(label.size(), ' ') + " | ";
    for (std::size_t i = 0; i < at; ++i) {
        if (!continues_character(line[i])) made += line[i] == '\t' ? '\t' : ' ';
    }
    return made + "^\n";
}

}  // namespace

void problem_printer::add_text(const std::string& file, std::string text) {
    texts_[file] = std::move(text);
}

std::string problem_printer::line_of(const base::source_position& where) {
    auto found = texts_.find(where.file);
    if (found == texts_.end()) {
        base::result<std::string> text = base::read_file(where.file, largest);
        found = texts_.emplace(where.file, text ? std::move(*text) : std::string()).first;
    }
    const std::string& text = found->second;
    std::size_t start = 0;
    for (int at = 1; at < where.line; ++at) {
        start = text.find('\n', start);
        if (start == std::string::npos) return {};
        ++start;
    }
    std::string line = text.substr(start, text.find('\n', start) - start);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::string problem_printer::print(std::string_view kind, const base::error& problem) {
    std::string line;
    if (problem.where && problem.where->line > 0 && problem.where->column > 0) {
        line = line_of(*problem.where);
    }
    base::error shown = problem;
    // Messages about expressions bring their own line and caret; the file's line says more.
    if (!line.empty()) shown.message = shown.message.substr(0, shown.message.find('\n'));
    std::string made = std::string(kind) + ": ";
    made += line.empty() ? shown.to_text() : printable(shown.to_text());
    made += '\n';
    if (!line.empty()) {
        made += caret_lines(problem.where->line, printable(line), problem.where->column);
    }
    return made;
}

}  // namespace sluice::manifest
