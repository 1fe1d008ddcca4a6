// The connection of one call: an idle one of an earlier call or a new one, and another when it
// breaks.
#pragma once

#include <memory>
#include <sluice/connector.hpp>

#include "session.hpp"

namespace sluice::sftp {

class call_session {
  public:
    call_session(context& ctx, std::shared_ptr<watchdog> dog)
        : ctx_(ctx), settings_(read_settings(ctx)), dog_(std::move(dog)) {}
    call_session(const call_session&) = delete;
    call_session& operator=(const call_session&) = delete;
    // Keeps the connection for later calls, if it can still be used.
    ~call_session();

    session& get();
    // In the handler of a connection_lost: returns when a new connection is worth a try, otherwise
    // throws it again. `progress`: bytes that are safe, which grow while it is worth it.
    void lost(const connection_lost& why, std::uint64_t progress = 0);

  private:
    context& ctx_;
    settings settings_;
    std::shared_ptr<watchdog> dog_;
    std::unique_ptr<session> session_;
    bool reused_ = false;
    unsigned failures_ = 0;
    std::uint64_t progress_ = 0;
};

// work(session&), again on a new connection when one broke: so it must be something that may be
// done twice.
template <class Work>
json on_session(context& ctx, const std::shared_ptr<watchdog>& dog, Work work) {
    call_session connected(ctx, dog);
    for (;;) {
        try {
            return work(connected.get());
        } catch (const connection_lost& why) {
            connected.lost(why);
        }
    }
}

}  // namespace sluice::sftp
