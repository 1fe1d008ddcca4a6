// Functions about numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

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

// fabs and length of a number: exact where it can be.
bool magnitude(meter& used, arguments in, json::value& out) {
    if (!in[0].is_number()) return used.fail(describe(in[0]) + " number required");
    if (in[0].as_double() < 0) return negate(used, in[0], out);
    out = std::move(in[0]);
    return true;
}

double exp10_of(double x) { return std::pow(10.0, x); }
double significand_of(double x) {
    return x == 0 || !std::isfinite(x) ? x : std::scalbn(x, -std::ilogb(x));
}
double nearest_even(double x) { return std::nearbyint(x); }
double gamma_logarithm(double x) {
    int sign = 0;
    return lgamma_r(x, &sign);
}

template <double (*Function)(double, double)>
bool real_function_of_two(meter& used, arguments in, json::value& out) {
    for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        if (!in[i].is_number()) return used.fail(describe(in[i]) + " number required");
    }
    out = make_number(Function(in[1].as_double(), in[2].as_double()));
    return true;
}

int as_int(double x) {
    if (std::isnan(x)) return 0;
    return static_cast<int>(std::clamp(x, -2147483648.0, 2147483647.0));
}

double times_power_of_two(double x, double exponent) { return std::ldexp(x, as_int(exponent)); }
double bessel_first(double n, double x) { return ::jn(as_int(std::clamp(n, -1000.0, 1000.0)), x); }
double bessel_second(double n, double x) { return ::yn(as_int(std::clamp(n, -1000.0, 1000.0)), x); }

bool fma(meter& used, arguments in, json::value& out) {
    for (std::size_t i = 1; i < 4; ++i) {
        if (!in[i].is_number()) return used.fail(describe(in[i]) + " number required");
    }
    out = make_number(std::fma(in[1].as_double(), in[2].as_double(), in[3].as_double()));
    return true;
}

// The three that split a number give both parts.
template <class Split>
bool split_number(meter& used, arguments in, json::value& out, Split&& split) {
    if (!in[0].is_number()) return used.fail(describe(in[0]) + " number required");
    const std::pair<double, double> parts = split(in[0].as_double());
    if (!used.charge(2 * sizeof(json::value))) return false;
    out = json::value::array({make_number(parts.first), make_number(parts.second)});
    return true;
}

bool frexp(meter& used, arguments in, json::value& out) {
    return split_number(used, in, out, [](double x) {
        int exponent = 0;
        const double fraction = std::frexp(x, &exponent);
        return std::pair(fraction, static_cast<double>(exponent));
    });
}

bool modf(meter& used, arguments in, json::value& out) {
    return split_number(used, in, out, [](double x) {
        double whole = 0;
        const double fraction = std::modf(x, &whole);
        return std::pair(fraction, whole);
    });
}

bool lgamma_with_sign(meter& used, arguments in, json::value& out) {
    return split_number(used, in, out, [](double x) {
        int sign = 0;
        const double logarithm = lgamma_r(x, &sign);
        return std::pair(logarithm, static_cast<double>(sign));
    });
}

template <bool (*Test)(double)>
bool number_test(meter&, arguments in, json::value& out) {
    out = in[0].is_number() && Test(in[0].as_double());
    return true;
}

bool is_infinite(double x) { return std::isinf(x); }
bool is_nan(double x) { return std::isnan(x); }
bool is_normal(double x) { return std::isnormal(x); }

bool infinite(meter&, arguments, json::value& out) {
    out = make_number(std::numeric_limits<double>::infinity());
    return true;
}

bool nan(meter&, arguments, json::value& out) {
    out = make_number(std::numeric_limits<double>::quiet_NaN());
    return true;
}

bool yes(meter&, arguments, json::value& out) {
    out = true;
    return true;
}

constexpr std::array table = {
    builtin{"acos", 0, real_function<std::acos>, nullptr},
    builtin{"acosh", 0, real_function<std::acosh>, nullptr},
    builtin{"asin", 0, real_function<std::asin>, nullptr},
    builtin{"asinh", 0, real_function<std::asinh>, nullptr},
    builtin{"atan", 0, real_function<std::atan>, nullptr},
    builtin{"atanh", 0, real_function<std::atanh>, nullptr},
    builtin{"cbrt", 0, real_function<std::cbrt>, nullptr},
    builtin{"cos", 0, real_function<std::cos>, nullptr},
    builtin{"cosh", 0, real_function<std::cosh>, nullptr},
    builtin{"erf", 0, real_function<std::erf>, nullptr},
    builtin{"erfc", 0, real_function<std::erfc>, nullptr},
    builtin{"exp", 0, real_function<std::exp>, nullptr},
    builtin{"exp2", 0, real_function<std::exp2>, nullptr},
    builtin{"expm1", 0, real_function<std::expm1>, nullptr},
    builtin{"log", 0, real_function<std::log>, nullptr},
    builtin{"log10", 0, real_function<std::log10>, nullptr},
    builtin{"log1p", 0, real_function<std::log1p>, nullptr},
    builtin{"log2", 0, real_function<std::log2>, nullptr},
    builtin{"logb", 0, real_function<std::logb>, nullptr},
    builtin{"rint", 0, real_function<std::rint>, nullptr},
    builtin{"sin", 0, real_function<std::sin>, nullptr},
    builtin{"sinh", 0, real_function<std::sinh>, nullptr},
    builtin{"sqrt", 0, real_function<std::sqrt>, nullptr},
    builtin{"tan", 0, real_function<std::tan>, nullptr},
    builtin{"tanh", 0, real_function<std::tanh>, nullptr},
    builtin{"tgamma", 0, real_function<std::tgamma>, nullptr},
    builtin{"floor", 0, real_function<std::floor, true>, nullptr},
    builtin{"ceil", 0, real_function<std::ceil, true>, nullptr},
    builtin{"round", 0, real_function<std::round, true>, nullptr},
    builtin{"trunc", 0, real_function<std::trunc, true>, nullptr},
    builtin{"nearbyint", 0, real_function<nearest_even, true>, nullptr},
    builtin{"fabs", 0, magnitude, nullptr},
    builtin{"exp10", 0, real_function<exp10_of>, nullptr},
    builtin{"pow10", 0, real_function<exp10_of>, nullptr},
    builtin{"gamma", 0, real_function<gamma_logarithm>, nullptr},
    builtin{"lgamma", 0, real_function<gamma_logarithm>, nullptr},
    builtin{"lgamma_r", 0, lgamma_with_sign, nullptr},
    builtin{"significand", 0, real_function<significand_of>, nullptr},
    builtin{"j0", 0, real_function<::j0>, nullptr},
    builtin{"j1", 0, real_function<::j1>, nullptr},
    builtin{"y0", 0, real_function<::y0>, nullptr},
    builtin{"y1", 0, real_function<::y1>, nullptr},
    builtin{"atan2", 2, real_function_of_two<std::atan2>, nullptr},
    builtin{"copysign", 2, real_function_of_two<std::copysign>, nullptr},
    builtin{"fdim", 2, real_function_of_two<std::fdim>, nullptr},
    builtin{"fmax", 2, real_function_of_two<std::fmax>, nullptr},
    builtin{"fmin", 2, real_function_of_two<std::fmin>, nullptr},
    builtin{"fmod", 2, real_function_of_two<std::fmod>, nullptr},
    builtin{"hypot", 2, real_function_of_two<std::hypot>, nullptr},
    builtin{"nextafter", 2, real_function_of_two<std::nextafter>, nullptr},
    builtin{"pow", 2, real_function_of_two<std::pow>, nullptr},
    builtin{"remainder", 2, real_function_of_two<std::remainder>, nullptr},
    builtin{"nexttoward", 2, real_function_of_two<std::nextafter>, nullptr},
    builtin{"drem", 2, real_function_of_two<std::remainder>, nullptr},
    builtin{"ldexp", 2, real_function_of_two<times_power_of_two>, nullptr},
    builtin{"scalb", 2, real_function_of_two<times_power_of_two>, nullptr},
    builtin{"scalbln", 2, real_function_of_two<times_power_of_two>, nullptr},
    builtin{"jn", 2, real_function_of_two<bessel_first>, nullptr},
    builtin{"yn", 2, real_function_of_two<bessel_second>, nullptr},
    builtin{"fma", 3, fma, nullptr},
    builtin{"frexp", 0, frexp, nullptr},
    builtin{"modf", 0, modf, nullptr},
    builtin{"isinfinite", 0, number_test<is_infinite>, nullptr},
    builtin{"isnan", 0, number_test<is_nan>, nullptr},
    builtin{"isnormal", 0, number_test<is_normal>, nullptr},
    builtin{"infinite", 0, infinite, nullptr},
    builtin{"nan", 0, nan, nullptr},
    builtin{"have_literal_numbers", 0, yes, nullptr},
    builtin{"have_decnum", 0, yes, nullptr},
};

}  // namespace

std::span<const builtin> number_builtins() { return table; }

}  // namespace sluice::expression
