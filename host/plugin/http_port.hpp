// The HTTP client as the plugin host needs it: net's client stands behind it, a fake in tests.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace sluice::plugin {

class http_port {
  public:
    using done = std::function<void(base::result<net::client_response>)>;

    virtual ~http_port() = default;
    // Loop thread. `finished` runs once, later, on the loop, never inline; with `cancelled` after
    // cancel(). Returns a number that is never 0.
    virtual std::uint64_t send(net::client_request request, done finished) = 0;
    // Loop thread. Unknown numbers are ignored.
    virtual void cancel(std::uint64_t operation) = 0;
};

// The real one; the client must outlive it.
class http_client_port final : public http_port {
  public:
    explicit http_client_port(net::http_client& client) : client_(client) {}
    std::uint64_t send(net::client_request request, done finished) override {
        return client_.send(std::move(request), std::move(finished));
    }
    void cancel(std::uint64_t operation) override { client_.cancel(operation); }

  private:
    net::http_client& client_;
};

}  // namespace sluice::plugin
