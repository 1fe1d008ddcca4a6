// Finds keys among many: a hash table of positions. Inside the module only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice::json {

// Keyed by a secret of the process, so that nobody can send an object whose keys all collide.
std::uint32_t key_hash(std::string_view key);

class key_index {
  public:
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
    // Up to this many keys, comparing each in turn is faster.
    static constexpr std::size_t worthwhile_above = 16;

    explicit key_index(std::size_t expected);

    // The position inserted for `key`; `key_at(position)` gives the key at a position.
    template <class KeyAt>
    std::size_t find(std::string_view key, KeyAt key_at) const {
        const std::uint32_t hash = key_hash(key);
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const slot& found = slots_[at];
            if (found.position == empty) return nowhere;
            if (found.hash == hash && key_at(found.position) == key) return found.position;
        }
    }

    // `key` must be new.
    void insert(std::string_view key, std::size_t position);

  private:
    static constexpr std::uint32_t empty = 0xffffffff;
    struct slot {
        std::uint32_t position = empty;
        std::uint32_t hash = 0;
    };
    std::size_t mask() const { return slots_.size() - 1; }
    void place(slot entry);

    std::vector<slot> slots_;  // a power of two, at most half full
    std::size_t used_ = 0;
};

}  // namespace sluice::json
