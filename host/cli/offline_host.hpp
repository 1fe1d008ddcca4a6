// What an offline run stands on: a loop, and connectors if it is given a folder of them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cli/connector_host.hpp"

namespace sluice::cli {

class offline_host {
  public:
    offline_host() = default;
    ~offline_host();  // closes the connectors, removes their cache
    offline_host(const offline_host&) = delete;
    offline_host& operator=(const offline_host&) = delete;

    // Makes the connectors of a folder callable.
    base::result<void> use_connectors(const std::filesystem::path& plugins,
                                      const std::vector<std::string>& allow_egress);

    base::event_loop& loop() { return loop_; }
    base::clock& clock() { return clock_; }
    base::random_source& random() { return random_; }
    // Null without connectors.
    engine::call_port* calls() { return connectors_ ? &connectors_->calls() : nullptr; }
    // Runs the loop until finish().
    void run() { loop_.run(); }
    void finish() { loop_.stop(); }

  private:
    base::system_clock clock_;
    base::secure_random random_;
    net::io_loop loop_;
    std::filesystem::path cache_;
    std::unique_ptr<connector_host> connectors_;
};

}  // namespace sluice::cli
