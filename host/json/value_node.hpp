// What a json::value shares between its copies. Inside the module only.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "json/key_index.hpp"
#include "json/value.hpp"

namespace sluice::json {

struct value::string_node : node {
    string_node(tag of, std::string content) : node(of), text(std::move(content)) {}
    std::string text;
};

struct value::array_node : node {
    explicit array_node(std::vector<value> content) : node(tag::array), items(std::move(content)) {}
    std::vector<value> items;
};

struct value::object_node : node {
    explicit object_node(std::vector<member> content)
        : node(tag::object), members(std::move(content)) {}
    object_node(const object_node&) = delete;
    object_node& operator=(const object_node&) = delete;
    ~object_node() { drop_index(); }

    // The position of `key` in `members`, or key_index::nowhere. Any thread.
    std::size_t find(std::string_view key) const;
    // `key` must be new.
    void append(std::string key, value content);
    void drop_index() noexcept { delete index.exchange(nullptr, std::memory_order_acq_rel); }

    std::vector<member> members;
    // Made by the first search in a large object, by whichever thread gets there first.
    mutable std::atomic<key_index*> index{nullptr};
};

inline const value::string_node& value::as_string_node() const noexcept {
    return *static_cast<const string_node*>(held_.node);
}
inline const value::array_node& value::as_array_node() const noexcept {
    return *static_cast<const array_node*>(held_.node);
}
inline const value::object_node& value::as_object_node() const noexcept {
    return *static_cast<const object_node*>(held_.node);
}

}  // namespace sluice::json
