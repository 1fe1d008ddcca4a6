// Remembers that a step has begun something that cannot be seen to have been done already, such as
// a move: when the answer is lost, or the host dies, the step comes again.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::dropbox {

class begun_work {
  public:
    // The context must outlive this object.
    begun_work(const context& ctx, std::string_view what);

    // What an earlier attempt of this step has noted; null when this is the first.
    task<json> earlier() const;
    // Durable afterwards. Not null.
    task<void> note(json value) const;
    task<void> forget() const;

  private:
    const context& context_;
    std::string key_;
};

}  // namespace sluice::dropbox
