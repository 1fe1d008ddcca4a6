// Limits how deep a program may nest, so that neither parsing nor what follows runs out of stack.
#pragma once

#include "expression/parser.hpp"

namespace sluice::expression {

inline constexpr int max_nesting = 2000;

struct parser::nesting_guard {
    explicit nesting_guard(parser& owner) : owner_(owner) {
        if (++owner_.nesting_ > max_nesting) {
            throw syntax_error{"the program nests too deeply", "split it with def",
                               owner_.token_.offset};
        }
    }
    nesting_guard(const nesting_guard&) = delete;
    nesting_guard& operator=(const nesting_guard&) = delete;
    ~nesting_guard() { --owner_.nesting_; }

  private:
    parser& owner_;
};

}  // namespace sluice::expression
