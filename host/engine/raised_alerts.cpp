#include "engine/raised_alerts.hpp"

namespace sluice::engine {

void raised_alerts::start(const std::vector<store::config_record>& kept) {
    for (const store::config_record& one : kept)
        keys_.try_emplace(one.key, 0);
}

alert_under_way raised_alerts::begin(const store::alert_op& change) {
    alert_under_way out{change.key, change.raised, 0, change.told};
    if (change.raised) {
        out.number = keys_[change.key] = ++last_;
    } else if (const auto found = keys_.find(change.key); found != keys_.end()) {
        out.number = found->second;
    }
    return out;
}

void raised_alerts::kept(const alert_under_way& change) {
    if (change.raised) {
        keys_.try_emplace(change.key, change.number);
        return;
    }
    // Raised once more meanwhile: it is, or will be.
    const auto found = keys_.find(change.key);
    if (found != keys_.end() && found->second == change.number) keys_.erase(found);
}

}  // namespace sluice::engine
