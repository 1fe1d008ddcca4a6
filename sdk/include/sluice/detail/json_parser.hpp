#pragma once

#include <algorithm>
#include <charconv>

#include "sluice/detail/json_text.hpp"
#include "sluice/detail/utf8.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

// Reads one JSON text (RFC 8259), strictly.
class json_parser {
  public:
    enum class duplicate_keys { last_one_stays, refuse };

    explicit json_parser(std::string_view text,
                         duplicate_keys duplicates = duplicate_keys::last_one_stays)
        : text_(text), duplicates_(duplicates) {}

    json read_text() {
        json value = read_value(0);
        skip_space();
        if (at_ != text_.size()) refuse("expected the end of the text");
        return value;
    }

    json read_number_text() {
        json value = read_number();
        if (at_ != text_.size()) refuse("expected a number");
        return value;
    }

  private:
    [[noreturn]] void refuse(const char* what) const {
        throw json_error(std::string("not JSON: ") + what + " at byte " + std::to_string(at_));
    }
    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char wanted) noexcept {
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    void skip_space() noexcept {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\r' || text_[at_] == '\t')) {
            ++at_;
        }
    }

    json read_value(std::size_t depth) {
        skip_space();
        switch (peek()) {
            case '{':
                return read_object(depth);
            case '[':
                return read_array(depth);
            case '"':
                return json(read_string());
            case 't':
                return read_word("true", json(true));
            case 'f':
                return read_word("false", json(false));
            case 'n':
                return read_word("null", json());
            default:
                return read_number();
        }
    }

    json read_word(std::string_view word, json value) {
        if (text_.substr(at_, word.size()) != word) refuse("expected a value");
        at_ += word.size();
        return value;
    }

    json read_array(std::size_t depth) {
        if (depth >= json::max_depth) refuse("nested too deeply");
        json::array_type items;
        ++at_;
        skip_space();
        if (take(']')) return json::array();
        do {
            items.push_back(read_value(depth + 1));
            skip_space();
        } while (take(','));
        if (!take(']')) refuse("expected ',' or ']'");
        return json::array(std::move(items));
    }

    json read_object(std::size_t depth) {
        if (depth >= json::max_depth) refuse("nested too deeply");
        json::object_type members;
        ++at_;
        skip_space();
        if (take('}')) return json::object();
        do {
            skip_space();
            if (peek() != '"') refuse("expected a key in quotes");
            std::string key = read_string();
            skip_space();
            if (!take(':')) refuse("expected ':'");
            members.emplace_back(std::move(key), read_value(depth + 1));
            skip_space();
        } while (take(','));
        if (!take('}')) refuse("expected ',' or '}'");
        keep_last_of_each_key(members);
        return json(json::data_type(std::move(members)));
    }

    // So few that comparing each with each is quicker than sorting them.
    static bool are_few_and_different(const json::object_type& members) {
        constexpr std::size_t few = 16;
        if (members.size() > few) return false;
        for (std::size_t i = 1; i < members.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (members[i].first == members[j].first) return false;
            }
        }
        return true;
    }

    void keep_last_of_each_key(json::object_type& members) const {
        if (members.size() < 2 || are_few_and_different(members)) return;
        std::vector<std::size_t> order(members.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return members[a].first < members[b].first;
        });
        std::vector<bool> drop(members.size());
        bool any = false;
        for (std::size_t i = 1; i < order.size(); ++i) {
            if (members[order[i - 1]].first != members[order[i]].first) continue;
            drop[order[i - 1]] = any = true;
        }
        if (!any) return;
        if (duplicates_ == duplicate_keys::refuse) refuse("the same key twice in the object");
        json::object_type kept;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (!drop[i]) kept.push_back(std::move(members[i]));
        }
        members = std::move(kept);
    }

    std::string read_string() {
        std::string out;
        ++at_;
        for (;;) {
            const std::size_t plain = detail::plain_json_size(text_.substr(at_));
            out.append(text_, at_, plain);
            at_ += plain;
            if (at_ >= text_.size()) refuse("a string does not end");
            const char c = text_[at_];
            if (c == '"') break;
            if (c == '\\') {
                read_escape(out);
                continue;
            }
            if (static_cast<unsigned char>(c) < 0x20) refuse("a control character in a string");
            const std::size_t length = detail::utf8_length(text_.substr(at_));
            if (length == 0) refuse("a string is not UTF-8");
            out.append(text_, at_, length);
            at_ += length;
        }
        ++at_;
        return out;
    }

    void read_escape(std::string& out) {
        ++at_;
        const char c = peek();
        if (c == 'u') {
            ++at_;
            detail::append_utf8(out, read_code_point());
            return;
        }
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view values = "\"\\/\b\f\n\r\t";
        const std::size_t index = c == '\0' ? names.npos : names.find(c);
        if (index == names.npos) refuse("an unknown escape in a string");
        out.push_back(values[index]);
        ++at_;
    }

    std::uint32_t read_code_point() {
        const std::uint32_t first = read_hex4();
        if (first >= 0xDC00 && first <= 0xDFFF) refuse("half a surrogate pair");
        if (first < 0xD800 || first > 0xDBFF) return first;
        if (!take('\\') || !take('u')) refuse("half a surrogate pair");
        const std::uint32_t second = read_hex4();
        if (second < 0xDC00 || second > 0xDFFF) refuse("half a surrogate pair");
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }

    std::uint32_t read_hex4() {
        std::uint32_t code = 0;
        const std::string_view digits = text_.substr(at_, 4);
        const char* end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, code, 16);
        if (digits.size() != 4 || read.ec != std::errc() || read.ptr != end) {
            refuse("expected four hexadecimal digits");
        }
        at_ += 4;
        return code;
    }

    std::size_t skip_digits() {
        const std::size_t from = at_;
        while (peek() >= '0' && peek() <= '9')
            ++at_;
        if (at_ == from) refuse("expected a value");  // or the digits of one
        return at_ - from;
    }

    json read_number() {
        const std::size_t from = at_;
        const bool negative = take('-');
        std::size_t digits = 1;
        if (!take('0')) digits = skip_digits();
        bool whole = true;
        if (take('.')) {
            whole = false;
            digits += skip_digits();
        }
        if (take('e') || take('E')) {
            whole = false;
            if (!take('+')) take('-');
            skip_digits();
        }
        const std::string_view text = text_.substr(from, at_ - from);
        return whole && text != "-0" ? whole_number(text, negative) : real_number(text, digits);
    }

    static json whole_number(std::string_view text, bool negative) {
        const char* end = text.data() + text.size();
        std::int64_t small = 0;
        if (std::from_chars(text.data(), end, small).ec == std::errc()) return json(small);
        std::uint64_t large = 0;
        if (!negative && std::from_chars(text.data(), end, large).ec == std::errc()) {
            return json(large);
        }
        return json(json::data_type(json::exact_number{std::string(text)}));
    }

    // A double gives back up to 15 digits as they were, away from the ends of its range.
    static json real_number(std::string_view text, std::size_t digits) {
        double number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool exact =
            read.ec == std::errc() && digits <= 15 && (number == 0 || std::fabs(number) > 1e-290);
        if (exact) return json(number);
        return json(json::data_type(json::exact_number{std::string(text)}));
    }

    std::string_view text_;
    duplicate_keys duplicates_ = duplicate_keys::last_one_stays;
    std::size_t at_ = 0;
};

inline json json::parse(std::string_view text) { return json_parser(text).read_text(); }
inline json json::number(std::string_view text) { return json_parser(text).read_number_text(); }

}  // namespace sdk
}  // namespace sluice
