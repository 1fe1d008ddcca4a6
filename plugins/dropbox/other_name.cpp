#include "other_name.hpp"

#include <algorithm>
#include <sluice/step_hash.hpp>

namespace sluice::dropbox {

std::string other_name(const context& ctx, const std::string& path) {
    const std::size_t name = path.rfind('/') + 1;  // 0 when there is no folder
    const std::size_t point = path.rfind('.');
    const bool has_ending = point != std::string::npos && point > name;
    const std::size_t end = has_ending ? point : path.size();
    return path.substr(0, end) + " (" + step_hash(ctx, path) + ")" + path.substr(end);
}

}  // namespace sluice::dropbox
