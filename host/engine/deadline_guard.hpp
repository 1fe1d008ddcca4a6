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
        : walk_(of) {
        if (!timeout_ms) return;
        own_ = {from_ms + *timeout_ms, *timeout_ms, of.deadline_};
        of.deadline_ = &own_;
    }
    ~deadline_guard() {
        if (walk_.deadline_ == &own_) walk_.deadline_ = own_.outer;
    }
    deadline_guard(const deadline_guard&) = delete;
    deadline_guard& operator=(const deadline_guard&) = delete;

    // This deadline, not an outer one, is over.
    bool broken() const {
        if (walk_.deadline_ != &own_ || walk_.now_ms() < own_.at_ms) return false;
        const std::int64_t outer = earliest(own_.outer);
        return outer == 0 || own_.at_ms < outer;
    }

  private:
    walk& walk_;
    deadline own_;
};

}  // namespace sluice::engine
