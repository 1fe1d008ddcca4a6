// Functions that build an array or a text from an array's elements.
#include <algorithm>
#include <array>

#include "expression/builtins.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

using arguments = std::span<json::value>;

bool need_elements(meter& used, const json::value& in) {
    return in.is_array() || in.is_object() || used.fail("Cannot iterate over " + describe(in));
}

// The elements of an array or the members' values of an object.
const json::value& element(const json::value& in, std::size_t at) {
    return in.is_array() ? in.at(at) : in.members()[at].second;
}

// Keeps its own stack: what came from fromjson may nest deeper than the budget of depth.
bool flatten(meter& used, arguments in, json::value& out) {
    if (json::compare(in[1], json::value(0)) < 0) {
        return used.fail("flatten depth must not be negative");
    }
    if (!need_elements(used, in[0])) return false;
    struct open_array {
        const json::value* content;
        std::size_t next;
    };
    const double depth = in[1].is_number() ? in[1].as_double() : 1e9;
    std::vector<json::value> flat;
    std::vector<open_array> open = {{&in[0], 0}};
    while (!open.empty()) {
        open_array& top = open.back();
        if (top.next == top.content->size()) {
            open.pop_back();
            continue;
        }
        const json::value& item = element(*top.content, top.next++);
        if (!used.step() || !used.charge(sizeof(json::value))) return false;
        if (item.is_array() && static_cast<double>(open.size()) <= depth) {
            open.push_back({&item, 0});
        } else {
            flat.push_back(item);
        }
    }
    out = json::value::array(std::move(flat));
    return true;
}

bool reverse(meter& used, arguments in, json::value& out) {
    if (in[0].is_bool()) return used.fail(describe(in[0]) + " has no length");
    const bool nothing = in[0].is_number() ? in[0].as_double() == 0 : in[0].size() == 0;
    if (nothing) {
        out = json::value::array();
        return true;
    }
    if (!in[0].is_array()) {
        return used.fail("Cannot index " + std::string(type_name(in[0])) + " with number",
                         "only arrays can be reversed");
    }
    if (!used.charge(in[0].size() * sizeof(json::value))) return false;
    const auto items = in[0].items();
    out = json::value::array({items.rbegin(), items.rend()});
    return true;
}

bool transpose(meter& used, arguments in, json::value& out) {
    if (!need_elements(used, in[0])) return false;
    // Refusals in the words and in the order in which jq's own definition comes upon them.
    std::size_t width = 0;
    const json::value* odd = nullptr;  // the first row that is no list
    for (std::size_t i = 0; i < in[0].size(); ++i) {
        const json::value& row = element(in[0], i);
        if (row.is_bool()) return used.fail(describe(row) + " has no length");
        if (odd == nullptr && !row.is_array() && !row.is_null()) odd = &row;
        const bool has_length =
            row.is_number() ? row.as_double() != 0 : !row.is_null() && row.size() > 0;
        width = std::max<std::size_t>(width, row.is_array() ? row.size() : has_length ? 1 : 0);
    }
    if (in[0].is_object() && in[0].size() == 0) return used.fail("Range bounds must be numeric");
    if (in[0].is_object() && width > 0) return used.fail("Cannot index object with number");
    if (odd != nullptr && width > 0) {
        return used.fail("Cannot index " + std::string(type_name(*odd)) + " with number");
    }
    if (!used.charge(width * (in[0].size() + 1) * sizeof(json::value))) return false;
    std::vector<json::value> columns;
    for (std::size_t i = 0; i < width; ++i) {
        std::vector<json::value> column;
        for (std::size_t row = 0; row < in[0].size(); ++row)
            column.push_back(element(in[0], row).at(i));
        columns.push_back(json::value::array(std::move(column)));
    }
    out = json::value::array(std::move(columns));
    return true;
}

bool cannot_add(meter& used, const std::string& text, const json::value& item) {
    return used.fail(describe(json::value(text)) + " and " + describe(item) + " cannot be added");
}

// Null and false count as no text, numbers and true as their text.
bool join(meter& used, arguments in, json::value& out) {
    const json::value& separator = in[1];
    if (!need_elements(used, in[0])) return false;
    std::string text;
    for (std::size_t i = 0; i < in[0].size(); ++i) {
        const json::value& item = element(in[0], i);
        if (!used.step() || !used.charge(item.size() + separator.size())) return false;
        if (i > 0 && separator.is_string()) {
            text += separator.as_string();
        } else if (i > 0 && !separator.is_null()) {
            return cannot_add(used, text, separator);
        }
        if (item.is_string()) {
            text += item.as_string();
        } else if (item.is_bool() || item.is_number()) {
            json::append_text(text, item);
        } else if (!item.is_null()) {
            return cannot_add(used, text, item);
        }
    }
    out = std::move(text);
    return true;
}

constexpr std::array table = {
    builtin{"flatten", 1, flatten, nullptr},
    builtin{"reverse", 0, reverse, nullptr},
    builtin{"transpose", 0, transpose, nullptr},
    builtin{"join", 1, join, nullptr},
};

}  // namespace

std::span<const builtin> array_builtins() { return table; }

}  // namespace sluice::expression
