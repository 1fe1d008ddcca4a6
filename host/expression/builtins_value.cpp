// Functions about a value's shape and content.
#include <algorithm>
#include <array>
#include <cmath>

#include "expression/arithmetic.hpp"
#include "expression/builtins.hpp"
#include "expression/formats.hpp"
#include "expression/paths.hpp"
#include "expression/unicode.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

bool length(meter& used, arguments in, json::value& out) {
    switch (in[0].kind()) {
        case json::kind::null:
            out = 0;
            return true;
        case json::kind::number:
            if (json::compare(in[0], json::value(0)) < 0) return negate(used, in[0], out);
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
    if (in[0].is_array() && in[1].is_number()) {
        const double at = in[1].as_double();
        out = at >= 0 && at < static_cast<double>(in[0].size());
        return true;
    }
    return used.fail("Cannot check whether " + std::string(type_name(in[0])) + " has a " +
                     std::string(type_name(in[1])) + " key");
}

bool contains_value(meter& used, const json::value& whole, const json::value& part, bool& yes) {
    if (!used.step() || !used.enter()) return false;
    bool fine = true;
    if (whole.is_object() && part.is_object()) {
        yes = true;
        for (const json::member& each : part.members()) {
            const json::value* const own = whole.find(each.first);
            if (own == nullptr) yes = false;
            if (!yes || !(fine = contains_value(used, *own, each.second, yes)) || !yes) break;
        }
    } else if (whole.is_array() && part.is_array()) {
        yes = true;
        for (const json::value& wanted : part.items()) {
            bool found = false;
            for (const json::value& item : whole.items()) {
                if (item.kind() != wanted.kind()) continue;
                if (!(fine = contains_value(used, item, wanted, found)) || found) break;
            }
            yes = fine && found;
            if (!yes) break;
        }
    } else if (whole.is_string() && part.is_string()) {
        yes = whole.as_string().find(part.as_string()) != std::string::npos;
    } else if (whole.kind() == part.kind()) {
        yes = whole == part;
    } else {
        fine = used.fail(describe(whole) + " and " + describe(part) +
                         " cannot have their containment checked");
    }
    used.leave();
    return fine;
}

bool contains(meter& used, arguments in, json::value& out) {
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

bool to_text(meter& used, arguments in, json::value& out) {
    if (in[0].is_string()) {
        out = std::move(in[0]);
        return true;
    }
    if (!used.charge_whole(in[0])) return false;
    out = json::to_text(in[0]);
    return true;
}

bool to_json(meter& used, arguments in, json::value& out) {
    if (!used.charge_whole(in[0])) return false;
    out = json::to_text(in[0]);
    return true;
}

bool from_json(meter& used, arguments in, json::value& out) {
    if (!in[0].is_string()) {
        return used.fail(describe(in[0]) + " cannot be parsed, only text can");
    }
    if (!used.charge(in[0].size())) return false;
    base::result<json::value> parsed = json::parse(in[0].as_string());
    if (!parsed) {
        return used.fail(parsed.error_value().message + " (while parsing '" + shortened(in[0], 60) +
                         "')");
    }
    out = std::move(*parsed);
    return true;
}

bool to_number(meter& used, arguments in, json::value& out) {
    if (in[0].is_number()) {
        out = std::move(in[0]);
        return true;
    }
    if (!in[0].is_string()) {
        return used.fail(describe(in[0]) + " cannot be parsed as a number");
    }
    base::result<json::value> parsed = json::parse(in[0].as_string());
    if (!parsed || !parsed->is_number()) {
        return used.fail(describe(in[0]) + " cannot be parsed as a number");
    }
    out = std::move(*parsed);
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

bool flatten_into(meter& used, const json::value& items, double depth,
                  std::vector<json::value>& out) {
    if (!used.enter()) return false;
    for (const json::value& item : items.items()) {
        if (!used.step() || !used.charge(sizeof(json::value))) return false;
        if (!item.is_array() || depth <= 0) {
            out.push_back(item);
        } else if (!flatten_into(used, item, depth - 1, out)) {
            return false;
        }
    }
    used.leave();
    return true;
}

bool flatten(meter& used, arguments in, json::value& out) {
    if (!in[1].is_number() || in[1].as_double() < 0) {
        return used.fail("flatten depth must not be negative");
    }
    if (!in[0].is_array()) return used.fail("Cannot iterate over " + describe(in[0]));
    std::vector<json::value> flat;
    if (!flatten_into(used, in[0], in[1].as_double(), flat)) return false;
    out = json::value::array(std::move(flat));
    return true;
}

bool reverse(meter& used, arguments in, json::value& out) {
    if (in[0].is_null()) {
        out = json::value::array();
        return true;
    }
    if (in[0].is_string()) {
        const std::string& text = in[0].as_string();
        if (!used.charge(text.size())) return false;
        std::string turned;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t start = at;
            next_code_point(text, at);
            turned.insert(0, text, start, at - start);
        }
        out = std::move(turned);
        return true;
    }
    if (!in[0].is_array()) {
        return used.fail("Cannot reverse " + describe(in[0]), "only arrays and text have an order");
    }
    if (!used.charge(in[0].size() * sizeof(json::value))) return false;
    const auto items = in[0].items();
    out = json::value::array({items.rbegin(), items.rend()});
    return true;
}

bool transpose(meter& used, arguments in, json::value& out) {
    if (!in[0].is_array()) return used.fail("Cannot iterate over " + describe(in[0]));
    std::size_t width = 0;
    for (const json::value& row : in[0].items())
        width = std::max(width, row.size());
    if (!used.charge(width * in[0].size() * sizeof(json::value))) return false;
    std::vector<json::value> columns;
    for (std::size_t i = 0; i < width; ++i) {
        std::vector<json::value> column;
        for (const json::value& row : in[0].items())
            column.push_back(row.at(i));
        columns.push_back(json::value::array(std::move(column)));
    }
    out = json::value::array(std::move(columns));
    return true;
}

constexpr std::array table = {
    builtin{"length", 0, length, nullptr},
    builtin{"not", 0, not_, nullptr},
    builtin{"type", 0, type, nullptr},
    builtin{"keys", 0, keys, nullptr},
    builtin{"keys_unsorted", 0, keys_unsorted, nullptr},
    builtin{"has", 1, has, nullptr},
    builtin{"contains", 1, contains, nullptr},
    builtin{"add", 0, add, nullptr},
    builtin{"tostring", 0, to_text, nullptr},
    builtin{"tojson", 0, to_json, nullptr},
    builtin{"fromjson", 0, from_json, nullptr},
    builtin{"tonumber", 0, to_number, nullptr},
    builtin{"error", 0, error, nullptr},
    builtin{"error", 1, error_with, nullptr},
    builtin{"setpath", 2, set_at_path, nullptr},
    builtin{"delpaths", 1, delete_at_paths, nullptr},
    builtin{"flatten", 1, flatten, nullptr},
    builtin{"reverse", 0, reverse, nullptr},
    builtin{"transpose", 0, transpose, nullptr},
};

}  // namespace

std::span<const builtin> value_builtins() { return table; }

}  // namespace sluice::expression
