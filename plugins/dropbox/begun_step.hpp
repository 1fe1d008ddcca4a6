// Remembers of a step that it has begun something that cannot be seen to have been done already: a
// move, a copy, a deletion. When the answer is lost, or the host dies before it has recorded the
// step, the step comes again and finds that it is not the first try.
//
// What succeeds stays remembered, as the host records a step after it has ended. So notes have 256
// places, by a hash of the step: a later step takes the place of an earlier one. Two steps in one
// place at the same time cost the first one its memory.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::dropbox {

class begun_step {
  public:
    // The context must outlive this object.
    begun_step(const context& ctx, std::string_view what);

    // Notes the step, durably. True: it was noted before.
    task<bool> begin_again() const;
    // It has done nothing, and its next try is a first one.
    task<void> forget() const;

  private:
    const context& context_;
    std::string place_;
};

}  // namespace sluice::dropbox
