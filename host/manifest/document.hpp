// The text of a manifest as JSON, with the place of everything in it. Inside the module only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

struct mark {
    int line = 0;  // from 1; 0: unknown
    int column = 0;
};

struct document {
    std::string name;  // the file, for messages
    std::string text;
    json::value content;
    // By JSON pointer. An object's member has the place of its key in `keys`.
    std::map<std::string, mark, std::less<>> values;
    std::map<std::string, mark, std::less<>> keys;

    base::source_position value_position(std::string_view pointer) const;
    base::source_position key_position(std::string_view pointer) const;
    // Line `number` from 1, without its end.
    std::string_view line(int number) const;
};

// YAML 1.2 (core schema; no anchors, aliases, merge keys, tags, duplicate keys; one document), or
// strict JSON when the name ends with ".json". At most 1 MiB and 64 levels.
base::result<document> parse_document(std::string_view text, const std::string& name);

// `pointer` and one more reference token, escaped.
std::string pointer_to(const std::string& pointer, std::string_view key);
std::string pointer_to(const std::string& pointer, std::size_t index);

}  // namespace sluice::manifest
