#include "base/recent_secrets.hpp"

#include <algorithm>
#include <iterator>

namespace sluice::base {

void recent_secrets::add(std::string_view secret) {
    const auto found = std::find(known_.begin(), known_.end(), secret);
    if (found != known_.end()) {
        // What is in use is not among the first to go.
        std::rotate(found, std::next(found), known_.end());
        return;
    }
    known_.emplace_back(secret);
    hidden_.add(secret);
    if (known_.size() < 2 * most_) return;
    // Many at once: to forget costs as much as to learn all that stay.
    known_.erase(known_.begin(), known_.begin() + static_cast<std::ptrdiff_t>(most_));
    hidden_ = {};
    for (const std::string& one : known_)
        hidden_.add(one);
}

}  // namespace sluice::base
