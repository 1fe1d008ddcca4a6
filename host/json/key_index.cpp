#include "json/key_index.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/random.hpp"

namespace sluice::json {

namespace {

struct hash_key {
    std::uint64_t first;
    std::uint64_t second;
};

const hash_key& process_key() {
    static const hash_key key = [] {
        base::secure_random random;
        return hash_key{random.next(), random.next()};
    }();
    return key;
}

// SipHash (Aumasson, Bernstein) with one round a block and three at the end.
class sip_state {
  public:
    explicit sip_state(const hash_key& key)
        : v0_(key.first ^ 0x736f6d6570736575u),
          v1_(key.second ^ 0x646f72616e646f6du),
          v2_(key.first ^ 0x6c7967656e657261u),
          v3_(key.second ^ 0x7465646279746573u) {}

    void add(std::uint64_t block) {
        v3_ ^= block;
        round();
        v0_ ^= block;
    }
    std::uint64_t finish() {
        v2_ ^= 0xff;
        round();
        round();
        round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

  private:
    void round() {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }
    std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

std::uint32_t key_hash(std::string_view key) {
    sip_state state(process_key());
    const std::uint64_t length = key.size();
    std::uint64_t block = 0;
    for (; key.size() >= sizeof block; key.remove_prefix(sizeof block)) {
        std::memcpy(&block, key.data(), sizeof block);
        state.add(block);
    }
    block = 0;
    if (!key.empty()) std::memcpy(&block, key.data(), key.size());
    state.add(block | length << 56);
    return static_cast<std::uint32_t>(state.finish());
}

key_index::key_index(std::size_t expected) : slots_(std::bit_ceil(expected * 2 + 2)) {}

void key_index::insert(std::string_view key, std::size_t position) {
    if ((used_ + 1) * 2 > slots_.size()) {
        std::vector<slot> old(slots_.size() * 2);
        std::swap(old, slots_);
        for (const slot& entry : old) {
            if (entry.position != empty) place(entry);
        }
    }
    place({static_cast<std::uint32_t>(position), key_hash(key)});
    ++used_;
}

void key_index::place(slot entry) {
    std::size_t at = entry.hash & mask();
    while (slots_[at].position != empty)
        at = (at + 1) & mask();
    slots_[at] = entry;
}

}  // namespace sluice::json
