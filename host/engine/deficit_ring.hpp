// Deficit round robin: members take turns in proportion to what their turns cost.
//
// Each round gives every member in the ring one unit; a member has its turn in the round in which
// it has collected what that turn costs. So a turn of cost 5 comes once in five turns of cost 1.
// Rounds in which a member would only collect are not visited: it stands in the line of the round
// in which it has enough. A pick is O(1) while the first in line is ready, and else looks at the
// others.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace sluice::engine {

class deficit_ring {
  public:
    // Costs are at least 1; what costs more than this counts as this.
    static constexpr std::uint64_t highest_cost = 63;

    class member {
      public:
        bool in_ring() const { return in_ring_; }

      private:
        friend class deficit_ring;
        bool in_ring_ = false;
        std::uint64_t turn_ = 0;   // the round of its turn, while it is in the ring
        std::uint64_t since_ = 0;  // it collects from this round on; later than now: it has debts
    };

    // Puts a member in the ring that is not. What it collected before is gone, debts are not.
    void join(member& one, std::uint64_t cost);
    // The same for one that next() gave and that did not use its turn: keeps what it collected.
    void rejoin(member& one, std::uint64_t cost);
    void leave(member& one);
    // The next turn of one in the ring costs something else.
    void change_cost(member& one, std::uint64_t cost);
    // A turn that it had has turned out to cost this much more. Who is in the ring needs
    // change_cost() after it.
    void charge(member& one, std::uint64_t cost);
    // The member took the turn that next() gave it.
    void spend(member& one) { one.since_ = round_; }

    // Takes the first member out of the ring for which `ready`; null: there is none. Those that
    // are not are passed by and come first the next time; they collect nothing meanwhile.
    template <class Ready>
    member* next(const Ready& ready) {
        for (std::uint64_t ahead = occupied(); ahead != 0; ahead &= ahead - 1) {
            const std::uint64_t round = round_ + static_cast<unsigned>(std::countr_zero(ahead));
            line& candidates = line_of(round);
            for (std::size_t i = 0; i < candidates.size(); ++i) {
                member& one = *candidates[i];
                if (!ready(one)) continue;
                leave(one);
                advance(round);
                return &one;
            }
        }
        return nullptr;
    }

  private:
    using line = std::deque<member*>;

    line& line_of(std::uint64_t round) { return lines_[round % lines_.size()]; }
    // Bit n: somebody's turn is n rounds from now.
    std::uint64_t occupied() const { return std::rotr(occupied_, static_cast<int>(round_ % 64)); }
    std::uint64_t turn_of(const member& one, std::uint64_t cost) const;
    void put(member& one, std::uint64_t cost);
    void advance(std::uint64_t round);

    // Nobody's turn is further away than the highest cost.
    std::array<line, highest_cost + 1> lines_;
    std::uint64_t occupied_ = 0;  // bit n: lines_[n] is not empty
    std::uint64_t round_ = 0;
};

}  // namespace sluice::engine
