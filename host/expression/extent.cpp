#include "expression/extent.hpp"

#include <algorithm>
#include <vector>

namespace sluice::expression {

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

}  // namespace sluice::expression
