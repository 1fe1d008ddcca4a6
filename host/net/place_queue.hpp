// So many at once for each key, the rest in line. Internal to this module; loop's thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>

namespace sluice::net {

class place_queue {
  public:
    // Runs inside give_back(), with a place taken; false: it is no longer wanted.
    using when_free = std::function<bool()>;

    explicit place_queue(std::size_t places) : places_(places) {}

    // True: a place is taken. False: `later` stands in line for one.
    bool take(const std::string& key, when_free later) {
        entry& of = entries_[key];
        if (of.taken < places_) {
            ++of.taken;
            return true;
        }
        of.line.push_back(std::move(later));
        return false;
    }

    void give_back(const std::string& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return;
        while (!found->second.line.empty()) {
            const when_free next = std::move(found->second.line.front());
            found->second.line.pop_front();
            if (next()) return;
        }
        if (--found->second.taken == 0) entries_.erase(found);
    }

    void clear() { entries_.clear(); }

  private:
    struct entry {
        std::size_t taken = 0;
        std::deque<when_free> line;
    };
    std::size_t places_;
    std::unordered_map<std::string, entry> entries_;
};

}  // namespace sluice::net
