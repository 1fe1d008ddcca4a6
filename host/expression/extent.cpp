#include "expression/extent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace sluice::expression {

namespace {

bool is_finite(const json::value& content) {
    return !content.is_number() || content.number_form() != json::number_form::real ||
           std::isfinite(content.as_double());
}

}  // namespace

extent measure(const json::value& content, std::size_t bytes, std::size_t depth) {
    struct step {
        const json::value* at;
        std::size_t depth;
    };
    extent found;
    std::vector<step> open = {{&content, 1}};
    while (!open.empty()) {
        const step now = open.back();
        open.pop_back();
        found.bytes += sizeof(json::value) + (now.at->is_string() ? now.at->size() : 0);
        found.depth = std::max(found.depth, now.depth);
        if (!is_finite(*now.at)) found.finite = false;
        // The whole of a wide container counts before its parts are queued.
        if (found.bytes + now.at->size() > bytes || now.depth > depth) {
            found.complete = false;
            return found;
        }
        if (now.at->is_array()) {
            for (const json::value& item : now.at->items())
                open.push_back({&item, now.depth + 1});
        } else if (now.at->is_object()) {
            for (const json::member& each : now.at->members()) {
                found.bytes += each.first.size();
                open.push_back({&each.second, now.depth + 1});
            }
        }
    }
    return found;
}

json::value made_finite(const json::value& content) {
    if (content.is_array()) {
        json::value made = content;
        for (json::value& item : made.items_for_write())
            item = made_finite(item);
        return made;
    }
    if (content.is_object()) {
        json::value made = content;
        for (json::member& each : made.members_for_write())
            each.second = made_finite(each.second);
        return made;
    }
    if (is_finite(content)) return content;
    const double number = content.as_double();
    if (std::isnan(number)) return nullptr;
    return std::copysign(std::numeric_limits<double>::max(), number);
}

}  // namespace sluice::expression
