// The rules of docs/descriptor.md for a connector's descriptor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::embed {

struct checked_descriptor {
    // One sentence each, starting with the JSON path of what is wrong; empty: valid.
    std::vector<std::string> problems;
    // The descriptor without white space; empty when it is not valid.
    std::string minified;
};

checked_descriptor check_descriptor(std::string_view text);

}  // namespace sluice::embed
