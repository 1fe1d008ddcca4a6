// Names to addresses, as an interface.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/io_loop.hpp"
#include "net/ip_address.hpp"

namespace sluice::net {

class resolver {
  public:
    using done_function = std::function<void(base::result<std::vector<ip_address>>)>;

    virtual ~resolver() = default;
    // All addresses of a name, in order of preference, at least one. `done` runs once on the loop's
    // thread, never inline, and not after the resolver is gone. Loop's thread.
    virtual void resolve(const std::string& host, done_function done) = 0;
};

// The system's resolver, on a few threads of its own, so that one dead name server does not hold up
// other names. Going away does not wait for lookups under way. The loop must outlive it.
std::unique_ptr<resolver> make_system_resolver(io_loop& loop);

}  // namespace sluice::net
