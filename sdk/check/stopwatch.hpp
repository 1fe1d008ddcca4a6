// Real time, for tests that stop when they have taken long enough.
#pragma once

#include <chrono>

namespace sluice::checking {

class stopwatch {
  public:
    bool is_over(std::chrono::milliseconds limit) const { return passed() > limit; }
    std::chrono::milliseconds passed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - start_);
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace sluice::checking
