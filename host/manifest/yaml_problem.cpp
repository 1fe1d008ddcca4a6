#include "manifest/yaml_problem.hpp"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <string>
#include <utility>

#include "manifest/yaml_scan.hpp"

namespace sluice::manifest {
namespace {

constexpr auto npos = std::string_view::npos;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string line_number(int line) { return "line " + std::to_string(line); }
std::string place(mark at) {
    return line_number(at.line) + ", column " + std::to_string(at.column);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r");
    if (from == npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

// How to quote what cannot stand there as it is.
std::string quotes_for(std::string_view value) {
    value = trimmed(value);
    if (value.find('"') == npos && value.find('\\') == npos) return "write " + quoted(value);
    if (value.find('\'') == npos) return "write '" + std::string(value) + "'";
    return "write it on lines of its own, indented below `key: |`";
}

// The parser gives column 1 for the end of a text whose last line has no line break.
mark true_end(const document& in, mark at, std::string_view reason) {
    const bool ends =
        reason == YAML::ErrorMsg::END_OF_MAP_FLOW || reason == YAML::ErrorMsg::END_OF_SEQ_FLOW;
    const std::string_view line = in.line(at.line);
    const bool is_last = line.data() + line.size() == in.text.data() + in.text.size();
    if (!ends || at.column != 1 || !is_last) return at;
    return {at.line, static_cast<int>(line.size()) + 1};
}

class explanation {
  public:
    explanation(const document& in, mark at, std::string_view reason)
        : in_(in),
          at_(at),
          reason_(reason),
          scan_(scan_yaml(in.text, at)),
          line_(in.line(at.line)) {
        here_ = std::min(static_cast<std::size_t>(at.column - 1), line_.size());
    }

    base::error find() {
        using step = std::optional<base::error> (explanation::*)() const;
        for (const step each :
             {&explanation::tab, &explanation::open_quote, &explanation::escape,
              &explanation::reserved, &explanation::comma, &explanation::after_quote,
              &explanation::glued_colon, &explanation::brackets, &explanation::closing,
              &explanation::after_bracket, &explanation::colon_in_value,
              &explanation::missing_colon, &explanation::list_beside_key,
              &explanation::indentation}) {
            if (std::optional<base::error> found = (this->*each)()) return std::move(*found);
        }
        return problem(at_, "this is not valid YAML: " + std::string(reason_),
                       "check indentation and quotes; an expression that holds \": \" or \" #\" "
                       "needs quotes around it");
    }

    base::error problem(mark at, std::string message, std::string hint) const {
        base::error made =
            base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
        made.where = base::source_position{in_.name, at.line, at.column};
        return made;
    }

  private:
    char character() const { return here_ < line_.size() ? line_[here_] : '\0'; }
    bool at_end() const { return trimmed(line_.substr(here_)).empty(); }

    std::optional<base::error> tab() const {
        std::optional<mark> found = scan_.first_tab;
        // The scan ends before the place of the failure.
        if (!found && reason_ == YAML::ErrorMsg::TAB_IN_INDENTATION) found = at_;
        if (!found) return std::nullopt;
        return problem(*found, "a tab is used for indentation; YAML allows spaces only",
                       "replace the tabs at the beginning of the lines by spaces");
    }

    std::optional<base::error> open_quote() const {
        if (!scan_.last_quote || scan_.last_quote->to.line != 0) return std::nullopt;
        // An escape that YAML does not know is found inside a quoted text.
        if (is_about_an_escape()) return std::nullopt;
        return problem(scan_.last_quote->from, "the quote opened here is never closed",
                       std::string("put ") + scan_.last_quote->kind + " at the end of the text");
    }

    bool is_about_an_escape() const {
        return reason_.starts_with(YAML::ErrorMsg::INVALID_ESCAPE) ||
               reason_.starts_with(YAML::ErrorMsg::INVALID_UNICODE) ||
               reason_ == YAML::ErrorMsg::INVALID_HEX;
    }

    std::optional<base::error> escape() const {
        if (!is_about_an_escape()) return std::nullopt;
        const std::size_t from = line_.substr(0, here_).rfind('\\');
        if (from == npos || from + 1 >= line_.size()) return std::nullopt;
        const mark place{at_.line, static_cast<int>(from) + 1};
        const std::string written(line_.substr(from, here_ - from));
        const char kind = line_[from + 1];
        if (reason_ == YAML::ErrorMsg::INVALID_HEX) {
            const char* const digits = kind == 'x' ? "two" : kind == 'u' ? "four" : "eight";
            return problem(
                place, std::string("behind \\") + kind + " stand " + digits + " hexadecimal digits",
                "write \\\\ for a backslash, or put the text into '...'");
        }
        if (reason_.starts_with(YAML::ErrorMsg::INVALID_UNICODE)) {
            if (kind == 'U') return problem(place, written + " is no character", "");
            return problem(place,
                           written + " is half of a character: above U+FFFF it takes two of them",
                           "write both, like \\ud83d\\ude00, or the character itself");
        }
        return problem(place,
                       "\\" + std::string(1, line_[from + 1]) + " means nothing inside \"...\"",
                       "write \\\\ for a backslash, or put the text into '...'");
    }

    std::optional<base::error> reserved() const {
        if (reason_ == YAML::ErrorMsg::UNKNOWN_TOKEN) {
            const std::string first(1, character());
            return problem(at_, "a value cannot begin with " + first, "put it in quotes");
        }
        if (reason_ == YAML::ErrorMsg::CHAR_IN_BLOCK) {
            return problem(at_, "the text after | or > begins on the next line",
                           "put quotes around a value that begins with one of them");
        }
        if (reason_ == YAML::ErrorMsg::ANCHOR_NOT_FOUND) {
            return problem({at_.line, std::max(1, at_.column - 1)}, "a value cannot begin with &",
                           "put it in quotes");
        }
        const bool alias = reason_ == YAML::ErrorMsg::ALIAS_NOT_FOUND ||
                           reason_ == YAML::ErrorMsg::UNKNOWN_ANCHOR ||
                           reason_ == YAML::ErrorMsg::CHAR_IN_ALIAS;
        const std::size_t star = line_.substr(0, here_ + 1).rfind('*');
        if (!alias || star == npos) return std::nullopt;
        return problem({at_.line, static_cast<int>(line_.find('*')) + 1},
                       "a value that begins with * is an alias, and aliases are not supported",
                       "put quotes around it if it is text, as in cron: \"*/5 * * * *\"");
    }

    // As in JSON, between keys that stand on lines of their own.
    std::optional<base::error> comma() const {
        const std::string_view before = trimmed(line_.substr(0, here_));
        if (character() != ',' || !scan_.brackets.empty() || before.empty()) return std::nullopt;
        if (std::string_view("\"'}]").find(before.back()) == npos) return std::nullopt;
        return problem(at_, "a comma does not belong here",
                       "remove it: outside of { } and [ ] a line break separates");
    }

    std::optional<base::error> after_quote() const {
        if (!scan_.last_quote || at_end()) return std::nullopt;
        const scanned_quote& quote = *scan_.last_quote;
        const auto behind = static_cast<std::size_t>(quote.to.column);
        if (quote.to.line != at_.line || behind > here_) return std::nullopt;
        if (!trimmed(line_.substr(behind, here_ - behind)).empty()) return std::nullopt;
        if (std::string_view(",]}:#").find(character()) != npos) return std::nullopt;
        if (quote.from.line != quote.to.line) {
            return problem(quote.from, "the quote opened here is closed only in " + place(quote.to),
                           std::string("put ") + quote.kind + " where the text ends");
        }
        const std::string_view word =
            line_.substr(here_, line_.find_first_of(" ,:{}[]", here_) - here_);
        if (!scan_.brackets.empty() && behind < here_ &&
            line_.substr(here_ + word.size()).starts_with(":")) {
            return problem(at_, "a comma is missing before " + quoted(word), "");
        }
        return problem(at_,
                       "the quoted text that begins in column " +
                           std::to_string(quote.from.column) + " has ended before this",
                       quote.kind == '"'
                           ? "inside \"...\" write \\\" for a quote, or put the text into '...'"
                           : "inside '...' write '' for a quote");
    }

    // `name:{` and `name:[` are text up to the next blank.
    std::optional<base::error> glued_colon() const {
        for (int line = at_.line; line >= std::max(1, at_.line - 1); --line) {
            const std::string_view text = in_.line(line);
            const line_start start = start_of(text);
            const std::size_t colon = text.find(':', start.content);
            if (colon == npos || colon + 1 >= text.size()) continue;
            if (text[colon + 1] != '{' && text[colon + 1] != '[') continue;
            return missing_space({line, static_cast<int>(colon) + 1},
                                 text.substr(start.content, colon - start.content));
        }
        return std::nullopt;
    }

    base::error missing_space(mark colon, std::string_view key) const {
        return problem(colon, "a space is missing after the colon of " + quoted(key), "");
    }

    std::optional<base::error> brackets() const {
        if (scan_.brackets.empty()) return std::nullopt;
        if (character() == '{' && here_ > 0 && line_[here_ - 1] == '$') {
            return problem({at_.line, at_.column - 1},
                           "an expression inside { } or [ ] needs quotes",
                           "write \"${ ... }\", or '${ ... }' when it holds quotes itself");
        }
        const scanned_bracket& open = scan_.brackets.back();
        const std::string end(1, open.kind == '{' ? '}' : ']');
        const std::string opened = std::string("the ") + open.kind + " opened here is ";
        if ((character() == '}' || character() == ']') && end[0] != character()) {
            return problem(open.at,
                           opened + "not closed before the " + character() + " in " + place(at_),
                           "put " + end + " there");
        }
        const std::size_t indent = in_.line(open.at.line).find_first_not_of(' ');
        const std::size_t own = line_.find_first_not_of(' ');
        if (at_end() || (at_.line > open.at.line && own <= indent)) {
            return problem(open.at, opened + "never closed", "put " + end + " at its end");
        }
        if (character() == ':') return two_colons(open);
        return problem(at_,
                       "this does not fit into the " + std::string(1, open.kind) + " opened in " +
                           place(open.at),
                       "a comma or a bracket is missing before it, or quotes around a value");
    }

    // `{ a: b c: d }`
    base::error two_colons(const scanned_bracket& open) const {
        const std::size_t from = line_.substr(0, here_).find_last_of(" ,{[");
        const std::string_view word =
            line_.substr(from == npos ? 0 : from + 1, here_ - (from == npos ? 0 : from + 1));
        const int column = static_cast<int>(from == npos ? 0 : from + 1) + 1;
        return problem({at_.line, column},
                       "a comma is missing before " + quoted(word) + " in the " + open.kind +
                           " opened in " + place(open.at),
                       "or quotes around the value, if its text holds \": \"");
    }

    std::optional<base::error> after_bracket() const {
        const std::string_view before = trimmed(line_.substr(0, here_));
        if (!scan_.brackets.empty() || before.empty() || at_end()) return std::nullopt;
        if (before.back() != '}' && before.back() != ']') return std::nullopt;
        const std::string end(1, before.back());
        return problem(at_, "the " + end + " before this ended the value",
                       "a " + end + " too many stands before it, or a line break is missing");
    }

    std::optional<base::error> closing() const {
        if (!scan_.brackets.empty() || reason_ != YAML::ErrorMsg::FLOW_END) return std::nullopt;
        return problem(at_, std::string("this ") + character() + " closes nothing that is open",
                       "remove it, or put quotes around the text that it belongs to");
    }

    std::optional<base::error> colon_in_value() const {
        if (reason_ != YAML::ErrorMsg::MAP_VALUE) return std::nullopt;
        const line_start start = start_of(line_);
        if (start.colon == npos || start.colon >= here_) return std::nullopt;
        const std::size_t value = line_.find_first_not_of(" \t", start.colon + 1);
        if (value == npos || value > here_) return std::nullopt;
        return problem({at_.line, static_cast<int>(value) + 1},
                       line_.substr(value).starts_with("${")
                           ? "an expression that holds \": \" needs quotes"
                           : "a value that holds \": \" needs quotes",
                       quotes_for(line_.substr(value)));
    }

    std::optional<base::error> missing_colon() const {
        if (reason_ != YAML::ErrorMsg::MAP_VALUE || !scan_.bare) return std::nullopt;
        if (scan_.bare->text.starts_with("?")) return std::nullopt;
        const scanned_text& bare = *scan_.bare;
        const std::size_t colon = bare.text.find(':');
        if (colon != npos) {
            return missing_space({bare.at.line, bare.at.column + static_cast<int>(colon)},
                                 std::string_view(bare.text).substr(0, colon));
        }
        const std::size_t blank = bare.text.find(' ');
        return problem(bare.at, "a colon is missing in " + quoted(bare.text),
                       blank == npos
                           ? "write " + bare.text + ":"
                           : "write " + bare.text.substr(0, blank) + ":" + bare.text.substr(blank));
    }

    std::optional<base::error> list_beside_key() const {
        if (reason_ != YAML::ErrorMsg::BLOCK_ENTRY || start_of(line_).first >= here_) {
            return std::nullopt;
        }
        return problem(at_, "a list cannot begin on the line of its key",
                       "put each item on a line of its own below it");
    }

    std::string what_is(const line_start& start) const {
        if (!start.dashes.empty()) return "this item";
        return start.key.empty() ? "this line" : quoted(start.key);
    }

    std::string like(const scanned_block& block) const {
        return "in column " + std::to_string(block.column) + " like " +
               (block.list ? std::string("the item") : quoted(block.key)) + " in " +
               line_number(block.line);
    }

    // The line begins in a column that none of the blocks around it has, or has for something else.
    std::optional<base::error> indentation() const {
        const line_start start = start_of(line_);
        const bool own_colon = reason_ == YAML::ErrorMsg::MAP_VALUE && start.colon == here_;
        if (scan_.blocks.empty() || at_end()) return std::nullopt;
        if (start.first != here_ && !own_colon) return std::nullopt;
        const bool item = !start.dashes.empty();
        const int column = static_cast<int>(start.first) + 1;
        const mark from{at_.line, column};
        std::vector<scanned_block> around = scan_.blocks;
        std::optional<scanned_block> deeper;  // the nearest that this line does not reach
        while (!around.empty() && around.back().column > column) {
            if (around.back().list == item) deeper = around.back();
            around.pop_back();
        }
        if (around.empty()) return std::nullopt;
        const scanned_block outer = around.back();
        // The nearest around that this line could belong to.
        std::optional<scanned_block> fitting;
        for (const scanned_block& each : around) {
            if (each.list == item && each.column < column) fitting = each;
        }
        if (outer.column == column && outer.list && !item) {
            return problem(from,
                           what_is(start) +
                               " stands among the items of a list, which begin "
                               "with \"- \"",
                           "write - " + start.key +
                               ": if it is an item, or indent it to belong to "
                               "the item in " +
                               line_number(outer.line));
        }
        if (!deeper && !(outer.column == column && item) && !outer.has_value) return std::nullopt;
        std::string message;
        if (!deeper && outer.has_value) {
            message = what_is(start) + " cannot belong to " + quoted(outer.key) + " in " +
                      line_number(outer.line) + ", which has its value already";
        } else {
            message = "the indentation of " + what_is(start) + " matches no enclosing block";
        }
        std::string hint;
        if (outer.column < column && !item && !outer.list && !deeper) fitting = outer;
        if (deeper) hint = "begin it " + like(*deeper);
        if (fitting) hint += (hint.empty() ? "begin it " : ", or ") + like(*fitting);
        return problem(from, std::move(message), std::move(hint));
    }

    const document& in_;
    mark at_;
    std::string_view reason_;
    yaml_scan scan_;
    std::string_view line_;
    std::size_t here_ = 0;
};

}  // namespace

base::error explain_yaml(const document& in, mark at, std::string_view reason) {
    return explanation(in, true_end(in, at, reason), reason).find();
}

std::optional<base::error> unclosed_quote(const document& in, mark from) {
    const std::string_view line = in.line(from.line);
    if (from.line == 0) return std::nullopt;
    const auto column = static_cast<std::size_t>(from.column - 1);
    if (column >= line.size() || (line[column] != '"' && line[column] != '\'')) return std::nullopt;
    const auto at = static_cast<std::size_t>(line.data() - in.text.data()) + column;
    if (quote_end(in.text, at) != std::string_view::npos) return std::nullopt;
    base::error made =
        base::make_error(base::error_code::invalid_input, "the quote opened here is never closed",
                         std::string("put ") + line[column] + " at the end of the text");
    made.where = base::source_position{in.name, from.line, from.column};
    return made;
}

}  // namespace sluice::manifest
