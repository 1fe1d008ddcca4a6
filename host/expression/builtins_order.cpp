// Sorting, grouping, smallest and largest. Those with keys get them computed by the prelude.
#include <algorithm>
#include <array>
#include <numeric>

#include "expression/builtins.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

bool need_array(meter& used, const json::value& in, std::string_view what) {
    if (in.is_array()) {
        std::size_t rounds = 1;  // of comparing everything: the sort's logarithm
        for (std::size_t left = in.size(); left > 1; left /= 2)
            ++rounds;
        return used.charge(in.size() * sizeof(json::value)) && used.work(in, rounds);
    }
    return used.fail(describe(in) + " cannot be " + std::string(what) + ", as it is not an array");
}

bool not_both_arrays(meter& used, const json::value& in, const json::value& keys) {
    return used.fail(describe(in) + " and " + describe(keys) +
                     " cannot be sorted, as they are not both arrays");
}

bool less(const json::value& a, const json::value& b) { return json::compare(a, b) < 0; }

bool sort(meter& used, arguments in, json::value& out) {
    if (!need_array(used, in[0], "sorted")) return false;
    std::vector<json::value>& items = in[0].items_for_write();
    std::stable_sort(items.begin(), items.end(), less);
    out = std::move(in[0]);
    return true;
}

// As if by the keys: so reads the message.
bool unique(meter& used, arguments in, json::value& out) {
    if (in[0].is_object()) {
        std::vector<json::value> keys;
        if (!used.charge(in[0].size() * 2 * sizeof(json::value))) return false;
        for (const json::member& each : in[0].members())
            keys.push_back(json::value::array({each.second}));
        return not_both_arrays(used, in[0], json::value::array(std::move(keys)));
    }
    if (!in[0].is_array()) return used.fail("Cannot iterate over " + describe(in[0]));
    if (!sort(used, in, out)) return false;
    std::vector<json::value>& items = out.items_for_write();
    items.erase(std::unique(items.begin(), items.end(),
                            [](const json::value& a, const json::value& b) {
                                return json::compare(a, b) == 0;
                            }),
                items.end());
    return true;
}

// Positions of the items in the order of their keys.
std::vector<std::size_t> sorted_places(const json::value& keys) {
    std::vector<std::size_t> places(keys.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(),
                     [&](std::size_t a, std::size_t b) { return less(keys.at(a), keys.at(b)); });
    return places;
}

bool sort_by(meter& used, arguments in, json::value& out) {
    if (!in[0].is_array()) return not_both_arrays(used, in[0], in[1]);
    if (!need_array(used, in[0], "sorted") || !need_array(used, in[1], "")) return false;
    std::vector<json::value> items;
    for (const std::size_t at : sorted_places(in[1]))
        items.push_back(in[0].at(at));
    out = json::value::array(std::move(items));
    return true;
}

bool group_by(meter& used, arguments in, json::value& out) {
    if (!in[0].is_array()) return not_both_arrays(used, in[0], in[1]);
    if (!need_array(used, in[0], "grouped") || !need_array(used, in[1], "")) return false;
    std::vector<json::value> groups;
    const json::value* last = nullptr;
    for (const std::size_t at : sorted_places(in[1])) {
        const json::value& key = in[1].at(at);
        if (last == nullptr || json::compare(*last, key) != 0) {
            groups.push_back(json::value::array());
        }
        last = &key;
        groups.back().push(in[0].at(at));
    }
    out = json::value::array(std::move(groups));
    return true;
}

// Of equal ones the first is the smallest and the last is the largest.
bool extreme(meter& used, arguments in, const json::value& keys, bool largest, json::value& out) {
    if (!in[0].is_array()) {
        return used.fail(describe(in[0]) + " and " + describe(keys) + " cannot be iterated over");
    }
    if (!need_array(used, in[0], "compared")) return false;
    std::size_t best = 0;
    for (std::size_t at = 1; at < in[0].size(); ++at) {
        const int order = json::compare(keys.at(at), keys.at(best));
        if (largest ? order >= 0 : order < 0) best = at;
    }
    out = json::value(in[0].at(best));
    return true;
}

bool min(meter& used, arguments in, json::value& out) {
    return extreme(used, in, in[0], false, out);
}
bool max(meter& used, arguments in, json::value& out) {
    return extreme(used, in, in[0], true, out);
}
bool min_by(meter& used, arguments in, json::value& out) {
    return extreme(used, in, in[1], false, out);
}
bool max_by(meter& used, arguments in, json::value& out) {
    return extreme(used, in, in[1], true, out);
}

// The place of the value in a sorted array, or -1 less the place where it would have to be.
bool bsearch(meter& used, arguments in, json::value& out) {
    if (!in[0].is_array()) {
        if (in[0].size() == 0 && !in[0].is_bool() && !in[0].is_number()) {
            out = -1;
            return true;
        }
        return used.fail("Cannot index " + std::string(type_name(in[0])) + " with number");
    }
    std::size_t low = 0;
    std::size_t high = in[0].size();
    while (low < high) {
        const std::size_t middle = low + (high - 1 - low) / 2;
        if (!used.step() || !used.work(in[1])) return false;
        const int order = json::compare(in[0].at(middle), in[1]);
        if (order == 0) {
            out = static_cast<std::int64_t>(middle);
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    out = -1 - static_cast<std::int64_t>(low);
    return true;
}

constexpr std::array table = {
    builtin{"sort", 0, sort, nullptr},        builtin{"unique", 0, unique, nullptr},
    builtin{"min", 0, min, nullptr},          builtin{"max", 0, max, nullptr},
    builtin{"_sort_by", 1, sort_by, nullptr}, builtin{"_group_by", 1, group_by, nullptr},
    builtin{"_min_by", 1, min_by, nullptr},   builtin{"_max_by", 1, max_by, nullptr},
    builtin{"bsearch", 1, bsearch, nullptr},
};

}  // namespace

std::span<const builtin> order_builtins() { return table; }

}  // namespace sluice::expression
