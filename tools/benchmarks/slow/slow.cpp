// Holds calls by the host's timer and counts how many it holds.
#include <sluice/connector.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace {

class slow {
  public:
    explicit slow(sluice::host&) {}

    sluice::task<sluice::json> hold(sluice::context& ctx, const sluice::json& input) {
        const std::int64_t now = ++under_way_;
        most_ = std::max<std::int64_t>(most_, now);
        co_await ctx.sleep(std::chrono::milliseconds(input["ms"].as_int64()));
        --under_way_;
        co_return sluice::json::object();
    }
    sluice::task<sluice::json> count(sluice::context&, const sluice::json&) {
        sluice::json reply;
        reply.set("now", under_way_.load());
        reply.set("most", most_.load());
        co_return reply;
    }

  private:
    std::atomic<std::int64_t> under_way_ = 0;
    std::atomic<std::int64_t> most_ = 0;
};

}  // namespace

SLUICE_CONNECTOR(slow, "slow", sluice::action("hold", &slow::hold),
                 sluice::action("count", &slow::count))
