// The version of Sluice. CMakeLists.txt reads it from here.
#pragma once

namespace sluice::base {

inline constexpr const char* sluice_version = "0.1.0";

}  // namespace sluice::base
