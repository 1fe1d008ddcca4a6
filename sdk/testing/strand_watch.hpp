// Notices a connector that waits on the strand, where other calls wait behind it.
#pragma once

#include <cstdint>

#include "mock_core.hpp"

namespace sluice::testing {

// Lives as long as the connector runs on the strand of `call`.
class strand_watch {
  public:
    strand_watch(mock_core& core, mock_call& call);
    strand_watch(const strand_watch&) = delete;
    strand_watch& operator=(const strand_watch&) = delete;
    ~strand_watch();

  private:
    mock_core& core_;
    mock_call& call_;
    std::int64_t wall_us_;
    std::int64_t computed_us_;
    std::int64_t gave_up_;  // how often the thread gave up the processor by itself
};

}  // namespace sluice::testing
