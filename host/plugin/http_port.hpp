// The HTTP client as the plugin host needs it; net's client stands behind it, a fake in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace sluice::plugin {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct port_request {
    std::string method;
    std::string url;
    http_headers headers;
    std::string body;
    std::int64_t timeout_ms = 30'000;  // for everything
    bool follow_redirects = false;     // at most 5
};

struct port_response {
    int status = 0;
    http_headers headers;  // names in lower case
    std::string body;
};

class http_port {
  public:
    using done = std::function<void(base::result<port_response>)>;

    virtual ~http_port() = default;
    // Loop thread. `finished` runs once, later, on the loop, never inline; `cancelled` after
    // cancel. Returns a number that is never 0.
    virtual std::uint64_t send(port_request request, done finished) = 0;
    // Loop thread. Unknown numbers are ignored.
    virtual void cancel(std::uint64_t operation) = 0;
};

}  // namespace sluice::plugin
