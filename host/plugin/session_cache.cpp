#include "plugin/session_cache.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"

namespace sluice::plugin {

std::string session_cache::owner_of(std::string_view instance, std::string_view connection_json) {
    return base::sha256(connection_json).append(instance);
}

void* session_cache::take(const std::string& owner, std::string_view key) {
    if (empty()) return nullptr;
    const std::int64_t now = ports_.clock.steady_ns();
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(idle_, [&](const entry& one) {
        return one.until_ns > now && one.owner == owner && one.key == key;
    });
    if (found == idle_.end()) return nullptr;
    void* const session = found->session;
    idle_.erase(found);
    count_ = idle_.size();
    return session;
}

bool session_cache::keep(const std::string& owner, std::string_view key, void* session,
                         std::uint64_t idle_ms, sluice_fn close) {
    const auto idle = static_cast<std::int64_t>(
        std::min<std::uint64_t>(idle_ms, static_cast<std::uint64_t>(longest_idle_ms)));
    const std::int64_t until = ports_.clock.steady_ns() + idle * 1'000'000;
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    idle_.push_front({owner, std::string(key), session, close, until});
    std::size_t of_this_key = 0;
    for (auto one = idle_.begin(); one != idle_.end();) {
        const auto here = one++;
        if (here->owner != owner || here->key != key) continue;
        if (++of_this_key > most_of_one_key) retire(here);
    }
    if (idle_.size() > most_of_all) retire(std::prev(idle_.end()));
    count_ = idle_.size();
    watch(until);
    drain_later();
    return true;
}

void session_cache::forget(const std::string& owner) {
    if (empty()) return;
    const std::lock_guard lock(mutex_);
    for (auto one = idle_.begin(); one != idle_.end();) {
        const auto here = one++;
        if (here->owner == owner) retire(here);
    }
    count_ = idle_.size();
    drain_later();
}

void session_cache::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    retired_.splice(retired_.end(), idle_);
    count_ = 0;
    if (timer_ != 0) ports_.loop.cancel(std::exchange(timer_, 0));
}

void session_cache::close_all() {
    stop();
    drain();
    std::unique_lock lock(mutex_);
    closed_one_.wait(lock, [&] { return closing_ == 0; });
}

std::size_t session_cache::idle() const {
    const std::lock_guard lock(mutex_);
    return idle_.size();
}

void session_cache::retire(entries::iterator one) { retired_.splice(retired_.end(), idle_, one); }

// ---- Closing ------------------------------------------------------------------------------------

void session_cache::drain_later() {
    if (retired_.empty() || draining_ || stopped_) return;
    draining_ = true;
    const auto self = shared_from_this();
    if (ports_.run_blocking([self] { self->drain(); })) return;
    ports_.loop.run_after(full_pool_pause_ms, [self] {
        const std::lock_guard lock(self->mutex_);
        self->draining_ = false;
        self->drain_later();
    });
}

// On the pool. Several may run at once; each session is taken out by one of them.
void session_cache::drain() {
    std::unique_lock lock(mutex_);
    draining_ = false;
    while (!retired_.empty()) {
        const entry one = std::move(retired_.front());
        retired_.pop_front();
        ++closing_;
        lock.unlock();
        ports_.enter([&] { one.close(one.session); });
        lock.lock();
        --closing_;
    }
    closed_one_.notify_all();
}

// ---- Time ---------------------------------------------------------------------------------------

// One timer at a time, for the session that ends first.
void session_cache::watch(std::int64_t until_ns) {
    if (timer_ != 0 && sweep_at_ns_ <= until_ns) return;
    if (timer_ != 0) ports_.loop.cancel(timer_);
    sweep_at_ns_ = until_ns;
    const std::int64_t left_ns = std::max<std::int64_t>(until_ns - ports_.clock.steady_ns(), 0);
    const std::int64_t left_ms = (left_ns + 999'999) / 1'000'000;
    timer_ = ports_.loop.run_after(left_ms, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->sweep();
    });
}

// Loop thread.
void session_cache::sweep() {
    const std::int64_t now = ports_.clock.steady_ns();
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    timer_ = 0;
    std::int64_t next = 0;
    for (auto one = idle_.begin(); one != idle_.end();) {
        const auto here = one++;
        if (here->until_ns <= now) {
            retire(here);
        } else if (next == 0 || here->until_ns < next) {
            next = here->until_ns;
        }
    }
    count_ = idle_.size();
    if (next != 0) watch(next);
    drain_later();
}

}  // namespace sluice::plugin
