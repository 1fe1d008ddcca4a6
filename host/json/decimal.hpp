// Numbers as decimals of any length, for what the machine's own forms cannot do exactly. Inside the
// module only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.hpp"

namespace sluice::json {

// 0.DIGITS * 10^exponent, without zeros at either end of the digits; zero has no digits.
struct decimal {
    bool negative = false;
    std::string digits;
    std::int64_t exponent = 0;
};

// `text` is a valid number. Exponents beyond 10^17 count as 10^17.
decimal to_decimal(std::string_view text);
decimal decimal_of(const value& number);

// <0, 0, >0
int compare_decimals(const decimal& a, const decimal& b);

// Whether there is nothing behind the decimal point: so in 3, 3.0 and 1e400.
bool is_whole(const value& number);

// A divisor, prepared for many numbers.
class decimal_divisor {
  public:
    // Nothing for zero, negative numbers and those of more than 18 digits.
    static std::optional<decimal_divisor> from(const value& number);

    // Whether `number` is a whole multiple. Exact; takes time by the length of the number's text.
    bool divides(const value& number) const;

  private:
    std::uint64_t digits_ = 1;  // the divisor is digits_ * 10^scale_
    std::int64_t scale_ = 0;
};

}  // namespace sluice::json
