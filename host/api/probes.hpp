// What machines ask a host: does the process live, may it get requests, its numbers.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/token.hpp"
#include "base/event_loop.hpp"
#include "net/http_types.hpp"

namespace sluice::api {

// Everything here outlives the probes.
struct probe_ports {
    base::event_loop& loop;
    token_list& tokens;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
    // What must hold for the host to be ready, by name; the numbers as text. Asked on the loop;
    // what they give runs off the loop.
    using conditions = std::vector<std::pair<std::string, bool>>;
    std::function<std::function<conditions()>()> ready;
    std::function<std::function<std::string()>()> numbers;
    bool open_numbers = false;  // /metrics needs no token
};

// GET /healthz, /readyz, /metrics, beside the admin API. Loop thread.
class probes {
  public:
    explicit probes(probe_ports ports) : ports_(std::move(ports)) {}

    static bool is_here(std::string_view path);
    // /healthz: 200 as long as the loop turns. /readyz: 200, or 503 with what is missing. Neither
    // needs a token. /metrics: the scope `read` of a token that is not bound to a tenant.
    void on_request(const net::http_request& request, net::responder answer);

  private:
    probe_ports ports_;
};

}  // namespace sluice::api
