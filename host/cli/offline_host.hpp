// What an offline run stands on: a loop with real or with fake time, and the network and connectors
// that it is given.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/manual_loop.hpp"
#include "base/random.hpp"
#include "cli/connector_host.hpp"
#include "cli/outgoing_network.hpp"
#include "plugin/blob_registry.hpp"

namespace sluice::cli {

class offline_host {
  public:
    enum class time {
        real,
        fake,  // waits take none: the clock jumps to the next timer. Nothing real can be called.
    };
    explicit offline_host(time how);
    ~offline_host();  // closes the connectors, removes their cache
    offline_host(const offline_host&) = delete;
    offline_host& operator=(const offline_host&) = delete;

    // Makes the connectors of a folder callable, and the network. Real time only.
    base::result<void> use_connectors(const std::filesystem::path& plugins,
                                      const std::vector<std::string>& allow_egress);
    // The network alone. Real time only.
    base::result<void> use_network(const std::vector<std::string>& allow_egress,
                                   const std::string& ca_file);

    base::event_loop& loop();
    base::clock& clock();
    base::random_source& random() { return random_; }
    // Fake time only: what the clock shows at the start.
    void set_clock(std::int64_t unix_ms);
    // Null without connectors.
    engine::call_port* calls() { return connectors_ ? &connectors_->calls() : nullptr; }
    // Null without connectors.
    plugin::blob_registry* blobs() {
        return connectors_ ? &connectors_->connectors().blobs() : nullptr;
    }
    // Null without network.
    plugin::http_port* http();

    // Runs until finish(), or (fake time) until nothing is left to happen. False: a signal asked
    // the program to end.
    bool run();
    void finish();

  private:
    void run_fake();

    time how_;
    base::secure_random random_;
    base::system_clock real_clock_;
    base::manual_clock fake_clock_;
    base::manual_loop fake_loop_{fake_clock_};
    bool finished_ = false;
    bool interrupted_ = false;
    std::unique_ptr<net::io_loop> real_loop_;
    std::filesystem::path cache_;
    std::unique_ptr<outgoing_network> network_;
    std::unique_ptr<connector_host> connectors_;
};

}  // namespace sluice::cli
