#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "sluice/failure.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

// Where a thread of the pool waits for a done function, which comes on the strand.
class blocking_wait {
  public:
    // Throws what the operation failed with.
    void wait() {
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [&] { return over_; });
        if (error_) throw failure(*error_);
    }
    // The whole done function: without an error it is `take` that stores the result.
    template <class Function>
    void finish(const sluice_error* error, Function&& take) noexcept {
        // Notified under the lock: the waiting thread destroys this object as soon as it can.
        const std::lock_guard lock(mutex_);
        try {
            if (error != nullptr) {
                error_.emplace(*error);
            } else {
                take();
            }
        } catch (...) {
            error_ = current_failure();
        }
        over_ = true;
        ended_.notify_one();
    }

  private:
    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    std::optional<failure> error_;
};

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
