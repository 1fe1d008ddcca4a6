// GET and DELETE /runs/<capability>: what became of an execution, and its cancellation, for whoever
// was told its address.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/event_loop.hpp"
#include "engine/engine.hpp"
#include "instance/deployments.hpp"
#include "net/http_types.hpp"
#include "store/store.hpp"
#include "trigger/run_capability.hpp"

namespace sluice::trigger {

// Everything here outlives the address.
struct runs_ports {
    base::event_loop& loop;
    store::store& store;
    instance::deployments& deployments;
    engine::engine& engine;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

struct runs_options {
    std::size_t lookups_at_once = 64;  // in the store; beyond: 429
};

// Loop thread.
class runs_address {
  public:
    runs_address(runs_ports ports, run_capabilities capabilities, runs_options options = {});

    // Under the host's public address.
    std::string url_of(store::event_id id) const;

    static bool is_here(std::string_view path) { return path.starts_with(runs_prefix); }
    // Refuses whoever does not know a right address, whatever else is wrong: 404.
    std::optional<net::http_response> on_head(const net::http_request_head& head) const;
    void on_request(const net::http_request& request, net::responder answer);

  private:
    using found_execution = base::result<store::execution_detail>;

    std::optional<store::event_id> id_of(std::string_view path) const;
    void look_up(store::event_id id, std::function<void(const found_execution&)> done);
    void cancel(store::event_id id, const net::responder& answer);

    runs_ports ports_;
    run_capabilities capabilities_;
    runs_options options_;
    std::size_t lookups_ = 0;
};

}  // namespace sluice::trigger
