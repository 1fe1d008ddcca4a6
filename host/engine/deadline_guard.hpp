// A deadline while a block of tasks runs; the outer one is back afterwards.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/walk.hpp"

namespace sluice::engine {

class walk::deadline_guard {
  public:
    // `timeout_ms` counts from `from_ms`; none: only the outer deadline holds.
    deadline_guard(walk& of, std::optional<std::int64_t> timeout_ms, std::int64_t from_ms)
        : walk_(of), outer_(of.deadline_ms_) {
        if (!timeout_ms) return;
        const std::int64_t mine = from_ms + *timeout_ms;
        own_ = outer_ == 0 || mine < outer_;
        if (own_) of.deadline_ms_ = mine;
    }
    ~deadline_guard() { walk_.deadline_ms_ = outer_; }
    deadline_guard(const deadline_guard&) = delete;
    deadline_guard& operator=(const deadline_guard&) = delete;

    // This deadline, not an outer one, is over.
    bool broken() const { return own_ && walk_.past_deadline(); }

  private:
    walk& walk_;
    std::int64_t outer_;
    bool own_ = false;
};

}  // namespace sluice::engine
