// The one place that makes threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::base {

// A thread with a name (for debuggers and `top`; cut to 15 bytes) that is joined when this ends.
// An exception that leaves the body ends the process.
class thread {
  public:
    thread() = default;  // no thread
    thread(std::string name, std::function<void()> body);
    thread(thread&& other) noexcept = default;
    thread& operator=(thread&& other) noexcept;
    ~thread() { join(); }

    // Waits for the body to end; nothing happens the second time. Not from the thread itself.
    void join();
    bool is_current() const { return std::this_thread::get_id() == running_.get_id(); }

  private:
    std::thread running_;
};

// Runs blocking work beside the event loop. Threads are started when there is work for them and
// stay until the end.
class blocking_pool {
  public:
    // At most `threads` pieces of work run and at most `waiting` wait for a thread.
    blocking_pool(std::string name, std::size_t threads, std::size_t waiting);
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;
    // Waits for all work that was accepted.
    ~blocking_pool();

    // False when no more work is accepted now; `work` is then dropped. Otherwise it runs later on
    // a thread of the pool. Any thread.
    bool submit(std::function<void()> work);

  private:
    bool start_thread();
    void run();

    const std::string name_;
    const std::size_t most_threads_;
    const std::size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::size_t busy_ = 0;
    bool ending_ = false;
    std::vector<thread> threads_;
};

}  // namespace sluice::base
