// The tables of native functions, by subject. Inside the module only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "expression/evaluator.hpp"

namespace sluice::expression {

std::span<const builtin> value_builtins();
std::span<const builtin> array_builtins();
std::span<const builtin> json_builtins();
std::span<const builtin> regex_builtins();
std::span<const builtin> time_builtins();
std::span<const builtin> order_builtins();
std::span<const builtin> text_builtins();
std::span<const builtin> number_builtins();
std::span<const builtin> control_builtins();
void append_prelude_names(std::vector<std::string>& names);

}  // namespace sluice::expression
