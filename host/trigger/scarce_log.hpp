// Log lines that strangers can cause: one a second at most, whatever they send.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "engine/bound_flow.hpp"

namespace sluice::trigger {

// Loop thread.
class scarce_log {
  public:
    explicit scarce_log(base::clock& clock) : clock_(clock) {}
    void write(base::log_level level, std::string_view message, const engine::bound_flow& flow,
               std::string why);
    // For what belongs to no instance.
    void write(base::log_level level, std::string_view message, std::string_view instance,
               std::string_view flow, std::string why);

  private:
    base::clock& clock_;
    std::int64_t next_ms_ = 0;
    std::uint64_t not_written_ = 0;
};

}  // namespace sluice::trigger
