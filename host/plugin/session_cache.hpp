// Idle sessions of one connector (service sluice.session/1): logins and open connections that wait
// for the next call with the same values.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

struct session_ports {
    base::event_loop& loop;
    base::clock& clock;
    // Runs it on the connector's bounded pool; false when that is full.
    std::function<bool(std::function<void()>)> run_blocking;
    // Calls into the connector: names it should the process die there.
    std::function<void(const std::function<void()>&)> enter;
};

// Any thread, unless said otherwise. No lock is held while the connector closes a session.
class session_cache : public std::enable_shared_from_this<session_cache> {
  public:
    static constexpr std::size_t most_of_one_key = 8;
    static constexpr std::size_t most_of_all = 256;
    static constexpr std::size_t longest_key = 256;
    static constexpr std::int64_t longest_idle_ms = 600'000;
    static constexpr std::int64_t full_pool_pause_ms = 1'000;

    explicit session_cache(session_ports ports) : ports_(std::move(ports)) {}

    // What keeps sessions apart: the instance and a digest of the connection's values.
    static std::string owner_of(std::string_view instance, std::string_view connection_json);

    // The one kept last, or null.
    void* take(const std::string& owner, std::string_view key);
    // False: the cache is closed; the session is still the caller's to close.
    bool keep(const std::string& owner, std::string_view key, void* session, std::uint64_t idle_ms,
              sluice_fn close);
    // Closes all of an owner.
    void forget(const std::string& owner);
    // Accepts no more and uses its ports no more.
    void stop();
    // Closes everything and accepts no more; returns when the last `close` has. On
    // the pool.
    void close_all();

    std::size_t idle() const;
    // Costs no lock: whether there can be anything to forget.
    bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }

  private:
    struct entry {
        std::string owner;
        std::string key;
        void* session = nullptr;
        sluice_fn close = nullptr;
        std::int64_t until_ns = 0;
    };
    using entries = std::list<entry>;

    void retire(entries::iterator one);  // with the lock
    void drain_later();                  // with the lock
    void drain();
    void sweep();
    void watch(std::int64_t until_ns);  // with the lock

    const session_ports ports_;
    mutable std::mutex mutex_;
    std::condition_variable closed_one_;
    entries idle_;     // the one kept last comes first
    entries retired_;  // to be closed
    std::atomic<std::size_t> count_ = 0;
    std::size_t closing_ = 0;  // `close` runs
    bool draining_ = false;    // someone will look after retired_
    bool stopped_ = false;
    std::int64_t sweep_at_ns_ = 0;  // 0: no timer
    base::event_loop::timer_id timer_ = 0;
};

}  // namespace sluice::plugin
