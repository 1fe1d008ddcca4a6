// Deleting: all paths mean the value as it was before.
#include <algorithm>
#include <cmath>

#include "expression/paths.hpp"

namespace sluice::expression {
namespace {

using paths = std::span<const json::value>;  // sorted, each an array

// Marks what one key deletes from an array.
bool mark_items(meter& used, const json::value& array, const json::value& key,
                std::vector<bool>& gone) {
    if (key.is_number()) {
        double at = std::trunc(key.as_double());
        if (at < 0) at += static_cast<double>(gone.size());
        if (at >= 0 && at < static_cast<double>(gone.size())) {
            gone[static_cast<std::size_t>(at)] = true;
        }
        return true;
    }
    if (!key.is_object()) {
        return used.fail("Cannot delete " + std::string(type_name(key)) + " element of array");
    }
    slice_range part;
    if (!resolve_slice(used, key, array.size(), part)) return false;
    if (!used.charge((part.to - part.from) / 8)) return false;
    std::fill(gone.begin() + static_cast<std::ptrdiff_t>(part.from),
              gone.begin() + static_cast<std::ptrdiff_t>(part.to), true);
    return true;
}

bool delete_items(meter& used, json::value& array, const std::vector<json::value>& keys) {
    if (!used.charge(array.size() * sizeof(json::value))) return false;
    std::vector<bool> gone(array.size());
    for (const json::value& key : keys) {
        if (!mark_items(used, array, key, gone)) return false;
    }
    std::vector<json::value> kept;
    for (std::size_t i = 0; i < gone.size(); ++i) {
        if (!gone[i]) kept.push_back(array.at(i));
    }
    array = json::value::array(std::move(kept));
    return true;
}

bool delete_members(meter& used, json::value& object, const std::vector<json::value>& keys) {
    if (!used.charge(object.size() * sizeof(json::member))) return false;
    for (const json::value& key : keys) {
        if (!key.is_string()) {
            return used.fail("Cannot delete " + std::string(type_name(key)) + " field of object");
        }
        object.erase(key.as_string());
    }
    return true;
}

bool delete_keys(meter& used, json::value& from, const std::vector<json::value>& keys) {
    if (keys.empty() || from.is_null()) return true;
    if (from.is_array()) return delete_items(used, from, keys);
    if (from.is_object()) return delete_members(used, from, keys);
    return used.fail("Cannot delete fields from " + std::string(type_name(from)));
}

// The paths from `level` on, which all go through `from`.
bool delete_from(meter& used, json::value& from, paths all, std::size_t level) {
    if (!used.enter()) return false;
    std::vector<json::value> keys;
    bool fine = true;
    while (fine && !all.empty()) {
        const json::value key = all.front().at(level);
        std::size_t alike = 1;
        while (alike < all.size() && all[alike].at(level) == key)
            ++alike;
        fine = used.step();
        if (all.front().size() == level + 1) {  // the shortest comes first
            keys.push_back(key);
        } else if (fine) {
            json::value child;
            fine = get_key(used, from, key, child);
            if (fine && !child.is_null()) {
                fine = delete_from(used, child, all.first(alike), level + 1) &&
                       set_key(used, std::move(from), key, std::move(child), from);
            }
        }
        all = all.subspan(alike);
    }
    used.leave();
    return fine && delete_keys(used, from, keys);
}

}  // namespace

bool delete_paths(meter& used, json::value in, std::vector<json::value> all, json::value& out) {
    for (const json::value& path : all) {
        if (!used.step() || !used.work(path)) return false;
        if (!path.is_array()) {
            return used.fail("Path must be specified as array, not " +
                             std::string(type_name(path)));
        }
    }
    std::sort(all.begin(), all.end(),
              [](const json::value& a, const json::value& b) { return json::compare(a, b) < 0; });
    if (!all.empty() && all.front().size() == 0) {
        out = nullptr;
        return true;
    }
    if (!delete_from(used, in, all, 0)) return false;
    out = std::move(in);
    return true;
}

}  // namespace sluice::expression
