// All parts of a running host, in the order in which they stand on each other.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/admin_api.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/thread.hpp"
#include "cli/connector_host.hpp"
#include "cli/drain.hpp"
#include "cli/host_alerts.hpp"
#include "cli/host_operations.hpp"
#include "cli/line_output.hpp"
#include "cli/serve.hpp"
#include "engine/alert_writer.hpp"
#include "engine/engine.hpp"
#include "engine/retention.hpp"
#include "instance/changes.hpp"
#include "instance/connections.hpp"
#include "instance/deployments.hpp"
#include "instance/endpoint_keys.hpp"
#include "instance/lifecycle.hpp"
#include "instance/vault.hpp"
#include "net/http_server.hpp"
#include "net/io_loop.hpp"
#include "store/disk_guard.hpp"
#include "store/store.hpp"
#include "trigger/oauth_callback.hpp"
#include "trigger/pollers.hpp"
#include "trigger/runs_address.hpp"
#include "trigger/schedules.hpp"
#include "trigger/upload.hpp"
#include "trigger/webhook.hpp"

namespace sluice::cli {

class host_process {
  public:
    explicit host_process(serve_options options);
    ~host_process();
    host_process(const host_process&) = delete;
    host_process& operator=(const host_process&) = delete;

    // Opens the store, deploys the files, picks up what was accepted before, listens. Problems of
    // the applied files are printed; the exit code says which kind of failure it was.
    int start();
    // Until a signal (or a disk error) ends the host; the exit code.
    int run();

    std::string url() const { return url_; }
    std::string admin_url() const { return admin_url_; }
    // The token that the start has made; empty when there was no need, and from the second time on.
    base::secret take_admin_token() { return std::move(admin_token_); }
    const instance::deployments& deployed() const { return *deployments_; }
    // Name and state of each instance, those that were to be removed and are included.
    std::map<std::string, std::string> instances() const;
    // What is told on standard output, in lines.
    line_output& told() { return told_; }
    // Next ticks, by time.
    std::vector<trigger::planned_tick> planned() const { return schedules_->planned(); }

  private:
    base::result<void> open_store();
    base::result<void> open_connectors();
    base::result<void> open_vault();
    // Blocks at its begin; goes on by itself.
    void rewrap_keys();
    int deploy();
    // Which of the flows need a connector that is not there.
    std::vector<base::error> without_connector(const std::vector<instance::flow_ptr>& flows) const;
    base::result<void> open_connections();
    // The problem with the first of these instances that is not there and was never removed.
    std::optional<base::error> not_to_be_removed(const std::set<std::string>& asked) const;
    // Before the loop runs; blocks.
    base::result<void> start_alerts();
    void open_lifecycle();
    void open_changes();
    // The triggers that start by themselves follow what is deployed.
    void follow(const std::vector<std::string>& changed, std::function<void()> done);
    base::result<void> listen();
    net::responder counted(net::responder answer);
    base::result<void> open_admin();
    base::result<void> listen_admin();
    void drain_servers(std::int64_t deadline_ms, std::function<void(std::size_t)> done);
    void on_signal();
    void start_drain();
    void stop(int code);

    serve_options options_;
    base::system_clock clock_;
    base::secure_random random_;
    base::id_generator ids_{clock_, random_};
    net::io_loop loop_;
    line_output told_{STDOUT_FILENO, loop_};
    api::metrics metrics_;
    // Destroyed in reverse: what uses something stands below it.
    std::unique_ptr<store::store> store_;
    std::unique_ptr<instance::vault> vault_;
    std::unique_ptr<instance::endpoint_keys> keys_;
    std::unique_ptr<base::blocking_pool> pool_;
    std::unique_ptr<connector_host> connectors_;
    std::unique_ptr<instance::deployments> deployments_;
    std::unique_ptr<instance::connections> connections_;
    std::unique_ptr<trigger::oauth_callback> callback_;
    std::unique_ptr<engine::engine> engine_;
    std::unique_ptr<host_alerts> alerts_;
    std::unique_ptr<engine::retention> retention_;
    std::unique_ptr<trigger::uploads> uploads_;
    std::unique_ptr<trigger::runs_address> runs_;
    std::unique_ptr<trigger::webhook> webhook_;
    std::unique_ptr<trigger::schedules> schedules_;
    std::unique_ptr<trigger::pollers> pollers_;
    std::unique_ptr<instance::lifecycle> lifecycle_;
    std::unique_ptr<instance::changes> changes_;
    std::unique_ptr<net::http_server> server_;
    std::string url_;
    std::map<std::string, instance::deployment_record> found_;  // at the start
    std::unique_ptr<base::blocking_pool> admin_pool_;  // a slow search holds up no execution
    std::unique_ptr<api::admin_api> admin_;
    std::unique_ptr<host_operations> operations_;
    std::unique_ptr<api::probes> probes_;
    std::unique_ptr<net::http_server> admin_server_;
    std::string admin_url_;
    base::secret admin_token_;
    std::unique_ptr<drain> drain_;  // once a signal asked for the end
    int code_ = 0;
};

}  // namespace sluice::cli
