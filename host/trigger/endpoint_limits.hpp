// How much of the host one webhook address may take: requests at once, and refused signatures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"

namespace sluice::trigger {

struct endpoint_rules {
    std::size_t requests_at_once = 64;     // from the whole request to its answer; beyond: 429
    std::size_t failures_per_minute = 60;  // refused signatures; then 429 until the minute ends
};

// Loop thread. Counts live as long as anyone holds a place, so places may outlive this.
class endpoint_limits {
    struct counts {
        std::size_t under_way = 0;
        std::size_t failures = 0;
        std::int64_t minute_ends_ms = 0;
    };

  public:
    // A request's place among those of its address; given back by release() or at its end.
    class place {
      public:
        place() = default;
        explicit place(std::shared_ptr<counts> of) : of_(std::move(of)) { ++of_->under_way; }
        place(place&&) = default;
        place& operator=(place&& other) noexcept {
            release();
            of_ = std::move(other.of_);
            return *this;
        }
        ~place() { release(); }
        void release() {
            if (of_) --of_->under_way;
            of_.reset();
        }

      private:
        std::shared_ptr<counts> of_;
    };

    endpoint_limits(base::clock& clock, endpoint_rules rules) : clock_(clock), rules_(rules) {}

    bool is_full(const std::string& token) const;
    // How long the address takes nothing because too many signatures were refused; 0: it is open.
    std::int64_t shut_for_ms(const std::string& token) const;
    place enter(const std::string& token);
    void count_failure(const std::string& token);

  private:
    counts& of(const std::string& token);

    base::clock& clock_;
    endpoint_rules rules_;
    std::unordered_map<std::string, std::shared_ptr<counts>> by_token_;  // of known addresses only
};

}  // namespace sluice::trigger
