#include "expression/located.hpp"

#include <algorithm>

namespace sluice::expression {

trail::~trail() {
    while (last_ != nullptr && --last_->references == 0) {
        link* const before = last_->before;
        delete last_;
        last_ = before;
    }
}

trail trail::then(json::value key) const {
    if (last_ != nullptr) ++last_->references;
    return trail(new link{1, last_, size() + 1, std::move(key)});
}

json::value trail::to_array() const {
    std::vector<json::value> keys;
    for (const link* at = last_; at != nullptr; at = at->before)
        keys.push_back(at->key);
    std::reverse(keys.begin(), keys.end());
    return json::value::array(std::move(keys));
}

}  // namespace sluice::expression
