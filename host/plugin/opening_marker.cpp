#include "plugin/opening_marker.hpp"

#include <fstream>

namespace sluice::plugin {

// Not synced: what counts is that the process dies, not that the machine does.
opening_marker::opening_marker(const std::filesystem::path& copy)
    : file_(copy.string() + ".opening") {
    if (std::ifstream earlier(file_); earlier) earlier >> deaths_;
    if (deaths_ >= limit) return;
    std::ofstream(file_) << deaths_ + 1;
}

opening_marker::~opening_marker() {
    if (deaths_ >= limit) return;
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
}

}  // namespace sluice::plugin
