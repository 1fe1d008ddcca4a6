#include "net/io_loop.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "base/panic.hpp"
#include "net/io_loop_impl.hpp"

namespace sluice::net {

namespace asio = boost::asio;

io_loop::io_loop() : impl_(std::make_unique<impl>()) {}

// Destroying dropped work may run destructors that post or cancel: these find impl_ empty.
io_loop::~io_loop() {
    auto dying = std::move(impl_);
    dying->timers_.clear();
}

void io_loop::run() {
    impl_->thread_ = std::this_thread::get_id();
    try {
        impl_->context_.run();
    } catch (const std::exception& thrown) {
        base::panic(std::string("an exception reached the event loop: ") + thrown.what());
    }
    impl_->thread_ = std::thread::id();
    impl_->context_.restart();
}

void io_loop::stop() { impl_->context_.stop(); }

void io_loop::post(std::function<void()> work) {
    if (impl_) asio::post(impl_->context_, std::move(work));
}

base::event_loop::timer_id io_loop::run_after(std::int64_t delay_ms, std::function<void()> work) {
    if (!impl_) return 1;
    // Rounded up, so that work never runs before its time.
    const auto due = steady_ms() + std::max<std::int64_t>(delay_ms, 0) + 1;
    std::lock_guard lock(impl_->mutex_);
    const auto id = ++impl_->last_timer_;
    impl_->timers_.emplace(std::pair(due, id), std::move(work));
    impl_->due_.emplace(id, due);
    impl_->arm();
    return id;
}

void io_loop::cancel(timer_id timer) {
    if (!impl_) return;
    std::function<void()> dropped;  // destroyed after the lock: it may hold anything
    std::lock_guard lock(impl_->mutex_);
    const auto found = impl_->due_.find(timer);
    if (found == impl_->due_.end()) return;
    auto node = impl_->timers_.extract({found->second, timer});
    dropped = std::move(node.mapped());
    impl_->due_.erase(found);
}

bool io_loop::in_loop_thread() const {
    return impl_ && impl_->thread_ == std::this_thread::get_id();
}

void io_loop::add_signal_handler(std::vector<int> signals, std::function<void(int)> handler) {
    auto& set = impl_->signals_.emplace_back(impl_->context_);
    for (const int number : signals) {
        boost::system::error_code problem;
        set.add(number, problem);
        if (problem) base::panic("cannot handle signal " + std::to_string(number));
    }
    impl_->wait_signal(set, std::move(handler));
}

std::int64_t io_loop::steady_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

void io_loop::impl::arm() {
    if (timers_.empty()) return;
    const auto due = timers_.begin()->first.first;
    if (armed_for_ != 0 && armed_for_ <= due) return;  // an early alarm only looks again
    armed_for_ = due;
    // The timer object belongs to the loop's thread.
    asio::post(context_, [this] {
        std::lock_guard lock(mutex_);
        if (armed_for_ == 0) return;
        alarm_.expires_at(
            std::chrono::steady_clock::time_point(std::chrono::milliseconds(armed_for_)));
        alarm_.async_wait([this](boost::system::error_code stopped) {
            if (!stopped) run_due();
        });
    });
}

void io_loop::impl::run_due() {
    std::unique_lock lock(mutex_);
    armed_for_ = 0;
    // Timers added meanwhile wait for the next alarm, so that sockets get their turn.
    const due_key end{steady_ms() + 1, 0};
    while (!timers_.empty() && timers_.begin()->first < end) {
        auto node = timers_.extract(timers_.begin());
        due_.erase(node.key().second);
        lock.unlock();
        node.mapped()();
        node.mapped() = nullptr;
        lock.lock();
    }
    arm();
}

void io_loop::impl::wait_signal(asio::signal_set& signals, std::function<void(int)> handler) {
    signals.async_wait([this, &signals, handler = std::move(handler)](
                           boost::system::error_code stopped, int number) mutable {
        if (stopped) return;
        handler(number);
        wait_signal(signals, std::move(handler));
    });
}

}  // namespace sluice::net
