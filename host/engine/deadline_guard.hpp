// A deadline while a block of tasks runs; the outer one is back afterwards.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/execution.hpp"

namespace sluice::engine {

class execution::deadline_guard {
  public:
    deadline_guard(execution& run, std::optional<std::int64_t> timeout_ms, std::int64_t from_ms)
        : run_(run), outer_(run.deadline_ms_) {
        if (!timeout_ms) return;
        const std::int64_t mine = from_ms + *timeout_ms;
        run.deadline_ms_ = outer_ == 0 ? mine : std::min(outer_, mine);
    }
    ~deadline_guard() { run_.deadline_ms_ = outer_; }
    deadline_guard(const deadline_guard&) = delete;
    deadline_guard& operator=(const deadline_guard&) = delete;

  private:
    execution& run_;
    std::int64_t outer_;
};

}  // namespace sluice::engine
