#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "net/resolver.hpp"

namespace sluice::net {

namespace {

namespace asio = boost::asio;
using base::error_code;
using base::make_error;
using addresses = std::vector<ip_address>;

constexpr unsigned most_threads = 4;
constexpr std::size_t longest_queue = 10'000;

base::result<addresses> ask_system(const std::string& host) {
    // A context of its own: getaddrinfo blocks, and nothing here shares the loop's.
    asio::io_context context;
    asio::ip::tcp::resolver names(context);
    boost::system::error_code problem;
    const auto found = names.resolve(host, "", problem);
    if (problem) {
        return make_error(error_code::unavailable,
                          "the name " + host + " cannot be resolved: " + problem.message());
    }
    addresses list;
    for (const auto& entry : found) {
        const auto address = entry.endpoint().address();
        const auto made =
            address.is_v4()
                ? ip_address(std::span<const std::uint8_t, 4>(address.to_v4().to_bytes()))
                : ip_address(std::span<const std::uint8_t, 16>(address.to_v6().to_bytes()));
        if (std::find(list.begin(), list.end(), made) == list.end()) list.push_back(made);
    }
    if (list.empty()) {
        return make_error(error_code::unavailable, "the name " + host + " has no address");
    }
    return list;
}

struct lookup {
    std::string host;
    resolver::done_function done;
};

// Shared with the threads, which outlive the resolver when a lookup hangs.
struct shared_state {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<lookup> waiting;
    unsigned threads = 0;
    unsigned idle = 0;
    io_loop* loop = nullptr;  // null once the resolver is gone; guarded by mutex
};

void work(const std::shared_ptr<shared_state>& state, const std::weak_ptr<void>& alive) {
    std::unique_lock lock(state->mutex);
    while (true) {
        ++state->idle;
        state->changed.wait(lock, [&] { return !state->loop || !state->waiting.empty(); });
        --state->idle;
        if (!state->loop) return;
        auto job = std::move(state->waiting.front());
        state->waiting.pop_front();
        lock.unlock();
        auto answer = ask_system(job.host);
        lock.lock();
        if (!state->loop) return;
        state->loop->post(
            [alive, done = std::move(job.done), answer = std::move(answer)]() mutable {
                if (alive.lock()) done(std::move(answer));
            });
    }
}

class system_resolver final : public resolver {
  public:
    explicit system_resolver(io_loop& loop) { state_->loop = &loop; }
    ~system_resolver() override {
        std::deque<lookup> dropped;
        std::lock_guard lock(state_->mutex);
        state_->loop = nullptr;
        dropped.swap(state_->waiting);
        state_->changed.notify_all();
    }

    void resolve(const std::string& host, done_function done) override {
        std::lock_guard lock(state_->mutex);
        if (state_->waiting.size() >= longest_queue) {
            state_->loop->post([alive = std::weak_ptr<void>(alive_), done = std::move(done)] {
                if (!alive.lock()) return;
                done(make_error(error_code::unavailable, "too many name lookups are waiting"));
            });
            return;
        }
        state_->waiting.push_back({host, std::move(done)});
        if (state_->idle < state_->waiting.size() && state_->threads < most_threads) {
            ++state_->threads;
            std::thread(work, state_, std::weak_ptr<void>(alive_)).detach();
        }
        state_->changed.notify_one();
    }

  private:
    std::shared_ptr<shared_state> state_ = std::make_shared<shared_state>();
    std::shared_ptr<void> alive_ = std::make_shared<int>(0);
};

}  // namespace

std::unique_ptr<resolver> make_system_resolver(io_loop& loop) {
    return std::make_unique<system_resolver>(loop);
}

}  // namespace sluice::net
