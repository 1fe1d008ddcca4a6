#include "watchdog.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

namespace sluice::sftp {
namespace {

constexpr unsigned rounds_in_a_second = 10;
constexpr std::chrono::milliseconds round_time(1000 / rounds_in_a_second);

}  // namespace

watchdog::~watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void watchdog::run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
        // While nothing is in use it costs nothing.
        changed_.wait(lock, [&] {
            return ended_ || std::any_of(all_.begin(), all_.end(), [](const watched* each) {
                       return each->call_ != nullptr;
                   });
        });
        changed_.wait_for(lock, round_time, [&] { return ended_; });
        for (watched* each : all_)
            look_at(*each);
    }
}

void watchdog::look_at(watched& each) {
    if (each.call_ == nullptr || each.verdict_ != verdict::fine) return;
    if (each.call_->cancelled()) each.verdict_ = verdict::cancelled;
    if (++each.rounds_ > each.most_rounds_) each.verdict_ = verdict::hangs;
    // libssh sees the end of the connection, and gives up.
    if (each.verdict_ != verdict::fine) ::shutdown(each.socket_.get(), SHUT_RDWR);
}

watchdog::watched::watched(std::shared_ptr<watchdog> by, int socket, unsigned timeout_seconds,
                           const context& call)
    : by_(std::move(by)),
      socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)),
      most_rounds_(timeout_seconds * rounds_in_a_second),
      call_(&call) {
    if (!socket_) throw failure(SLUICE_UNAVAILABLE, "too many open files");
    const std::lock_guard lock(by_->mutex_);
    by_->all_.push_back(this);
    watchdog* owner = by_.get();
    if (!owner->thread_.joinable()) owner->thread_ = std::thread([owner] { owner->run(); });
    owner->changed_.notify_all();
}

watchdog::watched::~watched() {
    const std::lock_guard lock(by_->mutex_);
    std::erase(by_->all_, this);
}

void watchdog::watched::use_for(const context* call) {
    const std::lock_guard lock(by_->mutex_);
    call_ = call;
    rounds_ = 0;
    by_->changed_.notify_all();
}

void watchdog::watched::start_anew() {
    const std::lock_guard lock(by_->mutex_);
    rounds_ = 0;
}

watchdog::verdict watchdog::watched::found() const {
    const std::lock_guard lock(by_->mutex_);
    return verdict_;
}

}  // namespace sluice::sftp
