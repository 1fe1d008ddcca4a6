// Reaching into values: what .[key] finds, and changed copies.
#pragma once

#include <span>

#include "expression/evaluator.hpp"
#include "expression/meter.hpp"
#include "json/value.hpp"

namespace sluice::expression {

// `key` is text, a number, an object {"start", "end"} or, to search an array, an array. All
// functions record a failure and return false when the container cannot be indexed so.
bool get_key(meter& used, const json::value& container, const json::value& key, json::value& out);
bool set_key(meter& used, json::value container, const json::value& key, json::value content,
             json::value& out);

bool get_path(meter& used, const json::value& from, std::span<const json::value> path,
              json::value& out);
bool set_path(meter& used, json::value in, std::span<const json::value> path, json::value content,
              json::value& out);
// All paths mean the value as it was before: [0] and [1] are two neighbours.
bool delete_paths(meter& used, json::value in, std::vector<json::value> paths, json::value& out);

struct slice_range {
    std::size_t from = 0;
    std::size_t to = 0;
};
// A slice's ends within `size` elements, `from` never after `to`.
bool resolve_slice(meter& used, const json::value& key, std::size_t size, slice_range& out);

// The key of a slice; null for an open end.
json::value slice_key(json::value from, json::value to);

// Where `part` begins in the array `in`.
json::value array_positions(const json::value& in, const json::value& part);

}  // namespace sluice::expression
