// The name that something gets when its own is taken.
#pragma once

#include <sluice/context.hpp>
#include <string>

namespace sluice::dropbox {

// "/in/a (0123456789abcdef).csv" for "/in/a.csv". Dropbox' own choice, "a (1).csv", is another one
// each time; the digits are the step's, so that it finds what an earlier attempt has made.
std::string other_name(const context& ctx, const std::string& path);

}  // namespace sluice::dropbox
