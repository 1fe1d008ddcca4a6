#include "json/number.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>

#include "base/random.hpp"
#include "json/text.hpp"

namespace sluice::json {
namespace {

struct number_case {
    const char* text;
    number_form form;
    const char* written;
};

class number_text : public testing::TestWithParam<number_case> {};

TEST_P(number_text, takes_the_smallest_exact_form) {
    const value number = value::number(GetParam().text);
    EXPECT_EQ(number.number_form(), GetParam().form);
    EXPECT_EQ(to_text(number), GetParam().written);
    const auto parsed = parse(GetParam().text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->number_form(), GetParam().form);
    EXPECT_EQ(to_text(*parsed), GetParam().written);
    EXPECT_EQ(*parsed, number);
    EXPECT_EQ(value::number(to_text(number)), number);
}

constexpr number_case number_cases[] = {
    {"0", number_form::int64, "0"},
    {"-0", number_form::real, "-0"},
    {"-0.0", number_form::real, "-0"},
    {"0e99", number_form::int64, "0"},
    {"1", number_form::int64, "1"},
    {"-1", number_form::int64, "-1"},
    {"1.0", number_form::int64, "1"},
    {"1e3", number_form::int64, "1000"},
    {"1200e-2", number_form::int64, "12"},
    {"1.5e1", number_form::int64, "15"},
    {"9007199254740993", number_form::int64, "9007199254740993"},
    {"9223372036854775807", number_form::int64, "9223372036854775807"},
    {"-9223372036854775808", number_form::int64, "-9223372036854775808"},
    {"9.223372036854775807e18", number_form::int64, "9223372036854775807"},
    {"9223372036854775808", number_form::uint64, "9223372036854775808"},
    {"18446744073709551615", number_form::uint64, "18446744073709551615"},
    {"18446744073709551616", number_form::real, "18446744073709551616"},
    {"18446744073709551617", number_form::text, "18446744073709551617"},
    {"-9223372036854775809", number_form::text, "-9223372036854775809"},
    {"123456789012345678901234567890", number_form::text, "123456789012345678901234567890"},
    {"1e21", number_form::real, "1e+21"},
    {"1000000000000000000000", number_form::real, "1e+21"},
    {"1e22", number_form::real, "1e+22"},
    {"0.1", number_form::real, "0.1"},
    {"-0.5", number_form::real, "-0.5"},
    {"1e-6", number_form::real, "0.000001"},
    {"1e-7", number_form::real, "1e-07"},
    {"0.30000000000000004", number_form::real, "0.30000000000000004"},
    {"3.141592653589793", number_form::real, "3.141592653589793"},
    {"3.141592653589793238", number_form::text, "3.141592653589793238"},
    {"0.1000000000000000000001", number_form::text, "0.1000000000000000000001"},
    {"1.7976931348623157e308", number_form::real, "1.7976931348623157e+308"},
    {"5e-324", number_form::real, "5e-324"},
    {"2.5e-324", number_form::text, "2.5e-324"},
    {"1e400", number_form::text, "1e400"},
    {"-1E+400", number_form::text, "-1E+400"},
    {"1e-400", number_form::text, "1e-400"},
    {"1e99999999999999999999", number_form::text, "1e99999999999999999999"},
};
INSTANTIATE_TEST_SUITE_P(cases, number_text, testing::ValuesIn(number_cases));

TEST(number, grammar_is_that_of_rfc_8259) {
    for (const char* text : {"0", "-0", "10", "1.5", "1e5", "1E+5", "1e-5", "0.0e0"}) {
        EXPECT_TRUE(is_number_text(text)) << text;
    }
    for (const char* text : {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e5", "0x1",
                             "NaN", "Infinity", "1 ", " 1", "1,5", "--1", "1e5.5"}) {
        EXPECT_FALSE(is_number_text(text)) << text;
    }
}

TEST(number_death_test, other_text_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(value::number("01"), "not a JSON number: 01");
}

TEST(number, doubles_read_back_the_same_whatever_their_bits) {
    base::seeded_random random(7);
    for (int i = 0; i < 20'000; ++i) {
        const auto real = std::bit_cast<double>(random.next());
        if (!std::isfinite(real)) continue;
        const std::string text = to_text(value(real));
        ASSERT_TRUE(is_number_text(text)) << text;
        const value read = value::number(text);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(read.as_double()),
                  std::bit_cast<std::uint64_t>(real))
            << text;
        ASSERT_EQ(read, value(real)) << text;
        if (std::fabs(real) >= 1e21 || std::fabs(real) < 1e-6) {
            char shortest[64];
            const auto end = std::to_chars(shortest, shortest + sizeof shortest, real,
                                           std::chars_format::scientific)
                                 .ptr;
            ASSERT_EQ(text, std::string(shortest, end));
        }
    }
}

// Each number is smaller than the next; those in one row are equal.
const std::vector<std::vector<value>> ascending = {
    {value::number("-1e400"), value::number("-10e399")},
    {value(-1.7976931348623157e308)},
    {value::number("-9223372036854775809")},
    {value(std::int64_t{-9223372036854775807 - 1}), value(-9223372036854775808.0)},
    {value(-2), value(-2.0)},
    {value(-1.5)},
    {value(-1)},
    {value(-5e-324)},
    {value::number("-1e-400")},
    {value(0), value(0.0), value(-0.0), value::number("0.000")},
    {value::number("1e-400"), value::number("0.1e-399")},
    {value(5e-324)},
    {value(0.1)},
    {value::number("0.1000000000000000000001")},
    {value(0.5), value::number("0.50000000000000000000000000")},
    {value(1), value(1.0)},
    {value::number("1.0000000000000000000001")},
    {value(9007199254740992.0), value(9007199254740992)},
    {value(9007199254740993)},
    {value(9007199254740994.0)},
    {value(9223372036854775807)},
    {value(9223372036854775808.0), value(9223372036854775808u)},
    {value(9223372036854775809u)},
    {value(18446744073709551615u)},
    {value(18446744073709551616.0), value::number("18446744073709551616")},
    {value::number("18446744073709551617")},
    {value(1e300)},
    {value::number("1e400"), value::number("0.01e402")},
    {value::number("1e401")},
};

TEST(number, order_is_mathematical_across_all_forms) {
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            const int expected = i < j ? -1 : i > j ? 1 : 0;
            for (const value& a : ascending[i]) {
                for (const value& b : ascending[j]) {
                    ASSERT_EQ(compare(a, b), expected) << to_text(a) << " " << to_text(b);
                    ASSERT_EQ(a == b, expected == 0) << to_text(a) << " " << to_text(b);
                }
            }
        }
    }
}

}  // namespace
}  // namespace sluice::json
