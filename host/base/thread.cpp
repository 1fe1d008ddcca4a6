#include "base/thread.hpp"

#include <pthread.h>

#include <exception>
#include <system_error>
#include <utility>

#include "base/panic.hpp"

namespace sluice::base {

thread::thread(std::string name, std::function<void()> body)
    : running_([name = std::move(name), body = std::move(body)] {
          ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
          try {
              body();
          } catch (const std::exception& thrown) {
              panic("an exception escaped from thread " + name + ": " + thrown.what());
          } catch (...) {
              panic("an exception escaped from thread " + name);
          }
      }) {}

thread& thread::operator=(thread&& other) noexcept {
    if (this != &other) {
        join();
        running_ = std::move(other.running_);
    }
    return *this;
}

void thread::join() {
    if (running_.joinable()) running_.join();
}

blocking_pool::blocking_pool(std::string name, std::size_t threads, std::size_t waiting)
    : name_(std::move(name)), most_threads_(threads), most_waiting_(waiting) {
    if (threads == 0) panic("a blocking_pool needs at least one thread");
}

blocking_pool::~blocking_pool() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    threads_.clear();  // joins
}

bool blocking_pool::submit(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (busy_ + queue_.size() >= most_threads_ + most_waiting_) return false;
        const bool all_needed = busy_ + queue_.size() >= threads_.size();
        if (all_needed && threads_.size() < most_threads_ && !start_thread() && threads_.empty()) {
            return false;
        }
        queue_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
}

bool blocking_pool::start_thread() {
    try {
        threads_.emplace_back(name_, [this] { run(); });
        return true;
    } catch (const std::system_error&) {
        return false;  // the system's limit; those that run take over
    }
}

void blocking_pool::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) return;
        {
            std::function<void()> work = std::move(queue_.front());
            queue_.pop_front();
            ++busy_;
            lock.unlock();
            work();
        }
        lock.lock();
        --busy_;
    }
}

}  // namespace sluice::base
