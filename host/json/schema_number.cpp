// The keywords for numbers: bounds and multipleOf.
#include <utility>

#include "json/decimal.hpp"
#include "json/number.hpp"
#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

// A bound, by the signs that comparing with it may give.
struct bound_kind {
    std::string_view keyword;
    bool below = false;
    bool equal = false;
    bool above = false;
    std::string_view words;
};
constexpr bound_kind bound_kinds[] = {
    {"minimum", false, true, true, "at least "},
    {"exclusiveMinimum", false, false, true, "more than "},
    {"maximum", true, true, false, "at most "},
    {"exclusiveMaximum", true, false, false, "less than "},
};

class bound_keyword : public keyword {
  public:
    bound_keyword(std::string pointer, const bound_kind& what, value bound)
        : keyword(std::move(pointer)), what_(what), bound_(std::move(bound)) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_number()) return true;
        const int order = compare_numbers(of.instance, bound_);
        if (order < 0 ? what_.below : order > 0 ? what_.above : what_.equal) return true;
        return run.fail(of, pointer(), [&] {
            return "expected " + std::string(what_.words) + short_text(bound_) + ", got " +
                   run.describe(of.instance);
        });
    }

  private:
    const bound_kind& what_;
    value bound_;
};

class multiple_of : public keyword {
  public:
    multiple_of(std::string pointer, const decimal_divisor& divisor, value written)
        : keyword(std::move(pointer)), divisor_(divisor), written_(std::move(written)) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_number() || divisor_.divides(of.instance)) return true;
        return run.fail(of, pointer(), [&] {
            return "expected a multiple of " + short_text(written_) + ", got " +
                   run.describe(of.instance);
        });
    }

  private:
    decimal_divisor divisor_;
    value written_;
};

}  // namespace

void read_number(schema_reader& from) {
    for (const bound_kind& each : bound_kinds) {
        if (const value* const bound = from.number(each.keyword)) {
            from.add<bound_keyword>(each.keyword, each, *bound);
        }
    }
    if (const value* const divisor = from.number("multipleOf")) {
        if (const auto prepared = decimal_divisor::from(*divisor)) {
            from.add<multiple_of>("multipleOf", *prepared, *divisor);
        } else {
            from.refuse("multipleOf", "expected a number above 0 of at most 18 digits, got " +
                                          describe(*divisor, true));
        }
    }
}

}  // namespace sluice::json::schemas
