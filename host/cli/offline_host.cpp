#include "cli/offline_host.hpp"

#include <utility>

#include "base/ids.hpp"

namespace sluice::cli {

offline_host::~offline_host() {
    if (connectors_) {
        connectors_->connectors().shutdown(1'000, [this](std::size_t) { loop_.stop(); });
        loop_.run();
        connectors_.reset();
    }
    std::error_code ignored;
    if (!cache_.empty()) std::filesystem::remove_all(cache_, ignored);
}

base::result<void> offline_host::use_connectors(const std::filesystem::path& plugins,
                                                const std::vector<std::string>& allow_egress) {
    std::error_code failed;
    const std::filesystem::path temporary = std::filesystem::temp_directory_path(failed);
    if (failed) {
        return base::make_error(base::error_code::unavailable,
                                "there is no temporary folder: " + failed.message());
    }
    cache_ = temporary / ("sluice-run-" + base::make_token(random_).substr(0, 16));
    auto opened = connector_host::open({plugins, cache_, allow_egress, {}}, loop_, clock_, nullptr);
    if (!opened) return std::move(opened).error_value();
    connectors_ = std::move(*opened);
    return {};
}

}  // namespace sluice::cli
