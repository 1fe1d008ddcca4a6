// What the sockets of this module see of the loop.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "net/io_loop.hpp"

namespace sluice::net {

struct io_loop::impl {
    using due_key = std::pair<std::int64_t, timer_id>;  // steady milliseconds, then age

    void arm();      // points alarm_ at the earliest timer; mutex_ held
    void run_due();  // on the loop's thread
    void wait_signal(boost::asio::signal_set& signals, std::function<void(int)> handler);

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_{
        context_.get_executor()};
    std::atomic<std::thread::id> thread_{};
    std::list<boost::asio::signal_set> signals_;

    // One system timer serves all: arming and cancelling are map operations, from any thread.
    boost::asio::steady_timer alarm_{context_};
    std::mutex mutex_;
    std::map<due_key, std::function<void()>> timers_;
    std::unordered_map<timer_id, std::int64_t> due_;
    timer_id last_timer_ = 0;
    std::int64_t armed_for_ = 0;  // what alarm_ waits for; 0: nothing
};

}  // namespace sluice::net
