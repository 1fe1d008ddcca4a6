// An IMAP connection for one call: a kept one that still lives, or a new one.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "imap_client.hpp"

namespace sluice::mail {

class mailbox_session {
  public:
    explicit mailbox_session(const context& ctx) : ctx_(ctx) {
        const account to = imap_account(ctx);
        client_ = ctx.take_session<imap_client>(key);
        if (!client_ || !client_->is_alive(ctx)) client_ = std::make_unique<imap_client>(to, ctx);
    }
    imap_client* operator->() const noexcept { return client_.get(); }
    // For the next call. Not after a failure: what the server says next may be about this call.
    void keep() {
        client_->rest();
        ctx_.keep_session(key, std::move(client_), std::chrono::minutes(5));
    }

  private:
    static constexpr const char* key = "imap";
    const context& ctx_;
    std::unique_ptr<imap_client> client_;
};

}  // namespace sluice::mail
