#include "expression/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "expression/split.hpp"

namespace sluice::expression {
namespace {

__extension__ using int128 = __int128;

std::optional<int128> whole(const json::value& number) {
    switch (number.number_form()) {
        case json::number_form::int64:
            return number.as_int64();
        case json::number_form::uint64:
            return number.as_uint64();
        default:
            return std::nullopt;
    }
}

bool make_whole(int128 number, json::value& out) {
    if (number >= std::numeric_limits<std::int64_t>::min() &&
        number <= std::numeric_limits<std::int64_t>::max()) {
        out = static_cast<std::int64_t>(number);
        return true;
    }
    if (number > 0 && number <= std::numeric_limits<std::uint64_t>::max()) {
        out = static_cast<std::uint64_t>(number);
        return true;
    }
    return false;
}

bool both_numbers(const json::value& a, const json::value& b) {
    return a.is_number() && b.is_number();
}

std::string both(const json::value& left, const json::value& right) {
    return describe(left) + " and " + describe(right);
}

bool add(meter& used, json::value left, json::value right, json::value& out) {
    if (left.is_null() || right.is_null()) {
        out = left.is_null() ? std::move(right) : std::move(left);
        return true;
    }
    if (left.is_string() && right.is_string()) {
        if (!used.charge(left.size() + right.size())) return false;
        std::string text;
        text.reserve(left.size() + right.size());
        text += left.as_string();
        text += right.as_string();
        out = std::move(text);
        return true;
    }
    if (left.is_array() && right.is_array()) {
        if (!used.charge(right.size() * sizeof(json::value))) return false;
        std::vector<json::value>& items = left.items_for_write();
        items.insert(items.end(), right.items().begin(), right.items().end());
        out = std::move(left);
        return true;
    }
    if (left.is_object() && right.is_object()) {
        if (!used.charge(right.size() * sizeof(json::member))) return false;
        for (const json::member& each : right.members())
            left.set(each.first, each.second);
        out = std::move(left);
        return true;
    }
    return used.fail(both(left, right) + " cannot be added",
                     "join text with \"\\(..)\" or tostring");
}

bool subtract(meter& used, const json::value& left, const json::value& right, json::value& out) {
    if (!left.is_array() || !right.is_array()) {
        return used.fail(both(left, right) + " cannot be subtracted");
    }
    std::vector<json::value> kept;
    for (const json::value& item : left.items()) {
        const auto gone = right.items();
        if (!used.step() || !used.work(right)) return false;
        if (std::find(gone.begin(), gone.end(), item) == gone.end()) kept.push_back(item);
    }
    out = json::value::array(std::move(kept));
    return true;
}

bool merge(meter& used, json::value left, const json::value& right, json::value& out) {
    if (!used.enter()) return false;
    for (const json::member& each : right.members()) {
        const json::value* const old = left.find(each.first);
        json::value content = each.second;
        if (old != nullptr && old->is_object() && content.is_object() &&
            !merge(used, *old, each.second, content)) {
            used.leave();
            return false;
        }
        left.set(each.first, std::move(content));
    }
    used.leave();
    out = std::move(left);
    return used.charge(right.size() * sizeof(json::member));
}

// Text times n: repeated, parts of a time do not count; null for what is below zero.
bool repeat(meter& used, const std::string& text, double times, json::value& out) {
    if (!(times >= 0)) {
        out = nullptr;
        return true;
    }
    const double count = std::trunc(times);
    if (count * static_cast<double>(text.size()) > 1e15) return used.charge(std::size_t{1} << 50);
    const auto copies = static_cast<std::size_t>(count);
    if (!used.charge(copies * text.size())) return false;
    std::string result;
    result.reserve(copies * text.size());
    for (std::size_t i = 0; i < copies && !text.empty(); ++i)
        result += text;
    out = std::move(result);
    return true;
}

bool multiply(meter& used, json::value left, json::value right, json::value& out) {
    if (left.is_string() && right.is_number()) {
        return repeat(used, left.as_string(), right.as_double(), out);
    }
    if (left.is_number() && right.is_string()) {
        return repeat(used, right.as_string(), left.as_double(), out);
    }
    if (left.is_object() && right.is_object()) {
        return merge(used, std::move(left), right, out);
    }
    return used.fail(both(left, right) + " cannot be multiplied");
}

bool divide_numbers(meter& used, const json::value& left, const json::value& right,
                    json::value& out) {
    if (right.as_double() == 0) {
        return used.fail(both(left, right) + " cannot be divided because the divisor is zero");
    }
    const auto a = whole(left);
    const auto b = whole(right);
    if (a && b && *a % *b == 0 && make_whole(*a / *b, out)) return true;
    out = make_number(left.as_double() / right.as_double());
    return true;
}

int128 truncated(const json::value& number) {
    using limits = std::numeric_limits<std::int64_t>;
    if (const auto exact = whole(number)) return *exact;
    constexpr double beyond = 9223372036854775808.0;
    const double given = number.as_double();
    if (given >= beyond) return limits::max();
    return given < -beyond ? limits::min() : static_cast<std::int64_t>(given);
}

bool remainder(meter& used, const json::value& left, const json::value& right, json::value& out) {
    if (!both_numbers(left, right)) {
        return used.fail(both(left, right) + " cannot be divided (remainder)");
    }
    if (std::isnan(left.as_double()) || std::isnan(right.as_double())) {
        out = make_number(std::numeric_limits<double>::quiet_NaN());
        return true;
    }
    const int128 divisor = truncated(right);
    if (divisor == 0) {
        return used.fail(both(left, right) +
                         " cannot be divided (remainder) because the divisor is zero");
    }
    return make_whole(truncated(left) % divisor, out);
}

bool calculate_numbers(meter& used, operation op, const json::value& left, const json::value& right,
                       json::value& out) {
    if (op == operation::divide) return divide_numbers(used, left, right, out);
    const auto a = whole(left);
    const auto b = whole(right);
    if (a && b) {
        int128 exact = 0;
        const bool too_large = op == operation::add        ? __builtin_add_overflow(*a, *b, &exact)
                               : op == operation::subtract ? __builtin_sub_overflow(*a, *b, &exact)
                                                           : __builtin_mul_overflow(*a, *b, &exact);
        if (!too_large && make_whole(exact, out)) return true;
    }
    const double x = left.as_double();
    const double y = right.as_double();
    out = make_number(op == operation::add ? x + y : op == operation::subtract ? x - y : x * y);
    return true;
}

}  // namespace

json::value make_number(double number) {
    if (!std::isfinite(number)) return json::value::unbounded(number);
    if (number == std::trunc(number) && !(number == 0 && std::signbit(number))) {
        if (std::abs(number) < 9.2e18) return static_cast<std::int64_t>(number);
        if (number > 0 && number < 1.8e19) return static_cast<std::uint64_t>(number);
    }
    return number;
}

bool calculate(meter& used, operation op, json::value left, json::value right, json::value& out) {
    if (op == operation::remainder) return remainder(used, left, right, out);
    if (both_numbers(left, right)) return calculate_numbers(used, op, left, right, out);
    switch (op) {
        case operation::add:
            return add(used, std::move(left), std::move(right), out);
        case operation::subtract:
            return subtract(used, left, right, out);
        case operation::multiply:
            return multiply(used, std::move(left), std::move(right), out);
        default:
            break;
    }
    if (left.is_string() && right.is_string()) {
        return split_text(used, left.as_string(), right.as_string(), out);
    }
    return used.fail(both(left, right) + " cannot be divided");
}

bool negate(meter& used, const json::value& operand, json::value& out) {
    if (!operand.is_number()) return used.fail(describe(operand) + " cannot be negated");
    const auto exact = whole(operand);
    if (exact && *exact != 0 && make_whole(-*exact, out)) return true;
    out = make_number(-operand.as_double());
    return true;
}

bool compares(operation op, const json::value& left, const json::value& right) {
    switch (op) {
        case operation::equal:
            return left == right;
        case operation::unequal:
            return !(left == right);
        case operation::less:
            return json::compare(left, right) < 0;
        case operation::less_equal:
            return json::compare(left, right) <= 0;
        case operation::greater:
            return json::compare(left, right) > 0;
        default:
            return json::compare(left, right) >= 0;
    }
}

}  // namespace sluice::expression
