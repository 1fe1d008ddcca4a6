// How JSON names a blob: {"$blob": id, "size": bytes, "contentType": type}. Expressions see a plain
// object; only "$blob" counts when it comes back.
#pragma once

#include <optional>
#include <string>

#include "json/value.hpp"

namespace sluice::plugin {

// The id in a value that stands for a blob; nothing for any other value. The id is not checked:
// blob_registry::find does that.
inline std::optional<std::string> blob_reference(const json::value& content) {
    if (!content.is_object()) return std::nullopt;
    const json::value* id = content.find("$blob");
    if (id == nullptr || !id->is_string()) return std::nullopt;
    return id->as_string();
}

}  // namespace sluice::plugin
