// Remembers how far a step has come with an upload: when an answer is lost, or the host dies, the
// step comes again and goes on there. (Of other things that a step has begun: begun_step.hpp.)
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
