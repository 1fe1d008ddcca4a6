// How much one connector's process may write to the host's log, whichever way: a connector that
// loops would fill the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace sluice::plugin {

// Any thread.
class log_budget {
  public:
    static constexpr std::int64_t period_ms = 5'000;
    // Lines within each period; a line counts once more for each KiB of it.
    static constexpr std::size_t lines = 1'000;

    // `who` names the connector in the log; `clock` outlives this.
    log_budget(base::clock& clock, std::string who);
    ~log_budget();
    log_budget(const log_budget&) = delete;
    log_budget& operator=(const log_budget&) = delete;

    // Whether a line of this size may be written now; what the log does not want costs nothing. How
    // many were left out is told before the first line of a later period, or at the end.
    bool allows(base::log_level level, std::size_t bytes);

  private:
    void tell(std::uint64_t left_out) const;

    base::clock& clock_;
    const std::string who_;
    std::mutex mutex_;
    std::int64_t period_began_ns_;
    std::size_t left_ = lines;
    std::uint64_t left_out_ = 0;
};

}  // namespace sluice::plugin
