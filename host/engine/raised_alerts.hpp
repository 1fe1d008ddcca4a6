// Which alerts are raised, or may be in a moment: so that a success costs nothing when none is.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/types.hpp"

namespace sluice::engine {

// A change of an alert that is on its way to the store.
struct alert_under_way {
    std::string key;
    bool raised = true;
    std::uint64_t number = 0;  // of the last raising when it began
    // What became of it; filled once it is durable.
    std::shared_ptr<const store::alert_outcome> outcome;
};

// By the keys of their records. Loop thread.
class raised_alerts {
  public:
    // Those that the store has. Before anything else.
    void start(const std::vector<store::config_record>& kept);
    bool none() const { return keys_.empty(); }
    // False: there is nothing to clear, in the store or on the way there.
    bool contains(const std::string& key) const { return keys_.contains(key); }

    alert_under_way begin(const store::alert_op& change);
    // It is durable. One that never becomes durable is not told here: it may be there.
    void kept(const alert_under_way& change);

  private:
    std::map<std::string, std::uint64_t> keys_;  // with the number of the last raising
    std::uint64_t last_ = 0;
};

}  // namespace sluice::engine
