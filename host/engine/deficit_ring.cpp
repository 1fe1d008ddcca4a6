#include "engine/deficit_ring.hpp"

#include <algorithm>

namespace sluice::engine {

void deficit_ring::join(member& one, std::uint64_t cost) {
    one.since_ = std::max(one.since_, round_);
    put(one, cost);
}

void deficit_ring::rejoin(member& one, std::uint64_t cost) { put(one, cost); }

std::uint64_t deficit_ring::turn_of(const member& one, std::uint64_t cost) const {
    const std::uint64_t turn = one.since_ + std::clamp<std::uint64_t>(cost, 1, highest_cost);
    return std::clamp(turn, round_, round_ + highest_cost);
}

void deficit_ring::put(member& one, std::uint64_t cost) {
    one.turn_ = turn_of(one, cost);
    one.in_ring_ = true;
    line_of(one.turn_).push_back(&one);
    occupied_ |= std::uint64_t{1} << one.turn_ % lines_.size();
}

void deficit_ring::leave(member& one) {
    if (!one.in_ring_) return;
    one.in_ring_ = false;
    line& its = line_of(one.turn_);
    its.erase(std::find(its.begin(), its.end(), &one));
    if (its.empty()) occupied_ &= ~(std::uint64_t{1} << one.turn_ % lines_.size());
}

void deficit_ring::change_cost(member& one, std::uint64_t cost) {
    if (!one.in_ring_ || turn_of(one, cost) == one.turn_) return;
    leave(one);
    put(one, cost);
}

void deficit_ring::charge(member& one, std::uint64_t cost) {
    if (!one.in_ring_) one.since_ = std::max(one.since_, round_);
    // Debts end some time, whatever they are for.
    one.since_ = std::min(one.since_ + cost, round_ + highest_cost);
}

// Whoever was passed by has its turn in the new round, before the others.
void deficit_ring::advance(std::uint64_t round) {
    line& now = line_of(round);
    for (std::uint64_t earlier = round; earlier-- > round_;) {
        line& passed = line_of(earlier);
        for (; !passed.empty(); passed.pop_back()) {
            member& one = *passed.back();
            one.since_ += round - one.turn_;
            one.turn_ = round;
            now.push_front(&one);
        }
        occupied_ &= ~(std::uint64_t{1} << earlier % lines_.size());
    }
    if (!now.empty()) occupied_ |= std::uint64_t{1} << round % lines_.size();
    round_ = round;
}

}  // namespace sluice::engine
