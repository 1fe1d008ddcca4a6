#pragma once

#include "expression/evaluator.hpp"

namespace sluice::expression {

// One nested evaluation, for as long as it lives; false when there are too many.
struct evaluator::depth_guard {
    explicit depth_guard(meter& used) : used_(used), inside_(used.enter()) {}
    depth_guard(const depth_guard&) = delete;
    depth_guard& operator=(const depth_guard&) = delete;
    ~depth_guard() {
        if (inside_) used_.leave();
    }
    explicit operator bool() const { return inside_; }

  private:
    meter& used_;
    bool inside_;
};

}  // namespace sluice::expression
