// Functions about a value's shape and content.
#include <algorithm>
#include <array>
#include <cmath>

#include "expression/arithmetic.hpp"
#include "expression/builtins.hpp"
#include "expression/paths.hpp"
#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

bool length(meter& used, arguments in, json::value& out) {
    switch (in[0].kind()) {
        case json::kind::null:
            out = 0;
            return true;
        case json::kind::number:
            if (in[0].as_double() < 0) return negate(used, in[0], out);
            out = std::move(in[0]);
            return true;
        case json::kind::string:
            if (!used.work(in[0])) return false;
            out = static_cast<std::int64_t>(count_code_points(in[0].as_string()));
            return true;
        case json::kind::boolean:
            return used.fail(describe(in[0]) + " has no length");
        default:
            out = static_cast<std::int64_t>(in[0].size());
            return true;
    }
}

bool not_(meter&, arguments in, json::value& out) {
    out = !is_true(in[0]);
    return true;
}

bool type(meter&, arguments in, json::value& out) {
    out = type_name(in[0]);
    return true;
}

bool keys_in_order(meter& used, arguments in, bool sorted, json::value& out) {
    std::vector<json::value> keys;
    if (!used.charge(in[0].size() * sizeof(json::value))) return false;
    if (in[0].is_object()) {
        for (const json::member& each : in[0].members())
            keys.emplace_back(each.first);
        if (sorted) {
            std::sort(keys.begin(), keys.end(), [](const json::value& a, const json::value& b) {
                return a.as_string() < b.as_string();
            });
        }
    } else if (in[0].is_array()) {
        for (std::size_t i = 0; i < in[0].size(); ++i) {
            keys.emplace_back(static_cast<std::int64_t>(i));
        }
    } else {
        return used.fail(describe(in[0]) + " has no keys");
    }
    out = json::value::array(std::move(keys));
    return true;
}

bool keys(meter& used, arguments in, json::value& out) {
    return keys_in_order(used, in, true, out);
}

bool keys_unsorted(meter& used, arguments in, json::value& out) {
    return keys_in_order(used, in, false, out);
}

bool has(meter& used, arguments in, json::value& out) {
    if (in[0].is_object() && in[1].is_string()) {
        out = in[0].find(in[1].as_string()) != nullptr;
        return true;
    }
    if (in[0].is_null()) {
        out = false;
        return true;
    }
    if (in[0].is_array() && in[1].is_number()) {
        const double at = std::trunc(in[1].as_double());
        out = at >= 0 && at < static_cast<double>(in[0].size());
        return true;
    }
    return used.fail("Cannot check whether " + std::string(type_name(in[0])) + " has a " +
                     std::string(type_name(in[1])) + " key");
}

bool contains_value(meter& used, const json::value& whole, const json::value& part, bool& yes);

bool contains_members(meter& used, const json::value& whole, const json::value& part, bool& yes) {
    for (const json::member& each : part.members()) {
        const json::value* const own = whole.find(each.first);
        yes = own != nullptr;
        if (!yes) return true;
        if (!contains_value(used, *own, each.second, yes)) return false;
        if (!yes) return true;
    }
    yes = true;
    return true;
}

bool contains_items(meter& used, const json::value& whole, const json::value& part, bool& yes) {
    for (const json::value& wanted : part.items()) {
        yes = false;
        for (const json::value& item : whole.items()) {
            if (!contains_value(used, item, wanted, yes)) return false;
            if (yes) break;
        }
        if (!yes) return true;
    }
    yes = true;
    return true;
}

bool contains_value(meter& used, const json::value& whole, const json::value& part, bool& yes) {
    if (!used.step() || !used.enter()) return false;
    bool fine = true;
    if (whole.is_object() && part.is_object()) {
        fine = contains_members(used, whole, part, yes);
    } else if (whole.is_array() && part.is_array()) {
        fine = contains_items(used, whole, part, yes);
    } else if (whole.is_string() && part.is_string()) {
        yes = whole.as_string().find(part.as_string()) != std::string::npos;
    } else {
        yes = whole == part;
    }
    used.leave();
    return fine;
}

bool contains(meter& used, arguments in, json::value& out) {
    if (in[0].kind() != in[1].kind()) {
        return used.fail(describe(in[0]) + " and " + describe(in[1]) +
                         " cannot have their containment checked");
    }
    bool yes = false;
    if (!used.work(in[0])) return false;
    if (!contains_value(used, in[0], in[1], yes)) return false;
    out = yes;
    return true;
}

bool add(meter& used, arguments in, json::value& out) {
    json::value sum;
    const auto more = [&](const json::value& item) {
        return used.step() && calculate(used, operation::add, std::move(sum), item, sum);
    };
    if (in[0].is_array()) {
        for (const json::value& item : in[0].items()) {
            if (!more(item)) return false;
        }
    } else if (in[0].is_object()) {
        for (const json::member& each : in[0].members()) {
            if (!more(each.second)) return false;
        }
    } else {
        return used.fail("Cannot iterate over " + describe(in[0]));
    }
    out = std::move(sum);
    return true;
}

bool error_with(meter& used, arguments in, json::value&) {
    return used.fail_with(std::move(in[1]));
}

bool error(meter& used, arguments in, json::value&) { return used.fail_with(std::move(in[0])); }

bool set_at_path(meter& used, arguments in, json::value& out) {
    if (!in[1].is_array()) return used.fail("Path must be specified as an array");
    return set_path(used, std::move(in[0]), in[1].items(), std::move(in[2]), out);
}

bool delete_at_paths(meter& used, arguments in, json::value& out) {
    if (!in[1].is_array()) return used.fail("Paths must be specified as an array");
    const auto paths = in[1].items();
    return delete_paths(used, std::move(in[0]), {paths.begin(), paths.end()}, out);
}

bool debug(meter& used, arguments in, json::value& out) {
    used.debug(in[0]);
    out = std::move(in[0]);
    return true;
}

bool list_builtins(meter& used, arguments, json::value& out) {
    const std::vector<std::string> names = known_functions();
    if (!used.charge(names.size() * 4 * sizeof(json::value))) return false;
    out = json::value::array({names.begin(), names.end()});
    return true;
}

constexpr std::array table = {
    builtin{"debug", 0, debug, nullptr},
    builtin{"builtins", 0, list_builtins, nullptr},
    builtin{"length", 0, length, nullptr},
    builtin{"not", 0, not_, nullptr},
    builtin{"type", 0, type, nullptr},
    builtin{"keys", 0, keys, nullptr},
    builtin{"keys_unsorted", 0, keys_unsorted, nullptr},
    builtin{"has", 1, has, nullptr},
    builtin{"contains", 1, contains, nullptr},
    builtin{"add", 0, add, nullptr},
    builtin{"error", 0, error, nullptr},
    builtin{"error", 1, error_with, nullptr},
    builtin{"setpath", 2, set_at_path, nullptr},
    builtin{"delpaths", 1, delete_at_paths, nullptr},
};

}  // namespace

std::span<const builtin> value_builtins() { return table; }

}  // namespace sluice::expression
