// What is in scope while a program runs: variables, arguments and labels, as linked frames.
//
// Which frame and slot a name means is settled when the program is compiled. Frames belong to one
// evaluation on one thread, so their counts are not atomic.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "json/value.hpp"

namespace sluice::expression {

struct node;
struct frame;

// A counted pointer to the innermost frame; null outside of all.
class scope {
  public:
    scope() = default;
    explicit scope(frame* owned) : top_(owned) {}  // takes over one reference
    scope(const scope& other);
    scope(scope&& other) noexcept : top_(std::exchange(other.top_, nullptr)) {}
    scope& operator=(scope other) noexcept {
        std::swap(top_, other.top_);
        return *this;
    }
    ~scope();

    frame* operator->() const { return top_; }
    frame& at(int hops) const;
    scope up(int hops) const;

  private:
    frame* top_ = nullptr;
};

struct frame {
    int references = 1;
    scope outer;
    json::value first;               // slot 0
    std::vector<json::value> more;   // slots 1..
    const node* argument = nullptr;  // of a closure parameter, to run in `argument_scope`
    scope argument_scope;
    std::int64_t label = 0;

    json::value& slot(int index) {
        return index == 0 ? first : more[static_cast<std::size_t>(index) - 1];
    }
};

scope push_variables(scope outer, int count);
scope push_argument(scope outer, const node* argument, scope argument_scope);
scope push_label(scope outer, std::int64_t label);

}  // namespace sluice::expression
