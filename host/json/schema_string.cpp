// The keywords for strings: lengths, pattern, format.
#include <algorithm>
#include <utility>

#include "json/schema_format.hpp"
#include "json/schema_pattern.hpp"
#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

// In code points; bytes that continue one do not count.
std::uint64_t length_of(const std::string& text) {
    return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

class length_keyword : public keyword {
  public:
    length_keyword(std::string pointer, std::uint64_t bound, bool is_least)
        : keyword(std::move(pointer)), bound_(bound), is_least_(is_least) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_string()) return true;
        if (!run.charge(of, of.instance.size() / 64)) return false;
        const std::uint64_t length = length_of(of.instance.as_string());
        if (is_least_ ? length >= bound_ : length <= bound_) return true;
        return run.fail(of, pointer(), [&] {
            return std::string(is_least_ ? "expected at least " : "expected at most ") +
                   amount(bound_, "character") + ", got " + std::to_string(length);
        });
    }

  private:
    std::uint64_t bound_;
    bool is_least_;
};

class pattern_keyword : public keyword {
  public:
    pattern_keyword(std::string pointer, base::regex pattern, std::string written)
        : keyword(std::move(pointer)), pattern_(std::move(pattern)), written_(std::move(written)) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_string()) return true;
        if (run.matches(of, pattern_, of.instance.as_string())) return true;
        return run.fail(of, pointer(), [&] {
            return "expected a string that matches " + written_ + ", got " +
                   run.describe(of.instance);
        });
    }

  private:
    base::regex pattern_;
    std::string written_;
};

class format_keyword : public keyword {
  public:
    format_keyword(std::string pointer, const format& expected)
        : keyword(std::move(pointer)), expected_(expected) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_string()) return true;
        if (!run.charge(of, of.instance.size() / 16)) return false;
        if (expected_.accepts(of.instance.as_string())) return true;
        return run.fail(of, pointer(), [&] {
            return "expected " + std::string(expected_.words) + ", got " +
                   run.describe(of.instance);
        });
    }

  private:
    const format& expected_;
};

}  // namespace

void read_string(schema_reader& from) {
    if (const auto least = from.count("minLength")) {
        from.add<length_keyword>("minLength", *least, true);
    }
    if (const auto most = from.count("maxLength")) {
        from.add<length_keyword>("maxLength", *most, false);
    }
    if (const std::string* const written = from.text("pattern")) {
        auto pattern = compile_pattern(*written);
        if (pattern) {
            from.add<pattern_keyword>("pattern", std::move(*pattern), *written);
        } else {
            from.refuse("pattern", "no valid pattern: " + pattern.error_value().message);
        }
    }
    if (const std::string* const name = from.text("format")) {
        if (const format* const known = format_named(*name)) {
            from.add<format_keyword>("format", *known);
        }
    }
}

}  // namespace sluice::json::schemas
