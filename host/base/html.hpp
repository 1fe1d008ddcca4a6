// Text inside HTML.
#pragma once

#include <string>
#include <string_view>

namespace sluice::base {

// `text` as content or as the value of an attribute: & < > " ' become entities.
std::string escape_html(std::string_view text);

}  // namespace sluice::base
