// Number texts: which form holds one exactly, and how they compare. Inside the module only.
//
// A double stands for the decimal it is written as (the shortest that reads back the same, or all
// digits of a whole number below 1e21). So two numbers are equal exactly if they are written as the
// same decimal, whatever form holds them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/value.hpp"

namespace sluice::json {

struct parsed_number {
    number_form form = number_form::text;
    std::int64_t int64 = 0;
    std::uint64_t uint64 = 0;
    double real = 0;
};

// RFC 8259's grammar.
bool is_number_text(std::string_view text);
// The smallest form that holds `text` exactly; panics when it is no number text.
parsed_number parse_number(std::string_view text);
// The largest finite double for what is beyond it.
double nearest_double(std::string_view text);

void append_real(std::string& out, double number);
void append_number(std::string& out, const value& number);

// <0, 0, >0
int compare_numbers(const value& a, const value& b);

}  // namespace sluice::json
