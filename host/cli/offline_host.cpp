#include "cli/offline_host.hpp"

#include <utility>

#include "base/ids.hpp"
#include "net/egress_guard.hpp"

namespace sluice::cli {

offline_host::offline_host() = default;

offline_host::~offline_host() {
    if (connectors_) {
        connectors_->shutdown(1'000, [this] { loop_.stop(); });
        loop_.run();
    }
    calls_.reset();
    connectors_.reset();
    std::error_code ignored;
    if (!cache_.empty()) std::filesystem::remove_all(cache_, ignored);
}

base::result<void> offline_host::use_connectors(const std::filesystem::path& plugins,
                                                const std::vector<std::string>& allow_egress) {
    auto policy = net::egress_policy::from_allow_list(allow_egress);
    if (!policy) return std::move(policy).error_value();
    std::error_code failed;
    const std::filesystem::path temporary = std::filesystem::temp_directory_path(failed);
    if (failed) {
        return base::make_error(base::error_code::unavailable,
                                "there is no temporary folder: " + failed.message());
    }
    cache_ = temporary / ("sluice-run-" + base::make_token(random_).substr(0, 16));
    resolver_ = net::make_system_resolver(loop_);
    guard_ = std::make_unique<net::egress_guard>(loop_, *resolver_, std::move(*policy));
    client_ = std::make_unique<net::http_client>(loop_, *guard_);
    http_ = std::make_unique<plugin::http_client_port>(*client_);
    plugin::host_options folders;
    folders.folder = plugins;
    folders.cache_folder = cache_;
    connectors_ = std::make_unique<plugin::registry>(
        plugin::host_ports{loop_, clock_, http_.get(), nullptr, {}}, std::move(folders));
    calls_ = std::make_unique<engine::plugin_calls>(*connectors_, loop_);
    return connectors_->rescan();
}

}  // namespace sluice::cli
