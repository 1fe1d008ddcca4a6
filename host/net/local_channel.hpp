// A stream of bytes between two processes of this machine, over a pair of sockets.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_descriptor.hpp"
#include "base/result.hpp"

namespace sluice::net {

// Two connected ends, closed on exec.
base::result<std::pair<base::file_descriptor, base::file_descriptor>> make_local_pair();

// One end of it, with a thread of its own.
class local_channel {
  public:
    struct events {
        // On the channel's thread.
        std::function<void(std::string_view bytes)> received;
        // On the channel's thread, once, as the last event: the other end is gone and all that it
        // sent has been received, or it left more than `waiting_limit` bytes unread.
        std::function<void()> ended;
    };
    // `other_process`: can be read once the process at the other end has ended (base::watch_child);
    // its helpers may still hold that end then. None: only the socket tells.
    local_channel(base::file_descriptor end, std::string name, std::size_t waiting_limit,
                  events handlers, base::file_descriptor other_process = {});
    // Sends nothing more; no event comes from then on. Not from an event.
    ~local_channel();
    local_channel(const local_channel&) = delete;
    local_channel& operator=(const local_channel&) = delete;

    // Never waits for the other end. Dropped once the channel has ended. Any thread.
    void send(std::string_view bytes);
    // Waits until all that was sent is out of this process, so that it arrives even if this process
    // dies now; or until the channel has ended. Any thread but the channel's.
    void flush();
    // `ended` follows soon. Any thread.
    void stop();
    // What the destructor does, while others may still call send(). Not from an event.
    void close();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sluice::net
