#include "json/value.hpp"

#include <cmath>

#include "base/encoding.hpp"
#include "base/panic.hpp"
#include "json/number.hpp"
#include "json/value_node.hpp"

namespace sluice::json {

namespace {

void check_utf8([[maybe_unused]] std::string_view text) {
#ifndef NDEBUG
    if (!base::is_valid_utf8(text)) base::report_bug("a JSON string was made of invalid UTF-8");
#endif
}

const value& null_value() {
    static const value null;
    return null;
}

}  // namespace

value::value(bool flag) noexcept : tag_(tag::boolean) { held_.flag = flag; }

value::value(long number) noexcept : tag_(tag::int64) { held_.int64 = number; }

value::value(unsigned long number) noexcept {
    if (number <= static_cast<unsigned long>(INT64_MAX)) {
        tag_ = tag::int64;
        held_.int64 = static_cast<std::int64_t>(number);
    } else {
        tag_ = tag::uint64;
        held_.uint64 = number;
    }
}

value::value(double number) noexcept {
    if (!std::isfinite(number)) return;
    tag_ = tag::real;
    held_.real = number;
}

value value::unbounded(double number) noexcept {
    value made;
    made.tag_ = tag::real;
    made.held_.real = number;
    return made;
}

value::value(std::string text) {
    check_utf8(text);
    adopt(tag::string, new string_node(tag::string, std::move(text)));
}

value::value(std::string_view text) : value(std::string(text)) {}

value::value(const char* text) : value(std::string(text)) {}

value value::array(std::vector<value> items) {
    value made;
    made.adopt(tag::array, new array_node(std::move(items)));
    return made;
}

value value::number(std::string_view text) {
    value made;
    const parsed_number parsed = parse_number(text);
    switch (parsed.form) {
        case json::number_form::int64:
            return parsed.int64;
        case json::number_form::uint64:
            return parsed.uint64;
        case json::number_form::real:
            return parsed.real;
        case json::number_form::text:
            made.adopt(tag::number_text, new string_node(tag::number_text, std::string(text)));
            break;
    }
    return made;
}

bool value::as_bool() const {
    if (!is_bool()) base::panic("as_bool of a JSON value that is none");
    return held_.flag;
}

json::number_form value::number_form() const {
    switch (tag_) {
        case tag::int64:
            return number_form::int64;
        case tag::uint64:
            return number_form::uint64;
        case tag::real:
            return number_form::real;
        case tag::number_text:
            return number_form::text;
        default:
            base::panic("number_form of a JSON value that is no number");
    }
}

const std::string& value::as_number_text() const {
    if (tag_ != tag::number_text) base::panic("as_number_text of another JSON value");
    return as_string_node().text;
}

std::int64_t value::as_int64() const {
    if (tag_ != tag::int64) base::panic("as_int64 of a JSON value that is none");
    return held_.int64;
}

std::uint64_t value::as_uint64() const {
    if (tag_ != tag::uint64) base::panic("as_uint64 of a JSON value that is none");
    return held_.uint64;
}

double value::as_double() const {
    switch (tag_) {
        case tag::int64:
            return static_cast<double>(held_.int64);
        case tag::uint64:
            return static_cast<double>(held_.uint64);
        case tag::real:
            return held_.real;
        case tag::number_text:
            return nearest_double(as_string_node().text);
        default:
            base::panic("as_double of a JSON value that is no number");
    }
}

const std::string& value::as_string() const {
    if (!is_string()) base::panic("as_string of a JSON value that is none");
    return as_string_node().text;
}

std::span<const value> value::items() const {
    if (!is_array()) base::panic("items of a JSON value that is no array");
    return as_array_node().items;
}

std::size_t value::size() const noexcept {
    switch (tag_) {
        case tag::string:
            return as_string_node().text.size();
        case tag::array:
            return as_array_node().items.size();
        case tag::object:
            return as_object_node().members.size();
        default:
            return 0;
    }
}

const value& value::get(std::string_view key) const noexcept {
    const value* found = find(key);
    return found == nullptr ? null_value() : *found;
}

const value& value::at(std::size_t index) const noexcept {
    if (!is_array() || index >= size()) return null_value();
    return as_array_node().items[index];
}

std::string value::string_or(std::string_view key, std::string_view fallback) const {
    const value& found = get(key);
    return found.is_string() ? found.as_string() : std::string(fallback);
}

std::int64_t value::int_or(std::string_view key, std::int64_t fallback) const {
    const value& found = get(key);
    return found.tag_ == tag::int64 ? found.held_.int64 : fallback;
}

bool value::bool_or(std::string_view key, bool fallback) const {
    const value& found = get(key);
    return found.is_bool() ? found.held_.flag : fallback;
}

void value::push(value item) { items_for_write().push_back(std::move(item)); }

std::vector<value>& value::items_for_write() {
    if (is_null()) *this = array();
    if (!is_array()) base::panic("items_for_write of a JSON value that is no array");
    if (held_.node->references.load(std::memory_order_acquire) != 1) {
        *this = array(as_array_node().items);
    }
    return static_cast<array_node*>(held_.node)->items;
}

void value::adopt(tag kind, node* content) noexcept {
    release();
    tag_ = kind;
    held_.node = content;
}

void value::destroy(node* dead) noexcept {
    node* pending = dead;
    const auto drop = [&pending](value& child) {
        if (child.tag_ < tag::array) return;  // ends with its parent, without recursion
        node* const content = child.held_.node;
        child.tag_ = tag::null;
        if (content->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        content->next_dead = pending;
        pending = content;
    };
    while (pending != nullptr) {
        node* const now = std::exchange(pending, pending->next_dead);
        if (now->kind == tag::array) {
            auto* const array = static_cast<array_node*>(now);
            for (value& item : array->items)
                drop(item);
            delete array;
        } else if (now->kind == tag::object) {
            auto* const object = static_cast<object_node*>(now);
            for (member& item : object->members)
                drop(item.second);
            delete object;
        } else {
            delete static_cast<string_node*>(now);
        }
    }
}

}  // namespace sluice::json
