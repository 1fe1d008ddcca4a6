// Functions about numbers.
#include <array>
#include <cmath>
#include <limits>

#include "base/clock.hpp"
#include "expression/arithmetic.hpp"
#include "expression/builtins.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

// Whole numbers that a rounding function would not change stay exact.
template <double (*Function)(double), bool Rounding = false>
bool real_function(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number()) return used.fail(describe(in[0]) + " number required");
    if (Rounding && in[0].number_form() != json::number_form::real &&
        in[0].number_form() != json::number_form::text) {
        out = std::move(in[0]);
        return true;
    }
    out = make_number(Function(in[0].as_double()));
    return true;
}

double exp10_of(double x) { return std::pow(10.0, x); }

bool pow(meter& used, arguments in, json::value& out) {
    if (!in[1].is_number() || !in[2].is_number()) {
        return used.fail(describe(in[in[1].is_number() ? 2 : 1]) + " number required");
    }
    out = make_number(std::pow(in[1].as_double(), in[2].as_double()));
    return true;
}

bool absolute(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number()) {
        return used.fail(describe(in[0]) + " has no absolute value");
    }
    if (json::compare(in[0], json::value(0)) < 0) return negate(used, in[0], out);
    out = std::move(in[0]);
    return true;
}

bool is_infinite(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number()) return used.fail(describe(in[0]) + " number required");
    out = std::abs(in[0].as_double()) >= std::numeric_limits<double>::max();
    return true;
}

// Values are JSON: what is not a number has become null.
bool is_nan(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number() && !in[0].is_null()) {
        return used.fail(describe(in[0]) + " number required");
    }
    out = in[0].is_null();
    return true;
}

bool is_normal(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number()) return used.fail(describe(in[0]) + " number required");
    out = std::isnormal(in[0].as_double());
    return true;
}

bool infinite(meter&, arguments, json::value& out) {
    out = make_number(std::numeric_limits<double>::infinity());
    return true;
}

bool nan(meter&, arguments, json::value& out) {
    out = nullptr;
    return true;
}

bool now(meter& used, arguments, json::value& out) {
    if (used.clock() == nullptr) return used.fail("there is no clock in this place");
    out = make_number(static_cast<double>(used.clock()->unix_ms()) / 1000.0);
    return true;
}

bool have_literal_numbers(meter&, arguments, json::value& out) {
    out = true;
    return true;
}

constexpr std::array table = {
    builtin{"floor", 0, real_function<std::floor, true>, nullptr},
    builtin{"ceil", 0, real_function<std::ceil, true>, nullptr},
    builtin{"round", 0, real_function<std::round, true>, nullptr},
    builtin{"trunc", 0, real_function<std::trunc, true>, nullptr},
    builtin{"fabs", 0, real_function<std::fabs>, nullptr},
    builtin{"sqrt", 0, real_function<std::sqrt>, nullptr},
    builtin{"cbrt", 0, real_function<std::cbrt>, nullptr},
    builtin{"exp", 0, real_function<std::exp>, nullptr},
    builtin{"exp2", 0, real_function<std::exp2>, nullptr},
    builtin{"exp10", 0, real_function<exp10_of>, nullptr},
    builtin{"log", 0, real_function<std::log>, nullptr},
    builtin{"log2", 0, real_function<std::log2>, nullptr},
    builtin{"log10", 0, real_function<std::log10>, nullptr},
    builtin{"sin", 0, real_function<std::sin>, nullptr},
    builtin{"cos", 0, real_function<std::cos>, nullptr},
    builtin{"tan", 0, real_function<std::tan>, nullptr},
    builtin{"pow", 2, pow, nullptr},
    builtin{"abs", 0, absolute, nullptr},
    builtin{"isinfinite", 0, is_infinite, nullptr},
    builtin{"isnan", 0, is_nan, nullptr},
    builtin{"isnormal", 0, is_normal, nullptr},
    builtin{"infinite", 0, infinite, nullptr},
    builtin{"nan", 0, nan, nullptr},
    builtin{"now", 0, now, nullptr},
    builtin{"have_literal_numbers", 0, have_literal_numbers, nullptr},
};

}  // namespace

std::span<const builtin> number_builtins() { return table; }

}  // namespace sluice::expression
