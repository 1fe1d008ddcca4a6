#include "expression/lenient_json.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expression/json_string.hpp"
#include "expression/number_word.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

constexpr std::size_t deepest = json::parse_limits().depth;
constexpr std::size_t longest_quote = 200;  // of the text in a message

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_structure(char c) { return std::string_view("[]{},:").find(c) != std::string_view::npos; }

// One character at a time, as the places in messages follow from that. Functions return the
// problem, or null.
class lenient_reader {
  public:
    // The problem of the whole text, empty when there is none.
    std::string read(std::string_view text, json::value& out);

  private:
    using problem = const char*;
    struct container {
        json::value content;
        std::optional<std::string> key;
    };

    problem take(char c);
    problem end_word();
    problem end_string();
    problem add(json::value content);
    problem structure(char c);
    problem open(char c);
    problem colon();
    problem comma();
    problem close_array();
    problem close_object();
    void pop();
    // A whole document is there: the first is the result, a second one is too many.
    void check_done();
    std::string place() const {
        return "line " + std::to_string(line_) + ", column " + std::to_string(column_);
    }

    std::vector<container> open_;
    std::optional<json::value> next_;  // read, and not yet put anywhere
    std::optional<json::value> result_;
    bool too_many_ = false;
    std::string word_;
    bool in_string_ = false;
    bool escaped_ = false;
    int line_ = 1;
    int column_ = 0;
};

std::string lenient_reader::read(std::string_view text, json::value& out) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (const char c : text) {
        ++column_;
        if (c == '\n') {
            ++line_;
            column_ = 0;
        }
        if (const problem found = take(c)) return found + (" at " + place());
        if (too_many_) return "Unexpected extra JSON values";
    }
    if (in_string_) return "Unfinished string at EOF at " + place();
    if (const problem found = end_word()) return found + (" at EOF at " + place());
    if (!open_.empty()) return "Unfinished JSON term at EOF at " + place();
    check_done();
    if (too_many_) return "Unexpected extra JSON values";
    if (!result_) return "Expected JSON value";
    out = std::move(*result_);
    return {};
}

lenient_reader::problem lenient_reader::take(char c) {
    if (in_string_) {
        if (c == '"' && !escaped_) return end_string();
        word_ += c;
        escaped_ = c == '\\' && !escaped_;
        return nullptr;
    }
    if (c != '"' && !is_blank(c) && !is_structure(c)) {
        word_ += c;
        return nullptr;
    }
    if (const problem found = end_word()) return found;
    check_done();
    if (c == '"') in_string_ = true;
    const problem found = is_structure(c) ? structure(c) : nullptr;
    check_done();
    return found;
}

void lenient_reader::check_done() {
    if (!open_.empty() || !next_) return;
    too_many_ = too_many_ || result_.has_value();
    if (!result_) result_ = std::move(next_);
    next_.reset();
}

lenient_reader::problem lenient_reader::end_word() {
    if (word_.empty()) return nullptr;
    const std::string word = std::exchange(word_, {});
    const char first = word[0];
    if (first == 't' || first == 'f' || (first == 'n' && word.size() > 1 && word[1] == 'u')) {
        if (word == "true" || word == "false") return add(word == "true");
        return word == "null" ? add(nullptr) : "Invalid literal";
    }
    json::value number;
    if (!read_number_word(word, number)) return "Invalid numeric literal";
    return add(std::move(number));
}

lenient_reader::problem lenient_reader::end_string() {
    in_string_ = false;
    std::string text;
    if (const problem found = read_json_string(std::exchange(word_, {}), text)) return found;
    const problem found = add(std::move(text));
    check_done();
    return found;
}

lenient_reader::problem lenient_reader::add(json::value content) {
    if (next_) return "Expected separator between values";
    next_ = std::move(content);
    return nullptr;
}

lenient_reader::problem lenient_reader::structure(char c) {
    switch (c) {
        case ':':
            return colon();
        case ',':
            return comma();
        case ']':
            return close_array();
        case '}':
            return close_object();
        default:
            return open(c);
    }
}

lenient_reader::problem lenient_reader::open(char c) {
    if (open_.size() >= deepest) return "Exceeds depth limit for parsing";
    if (next_) return "Expected separator between values";
    open_.push_back({c == '[' ? json::value::array() : json::value::object(), std::nullopt});
    return nullptr;
}

lenient_reader::problem lenient_reader::colon() {
    if (open_.empty() || open_.back().content.is_array()) {
        return "':' not as part of an object";
    }
    if (!next_) return "Expected string key before ':'";
    if (open_.back().key) return "':' should follow a key";
    if (!next_->is_string()) return "Object keys must be strings";
    open_.back().key = next_->as_string();
    next_.reset();
    return nullptr;
}

lenient_reader::problem lenient_reader::comma() {
    if (!next_) return "Expected value before ','";
    container& top = open_.back();  // at the outside check_done() has taken what was there
    if (top.content.is_array()) {
        top.content.push(std::move(*next_));
    } else if (top.key) {
        top.content.set(std::move(*top.key), std::move(*next_));
        top.key.reset();
    } else {
        return "Objects must consist of key:value pairs";
    }
    next_.reset();
    return nullptr;
}

lenient_reader::problem lenient_reader::close_array() {
    if (open_.empty() || !open_.back().content.is_array()) return "Unmatched ']'";
    if (next_) {
        open_.back().content.push(std::move(*next_));
    } else if (open_.back().content.size() > 0) {
        return "Expected another array element";
    }
    pop();
    return nullptr;
}

lenient_reader::problem lenient_reader::close_object() {
    if (open_.empty() || (!next_ && !open_.back().content.is_object())) return "Unmatched '}'";
    container& top = open_.back();
    if (next_) {
        if (!top.key) return "Objects must consist of key:value pairs";
        top.content.set(std::move(*top.key), std::move(*next_));
    } else if (top.key) {
        return "Unmatched '}'";
    } else if (top.content.size() > 0) {
        return "Expected another key-value pair";
    }
    pop();
    return nullptr;
}

void lenient_reader::pop() {
    next_ = std::move(open_.back().content);
    open_.pop_back();
}

}  // namespace

bool parse_leniently(meter& used, std::string_view text, json::value& out) {
    // A value takes more room than a digit and a comma.
    if (!used.charge(text.size() * 8)) return false;
    if (auto strict = json::parse(text)) {
        out = std::move(*strict);
        return true;
    }
    const std::string found = lenient_reader().read(text, out);
    if (found.empty()) return true;
    std::string quote(text.substr(0, longest_quote));
    while (text.size() > quote.size() && !quote.empty() && (text[quote.size()] & 0xc0) == 0x80)
        quote.pop_back();
    if (text.size() > quote.size()) quote += "...";
    return used.fail(found + " (while parsing '" + quote + "')");
}

}  // namespace sluice::expression
