// How much of the host's memory the requests of one process may keep at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "plugin/frame.hpp"

namespace sluice::plugin {

// Any thread. Shared, because operations may outlive their session.
class request_memory : public std::enable_shared_from_this<request_memory> {
  public:
    static constexpr std::size_t limit = 128u << 20;
    // So that whatever one request may hold has room when nothing else is under way.
    static_assert(limit >= frame_body_limit + blob_piece);

    // Is given back when the last copy goes; nothing when there is no room.
    std::shared_ptr<void> claim(std::size_t bytes) {
        if (used_.fetch_add(bytes) + bytes <= limit) {
            return {static_cast<void*>(this),
                    [own = shared_from_this(), bytes](void*) { own->used_ -= bytes; }};
        }
        used_ -= bytes;
        return nullptr;
    }

  private:
    std::atomic<std::size_t> used_ = 0;
};

}  // namespace sluice::plugin
