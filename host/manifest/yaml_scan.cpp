#include "manifest/yaml_scan.hpp"

#include <algorithm>
#include <utility>

namespace sluice::manifest {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool ends_token(std::string_view line, std::size_t at) {
    return at >= line.size() || is_blank(line[at]);
}

std::size_t skip_blanks(std::string_view line, std::size_t at) {
    while (at < line.size() && is_blank(line[at]))
        ++at;
    return at;
}

bool begins_comment(std::string_view line, std::size_t at) {
    return line[at] == '#' && (at == 0 || is_blank(line[at - 1]));
}

// The closing quote of a quoted text that is open at `at`.
std::size_t closing_quote(std::string_view text, std::size_t at, char kind) {
    for (; at < text.size(); ++at) {
        if (kind == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == kind) {
            if (kind == '"' || at + 1 >= text.size() || text[at + 1] != kind) return at;
            ++at;
        }
    }
    return npos;
}

class scanner {
  public:
    explicit scanner(mark until) : until_(until) {}

    yaml_scan run(std::string_view text) {
        for (int number = 1; number <= until_.line && !text.empty(); ++number) {
            const std::size_t end = text.find('\n');
            read_line(text.substr(0, end), number);
            text = end == npos ? std::string_view() : text.substr(end + 1);
        }
        return std::move(made_);
    }

  private:
    void read_line(std::string_view line, int number) {
        const bool last = number == until_.line;
        if (last) line = line.substr(0, static_cast<std::size_t>(std::max(until_.column - 1, 0)));
        std::size_t at = 0;
        value_next_ = !made_.brackets.empty() && value_next_;
        if (in_quote_) {
            at = close_quote(line, 0, number);
            if (at == npos) return;
        } else if (made_.brackets.empty()) {
            at = begin_line(line, number, last);
            if (at == npos) return;
        }
        read_content(line, at, number);
    }

    // Where the content of a line of a block begins; npos when it has none.
    std::size_t begin_line(std::string_view line, int number, bool last) {
        const std::size_t first = skip_blanks(line, 0);
        if (first == line.size()) return note_tab(line, first, number), npos;
        if (scalar_indent_) {
            if (line.find_first_not_of(' ') > *scalar_indent_) return npos;
            scalar_indent_.reset();
        }
        if (line[first] == '#') return npos;
        note_tab(line, first, number);
        const line_start start = start_of(line);
        value_next_ = true;
        if (last) return start.colon == npos ? start.content : start.colon + 1;
        made_.bare.reset();
        for (const std::size_t dash : start.dashes)
            enter({true, static_cast<int>(dash) + 1, number, {}, false});
        if (start.colon == npos) {
            if (start.content < line.size()) {
                std::string_view text = line.substr(start.content);
                while (!text.empty() && is_blank(text.back()))
                    text.remove_suffix(1);
                made_.bare =
                    scanned_text{{number, static_cast<int>(start.content) + 1}, std::string(text)};
            }
            return start.content;
        }
        const std::size_t value = skip_blanks(line, start.colon + 1);
        enter({false, static_cast<int>(start.content) + 1, number, start.key,
               value < line.size() && !begins_comment(line, value)});
        return value;
    }

    void note_tab(std::string_view line, std::size_t end, int number) {
        const std::size_t tab = line.substr(0, end).find('\t');
        // The last line ends at its failure, so what is blank there may go on.
        const bool has_content = end < line.size() || number == until_.line;
        if (tab == npos || made_.first_tab || !has_content || scalar_indent_) return;
        made_.first_tab = mark{number, static_cast<int>(tab) + 1};
    }

    void enter(scanned_block block) {
        std::vector<scanned_block>& all = made_.blocks;
        while (!all.empty() &&
               (all.back().column > block.column ||
                // A list may stand in the column of the key that it belongs to.
                (all.back().column == block.column && all.back().list && !block.list))) {
            all.pop_back();
        }
        if (!all.empty() && all.back().column == block.column && all.back().list == block.list) {
            all.pop_back();
        }
        all.push_back(std::move(block));
    }

    // Behind the quoted text, or npos when it goes on in the next line.
    std::size_t close_quote(std::string_view line, std::size_t at, int number) {
        const std::size_t end = closing_quote(line, at, made_.last_quote->kind);
        in_quote_ = end == npos;
        if (in_quote_) return npos;
        made_.last_quote->to = {number, static_cast<int>(end) + 1};
        value_next_ = false;
        return end + 1;
    }

    void read_content(std::string_view line, std::size_t at, int number) {
        while (at < line.size()) {
            const char c = line[at];
            if (begins_comment(line, at)) return;
            if (is_blank(c)) {
                ++at;
            } else if (value_next_ && (c == '"' || c == '\'')) {
                made_.last_quote = scanned_quote{c, {number, static_cast<int>(at) + 1}, {0, 0}};
                at = close_quote(line, at + 1, number);
                if (at == npos) return;
            } else if (value_next_ && (c == '{' || c == '[')) {
                made_.brackets.push_back({c, {number, static_cast<int>(at) + 1}});
                ++at;
            } else if (!made_.brackets.empty()) {
                read_inside_brackets(line, at++);
            } else {
                if (value_next_ && (c == '|' || c == '>')) begin_scalar();
                return;  // plain text goes to the end of the line
            }
        }
    }

    void read_inside_brackets(std::string_view line, std::size_t at) {
        const char c = line[at];
        if (c == '}' || c == ']') {
            made_.brackets.pop_back();
            value_next_ = false;
        } else if (c == ',' || (c == ':' && ends_token(line, at + 1))) {
            value_next_ = true;
        } else {
            value_next_ = false;
        }
    }

    // Text after | or >: everything that is indented deeper.
    void begin_scalar() {
        scalar_indent_ =
            made_.blocks.empty() ? 0 : static_cast<std::size_t>(made_.blocks.back().column) - 1;
    }

    mark until_;
    yaml_scan made_;
    bool in_quote_ = false;
    bool value_next_ = false;  // a quote or a bracket would begin a value here
    std::optional<std::size_t> scalar_indent_;
};

}  // namespace

std::size_t quote_end(std::string_view text, std::size_t from) {
    return closing_quote(text, from + 1, text[from]);
}

line_start start_of(std::string_view line) {
    line_start made;
    made.first = skip_blanks(line, 0);
    std::size_t at = made.first;
    while (at < line.size() && line[at] == '-' && ends_token(line, at + 1)) {
        made.dashes.push_back(at);
        at = skip_blanks(line, at + 1);
    }
    made.content = at;
    if (at >= line.size() || line[at] == '{' || line[at] == '[' || begins_comment(line, at)) {
        return made;
    }
    std::size_t end = at;
    if (line[at] == '"' || line[at] == '\'') {
        end = quote_end(line, at);
        if (end == npos) return made;
        end = skip_blanks(line, end + 1);
        if (end >= line.size() || line[end] != ':') return made;
    } else {
        while (end < line.size() && !(line[end] == ':' && ends_token(line, end + 1))) {
            if (begins_comment(line, end)) return made;
            ++end;
        }
        if (end == line.size()) return made;
    }
    made.key = line.substr(at, end - at);
    made.colon = end;
    return made;
}

yaml_scan scan_yaml(std::string_view text, mark until) { return scanner(until).run(text); }

}  // namespace sluice::manifest
