#include "json/schema_pattern.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

namespace sluice::json::schemas {
namespace {

class translation {
  public:
    explicit translation(std::string_view pattern) : rest_(pattern) {}

    std::string run() {
        while (!rest_.empty()) {
            if (rest_.front() == '\\' && rest_.size() > 1) {
                escape();
            } else if (in_class_) {
                inside_class();
            } else {
                outside_class();
            }
        }
        return std::move(made_);
    }

  private:
    void copy(std::size_t count) {
        made_ += rest_.substr(0, count);
        rest_.remove_prefix(count);
    }
    void replace(std::size_t count, std::string_view text) {
        made_ += text;
        rest_.remove_prefix(count);
    }

    void outside_class() {
        if (rest_.starts_with("[^]")) return replace(3, "(?s:.)");
        if (rest_.starts_with("[]")) return replace(2, "(?!)");
        if (rest_.front() == '$') return replace(1, "\\z");
        in_class_ = rest_.front() == '[';
        copy(rest_.starts_with("[^") ? 2 : 1);
    }

    void inside_class() {
        if (rest_.front() == '[') return replace(1, "\\[");
        in_class_ = rest_.front() != ']';
        copy(1);
    }

    void escape() {
        switch (rest_[1]) {
            case 'd':
                return replace(2, in_class_ ? "0-9" : "[0-9]");
            case 'w':
                return replace(2, in_class_ ? "A-Za-z0-9_" : "[A-Za-z0-9_]");
            case 'D':
                return in_class_ ? copy(2) : replace(2, "[^0-9]");
            case 'W':
                return in_class_ ? copy(2) : replace(2, "[^A-Za-z0-9_]");
            case 'u':
                return unicode();
            default:
                return copy(2);
        }
    }

    // The unit of \uXXXX at `at` of what is left.
    std::optional<std::uint32_t> unit(std::size_t at) const {
        if (rest_.size() < at + 6 || rest_[at] != '\\' || rest_[at + 1] != 'u') return {};
        const char* const end = rest_.data() + at + 6;
        std::uint32_t read = 0;
        const auto done = std::from_chars(end - 4, end, read, 16);
        if (done.ec != std::errc() || done.ptr != end) return {};
        return read;
    }

    void unicode() {
        if (rest_.starts_with("\\u{")) return replace(3, "\\x{");
        const auto first = unit(0);
        if (!first) return copy(2);
        const auto second = unit(6);
        if (*first >= 0xd800 && *first < 0xdc00 && second && *second >= 0xdc00 &&
            *second < 0xe000) {
            append_code_point(0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00));
            rest_.remove_prefix(12);
            return;
        }
        append_code_point(*first);
        rest_.remove_prefix(6);
    }

    void append_code_point(std::uint32_t code) {
        char text[8];
        const auto done = std::to_chars(text, text + sizeof text, code, 16);
        made_ += "\\x{" + std::string(text, done.ptr) + "}";
    }

    std::string_view rest_;
    std::string made_;
    bool in_class_ = false;
};

}  // namespace

std::string from_ecma(std::string_view pattern) { return translation(pattern).run(); }

base::result<base::regex> compile_pattern(std::string_view pattern) {
    return base::regex::compile(from_ecma(pattern));
}

}  // namespace sluice::json::schemas
