// Addresses that only those can know who were told: an execution's id with a proof beside it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace sluice::trigger {

inline constexpr std::string_view runs_prefix = "/runs/";

// Immutable; any thread.
class run_capabilities {
  public:
    // `key`: 32 random bytes.
    explicit run_capabilities(std::string key) : key_(std::move(key)) {}
    // With the key that the store has kept; makes one at the first start. Blocks.
    static base::result<run_capabilities> open(store::store& store, base::random_source& random);

    // "x01jd3kq5m7zr2.<43 characters>"
    std::string make(store::event_id id) const;
    // The execution, when the proof is right. The time taken does not depend on how much of it is.
    std::optional<store::event_id> check(std::string_view capability) const;

  private:
    std::string proof_of(std::string_view id) const;

    std::string key_;
};

}  // namespace sluice::trigger
