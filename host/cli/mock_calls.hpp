// call_port for offline runs: replies from a file, real connectors for what the file leaves out.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "engine/ports.hpp"

namespace sluice::cli {

class mock_calls final : public engine::call_port {
  public:
    // `real` may be null: then calls without a mock fail. Both outlive it.
    mock_calls(base::event_loop& loop, engine::call_port* real) : loop_(loop), real_(real) {}

    // {"connector.action": reply or list of replies}; reply: {"output": ..} or {"error": {"code",
    // "status", "message", "retryAfterMs"}}. Errors name the entry.
    base::result<void> load(const json::value& mocks);

    operation start(engine::connector_call call,
                    std::function<void(engine::connector_reply)> done) override;
    void cancel(operation which) override;
    void forget(store::event_id execution) override;

  private:
    struct script {
        std::vector<plugin::call_outcome> replies;
        std::size_t next = 0;
    };

    base::event_loop& loop_;
    engine::call_port* real_;
    std::map<std::string, script> scripts_;
};

}  // namespace sluice::cli
