#include "engine/fetched_secrets.hpp"

#include <algorithm>

namespace sluice::engine {

void fetched_secrets::add(std::string_view secret) {
    if (std::find(known_.begin(), known_.end(), secret) != known_.end()) return;
    known_.emplace_back(secret);
    if (known_.size() <= most) return hidden_.add(secret);
    known_.pop_front();
    hidden_ = {};
    for (const std::string& one : known_)
        hidden_.add(one);
}

}  // namespace sluice::engine
