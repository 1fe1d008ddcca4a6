// Where parseItems goes on: the place in the file and the elements that are open there, with their
// namespaces. The file is then read as if it began with their start tags.
#pragma once

#include <cstdint>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "document_reader.hpp"

namespace xml {

struct open_element {
    std::string name;  // as it is written
    declarations scope;
};

struct item_cursor {
    position where;
    std::string encoding;     // as expat calls it; empty: not known yet
    std::uint64_t count = 0;  // items so far
    bool at_end = false;
    std::vector<open_element> around;

    // SLUICE_INVALID_INPUT: not one of ours for a file of this size.
    static item_cursor read(const json& text, std::uint64_t size);
    std::string text(std::uint64_t size) const;
    // The start tags of `around`, in the encoding.
    std::string start_tags() const;
};

}  // namespace xml
