// Real connectors for a command: loop, network and registry without a store.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "engine/plugin_calls.hpp"
#include "net/http_client.hpp"
#include "net/io_loop.hpp"
#include "net/resolver.hpp"
#include "plugin/http_port.hpp"
#include "plugin/registry.hpp"

namespace sluice::cli {

class offline_host {
  public:
    offline_host();
    ~offline_host();  // closes the connectors, removes their cache
    offline_host(const offline_host&) = delete;
    offline_host& operator=(const offline_host&) = delete;

    // Makes the connectors of a folder callable.
    base::result<void> use_connectors(const std::filesystem::path& plugins,
                                      const std::vector<std::string>& allow_egress);

    base::event_loop& loop() { return loop_; }
    base::clock& clock() { return clock_; }
    base::random_source& random() { return random_; }
    engine::call_port* calls() { return calls_.get(); }  // null without connectors
    // Runs the loop until finish().
    void run() { loop_.run(); }
    void finish() { loop_.stop(); }

  private:
    base::system_clock clock_;
    base::secure_random random_;
    net::io_loop loop_;
    std::filesystem::path cache_;
    std::unique_ptr<net::resolver> resolver_;
    std::unique_ptr<net::egress_guard> guard_;
    std::unique_ptr<net::http_client> client_;
    std::unique_ptr<plugin::http_client_port> http_;
    std::unique_ptr<plugin::registry> connectors_;
    std::unique_ptr<engine::plugin_calls> calls_;
};

}  // namespace sluice::cli
