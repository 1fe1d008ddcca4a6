#pragma once

#include <string>
#include <string_view>

namespace sluice::embed {

// A source file, valid C and C++, that puts the text into the section that the host reads, and
// makes it known to unit tests as sluice_descriptor_text and sluice_descriptor_size.
std::string descriptor_source(std::string_view text);

}  // namespace sluice::embed
