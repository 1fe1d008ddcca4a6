#include "store/key_filter.hpp"

#include <algorithm>
#include <cstring>

namespace sluice::store {

namespace {

constexpr std::size_t words_of_first_layer = 512;
constexpr std::size_t keys_per_word = 4;  // 16 bits a key, with 7 probes: 1 in 1,400 a layer
constexpr std::uint64_t probes = 7;

// The key is a digest already: its halves serve as two independent hash values.
struct walk {
    walk(const std::string& key, std::size_t words) : bits(words * 64) {
        std::memcpy(&at, key.data(), sizeof at);
        std::memcpy(&step, key.data() + sizeof at, sizeof step);
        step |= 1;
    }
    std::uint64_t next() {
        at += step;
        return at % bits;
    }
    std::uint64_t bits;
    std::uint64_t at = 0;
    std::uint64_t step = 0;
};

bool has(const std::vector<std::uint64_t>& bits, const std::string& key) {
    walk where(key, bits.size());
    for (std::uint64_t i = 0; i < probes; ++i) {
        const std::uint64_t bit = where.next();
        if ((bits[bit / 64] >> (bit % 64) & 1u) == 0) return false;
    }
    return true;
}

}  // namespace

void key_filter::add(const std::string& key) {
    if (layers_.empty() || in_last_ == layers_.back().size() * keys_per_word) {
        layers_.emplace_back(words_of_first_layer << layers_.size());
        in_last_ = 0;
    }
    ++in_last_;
    walk where(key, layers_.back().size());
    for (std::uint64_t i = 0; i < probes; ++i) {
        const std::uint64_t bit = where.next();
        layers_.back()[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
}

bool key_filter::may_have(const std::string& key) const {
    return std::any_of(layers_.begin(), layers_.end(),
                       [&key](const auto& layer) { return has(layer, key); });
}

std::size_t key_filter::bytes() const {
    std::size_t words = 0;
    for (const auto& layer : layers_)
        words += layer.size();
    return words * sizeof(std::uint64_t);
}

}  // namespace sluice::store
