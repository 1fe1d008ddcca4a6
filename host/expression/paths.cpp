#include "expression/paths.hpp"

#include <algorithm>
#include <cmath>

#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

// A short key is worth showing; a long one is data.
std::string key_text(const json::value& key) {
    constexpr std::size_t longest = 29;
    std::string text(type_name(key));
    if (key.is_string() && key.size() <= longest) text += " \"" + key.as_string() + "\"";
    return text;
}

bool is_nan(const json::value& number) {
    return number.number_form() == json::number_form::real && std::isnan(number.as_double());
}

bool cannot_index(meter& used, const json::value& container, const json::value& key) {
    return used.fail("Cannot index " + std::string(type_name(container)) + " with " +
                     key_text(key));
}

bool get_slice(meter& used, const json::value& container, const json::value& key,
               json::value& out) {
    slice_range part;
    if (container.is_string()) {
        const std::string& text = container.as_string();
        if (!resolve_slice(used, key, count_code_points(text), part)) return false;
        const std::size_t from = offset_of_code_point(text, part.from);
        const std::size_t to =
            from + offset_of_code_point(std::string_view(text).substr(from), part.to - part.from);
        if (!used.charge(to - from)) return false;
        out = std::string_view(text).substr(from, to - from);
        return true;
    }
    const std::span<const json::value> items = container.items();
    if (!resolve_slice(used, key, items.size(), part)) return false;
    if (!used.charge((part.to - part.from) * sizeof(json::value))) return false;
    const auto cut = items.subspan(part.from, part.to - part.from);
    out = json::value::array({cut.begin(), cut.end()});
    return true;
}

// The element a number means; negative or `size` or more when there is none.
std::ptrdiff_t position(const json::value& key, std::size_t size) {
    if (is_nan(key)) return -1;
    double at = std::trunc(key.as_double());
    if (at < 0) at += static_cast<double>(size);
    return static_cast<std::ptrdiff_t>(std::clamp(at, -1.0, 9e15));
}

bool set_slice(meter& used, json::value container, const json::value& key,
               const json::value& content, json::value& out) {
    if (!content.is_array()) {
        return used.fail("A slice of an array can only be assigned another array");
    }
    if (container.is_null()) container = json::value::array();
    slice_range part;
    if (!resolve_slice(used, key, container.size(), part)) return false;
    if (!used.charge((container.size() + content.size()) * sizeof(json::value))) return false;
    std::vector<json::value>& items = container.items_for_write();
    const auto at = items.erase(items.begin() + static_cast<std::ptrdiff_t>(part.from),
                                items.begin() + static_cast<std::ptrdiff_t>(part.to));
    items.insert(at, content.items().begin(), content.items().end());
    out = std::move(container);
    return true;
}

bool set_item(meter& used, json::value container, const json::value& key, json::value content,
              json::value& out) {
    if (is_nan(key)) return used.fail("Cannot set array element at NaN index");
    if (container.is_null()) container = json::value::array();
    const std::ptrdiff_t found = position(key, container.size());
    if (found < 0) return used.fail("Out of bounds negative array index");
    const auto at = static_cast<std::size_t>(found);
    const std::size_t added = at >= container.size() ? at + 1 - container.size() : 0;
    if (!used.charge((added + 1) * sizeof(json::value))) return false;
    std::vector<json::value>& items = container.items_for_write();
    if (added > 0) items.resize(at + 1);
    items[at] = std::move(content);
    out = std::move(container);
    return true;
}

// The child taken out of its place, so that it can be changed without a copy when nobody else has
// it.
bool take_child(meter& used, json::value& container, const json::value& key, json::value& child) {
    if (container.is_array() && key.is_number()) {
        const std::ptrdiff_t at = position(key, container.size());
        if (at < 0 || static_cast<std::size_t>(at) >= container.size()) return true;
        child = std::exchange(container.items_for_write()[static_cast<std::size_t>(at)], {});
        return true;
    }
    if (container.is_object() && key.is_string()) {
        const json::value* const found = container.find(key.as_string());
        if (found == nullptr) return true;
        child = *found;
        container.set(key.as_string(), {});
        return true;
    }
    return get_key(used, container, key, child);
}

}  // namespace

bool resolve_slice(meter& used, const json::value& key, std::size_t size, slice_range& out) {
    const auto end = [&](std::string_view name, double open, bool up, std::size_t& place) {
        const json::value& given = key.get(name);
        if (!given.is_null() && !given.is_number()) return false;
        double at = given.is_null() || is_nan(given) ? open : given.as_double();
        if (at < 0) at += static_cast<double>(size);
        at = std::clamp(up ? std::ceil(at) : std::floor(at), 0.0, static_cast<double>(size));
        place = static_cast<std::size_t>(at);
        return true;
    };
    if (!end("start", 0, false, out.from) || !end("end", static_cast<double>(size), true, out.to)) {
        return used.fail("Array/string slice indices must be integers");
    }
    out.to = std::max(out.from, out.to);
    return true;
}

json::value slice_key(json::value from, json::value to) {
    return json::value::object({{"start", std::move(from)}, {"end", std::move(to)}});
}

json::value array_positions(const json::value& in, const json::value& part) {
    std::vector<json::value> found;
    const std::span<const json::value> all = in.items();
    const std::span<const json::value> wanted = part.items();
    for (std::size_t at = 0; !wanted.empty() && at + wanted.size() <= all.size(); ++at) {
        if (std::equal(wanted.begin(), wanted.end(),
                       all.begin() + static_cast<std::ptrdiff_t>(at))) {
            found.emplace_back(static_cast<std::int64_t>(at));
        }
    }
    return json::value::array(std::move(found));
}

bool get_key(meter& used, const json::value& container, const json::value& key, json::value& out) {
    if (container.is_object() && key.is_string()) {
        out = json::value(container.get(key.as_string()));
        return true;
    }
    if (container.is_array() && key.is_number()) {
        const std::ptrdiff_t at = position(key, container.size());
        out = at < 0 ? json::value() : json::value(container.at(static_cast<std::size_t>(at)));
        return true;
    }
    if (key.is_object() && (container.is_array() || container.is_string())) {
        return get_slice(used, container, key, out);
    }
    if (container.is_array() && key.is_array()) {
        if (!used.charge(container.size() * sizeof(json::value))) return false;
        out = array_positions(container, key);
        return true;
    }
    if (container.is_null() && (key.is_string() || key.is_number() || key.is_object())) {
        out = nullptr;
        return true;
    }
    return cannot_index(used, container, key);
}

bool set_key(meter& used, json::value container, const json::value& key, json::value content,
             json::value& out) {
    if (key.is_string() && (container.is_object() || container.is_null())) {
        if (!used.charge(key.size() + sizeof(json::member))) return false;
        container.set(key.as_string(), std::move(content));
        out = std::move(container);
        return true;
    }
    if (key.is_number() && (container.is_array() || container.is_null())) {
        return set_item(used, std::move(container), key, std::move(content), out);
    }
    if (key.is_object() && (container.is_array() || container.is_null())) {
        return set_slice(used, std::move(container), key, content, out);
    }
    if (key.is_object() && container.is_string()) return used.fail("Cannot update string slices");
    if (key.is_array() && container.is_array()) {
        return used.fail("Cannot update field at array index of array");
    }
    return cannot_index(used, container, key);
}

bool get_path(meter& used, const json::value& from, std::span<const json::value> path,
              json::value& out) {
    json::value at = from;
    for (const json::value& key : path) {
        json::value next;
        if (!get_key(used, at, key, next)) return false;
        at = std::move(next);
    }
    out = std::move(at);
    return true;
}

bool set_path(meter& used, json::value in, std::span<const json::value> path, json::value content,
              json::value& out) {
    if (path.empty()) {
        out = std::move(content);
        return true;
    }
    if (!used.step() || !used.enter()) return false;
    json::value child;
    const bool done =
        (path.size() == 1 || take_child(used, in, path[0], child)) &&
        set_path(used, std::move(child), path.subspan(1), std::move(content), child) &&
        set_key(used, std::move(in), path[0], std::move(child), out);
    used.leave();
    return done;
}

}  // namespace sluice::expression
