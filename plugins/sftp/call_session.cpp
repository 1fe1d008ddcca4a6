#include "call_session.hpp"

#include <chrono>

#include "connect_socket.hpp"

namespace sluice::sftp {
namespace {

constexpr std::string_view session_key = "sftp";
// Shorter than servers put up with, and than routers remember a connection that says nothing.
constexpr std::chrono::seconds longest_idle(60);

}  // namespace

call_session::~call_session() {
    if (!session_) return;
    session_->use_for(nullptr);  // first: after that the watchdog does not end it any more
    if (!session_->usable()) return;
    try {
        ctx_.keep_session(session_key, std::move(session_), longest_idle);
    } catch (...) {
        // Then the next call connects anew.
    }
}

session& call_session::get() {
    if (session_) return *session_;
    stop_if_cancelled(ctx_);
    // After a loss the idle ones are probably dead, too.
    if (failures_ == 0) session_ = ctx_.take_session<session>(session_key);
    reused_ = session_ != nullptr;
    if (reused_) {
        session_->use_for(&ctx_);
    } else {
        session_ = std::make_unique<session>(settings_, ctx_, dog_);
    }
    return *session_;
}

void call_session::lost(const connection_lost& why, std::uint64_t progress) {
    session_.reset();
    stop_if_cancelled(ctx_);
    if (progress > progress_) failures_ = 0;
    progress_ = progress;
    ++failures_;
    // A server that hangs is not asked three times, each of them as long as the timeout.
    const unsigned most = why.code() == SLUICE_TIMEOUT && !reused_ ? 0 : 2;
    if (failures_ > most) throw connection_lost(why);
}

}  // namespace sluice::sftp
