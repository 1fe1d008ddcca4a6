#include "trigger/file_handles.hpp"

#include <algorithm>

namespace sluice::trigger {

bool holds_file(const json::value& content) {
    if (content.is_array()) {
        return std::any_of(content.items().begin(), content.items().end(), holds_file);
    }
    if (!content.is_object()) return false;
    if (content.find("$blob") != nullptr) return true;
    return std::any_of(content.members().begin(), content.members().end(),
                       [](const json::member& each) { return holds_file(each.second); });
}

}  // namespace sluice::trigger
