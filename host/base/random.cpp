#include "base/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "base/panic.hpp"

namespace sluice::base {

std::uint64_t random_source::next() {
    std::uint64_t number = 0;
    fill(std::as_writable_bytes(std::span(&number, 1)));
    return number;
}

std::uint64_t random_source::below(std::uint64_t bound) {
    if (bound == 0) panic("random_source::below needs a bound above 0");
    // 2^64 mod bound: the numbers below it would make the small remainders more likely.
    const std::uint64_t unfair = (0 - bound) % bound;
    std::uint64_t number = next();
    while (number < unfair)
        number = next();
    return number % bound;
}

void secure_random::fill(std::span<std::byte> out) {
    constexpr std::size_t chunk = 1u << 20;  // RAND_bytes takes an int
    while (!out.empty()) {
        const std::size_t now = std::min(out.size(), chunk);
        if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(now)) != 1) {
            panic("the system has no random numbers to give");
        }
        out = out.subspan(now);
    }
}

void seeded_random::fill(std::span<std::byte> out) {
    const std::lock_guard lock(mutex_);
    while (!out.empty()) {
        const std::uint64_t number = engine_();
        const std::size_t now = std::min(out.size(), sizeof number);
        std::memcpy(out.data(), &number, now);
        out = out.subspan(now);
    }
}

}  // namespace sluice::base
