// How much of what SQLite can do reaches our callers: a bare group-commit loop (bare_loop.hpp) and
// the store under the same load, in turns, in one run.
//   group_commit_bench [--seconds N] [--rounds N] [--producers N] [--folder DIR] [--json]
#include <CLI/CLI.hpp>
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/thread.hpp"
#include "store/bench/bare_loop.hpp"
#include "store/sqlite_store.hpp"

namespace {

using namespace sluice;
using store::bench::acknowledged;
using store::bench::item;
using sink = std::function<void(item, acknowledged)>;

constexpr std::size_t body_bytes = 1024;

struct outcome {
    double per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
};

double percentile_ms(const std::vector<std::int64_t>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto last = static_cast<double>(sorted.size() - 1);
    return static_cast<double>(sorted[static_cast<std::size_t>(last * share)]) / 1e6;
}

// One producer of the closed loop: sends the next item when the last was acknowledged.
class producer {
  public:
    producer(base::clock& time, std::int64_t first_id, std::int64_t end_ns, const sink& to)
        : time_(time), next_id_(first_id), end_ns_(end_ns), to_(to), random_(first_id) {
        body_.assign(body_bytes, 'x');
    }
    void run() {
        while (time_.steady_ns() < end_ns_) {
            const std::uint64_t a = random_.next();
            const std::uint64_t b = random_.next();
            std::string key(reinterpret_cast<const char*>(&a), 8);
            key.append(reinterpret_cast<const char*>(&b), 8);
            const std::int64_t sent = time_.steady_ns();
            to_(item{next_id_++, std::move(key), body_}, [this](bool stored) {
                const std::lock_guard lock(mutex_);
                stored_ += stored ? 1 : 0;
                answered_ = true;
                wake_.notify_one();
            });
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return answered_; });
            answered_ = false;
            times_.push_back(time_.steady_ns() - sent);
        }
    }
    const std::vector<std::int64_t>& times() const { return times_; }
    std::int64_t stored() const { return stored_; }

  private:
    base::clock& time_;
    std::int64_t next_id_;
    std::int64_t end_ns_;
    const sink& to_;
    base::seeded_random random_;
    std::string body_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool answered_ = false;
    std::int64_t stored_ = 0;
    std::vector<std::int64_t> times_;
};

outcome measure(base::clock& time, int producers, double seconds, std::int64_t& next_id,
                const sink& to) {
    const std::int64_t start = time.steady_ns();
    const auto end = start + static_cast<std::int64_t>(seconds * 1e9);
    std::vector<std::unique_ptr<producer>> all;
    for (int i = 0; i < producers; ++i) {
        all.push_back(std::make_unique<producer>(time, next_id, end, to));
        next_id += 1'000'000;
    }
    {
        std::vector<base::thread> threads;
        for (auto& one : all)
            threads.emplace_back("producer", [&one] { one->run(); });
    }
    const double took = static_cast<double>(time.steady_ns() - start) / 1e9;
    std::vector<std::int64_t> times;
    std::int64_t stored = 0;
    for (const auto& one : all) {
        times.insert(times.end(), one->times().begin(), one->times().end());
        stored += one->stored();
    }
    std::sort(times.begin(), times.end());
    return {static_cast<double>(stored) / took, percentile_ms(times, 0.5),
            percentile_ms(times, 0.99)};
}

outcome median(std::vector<outcome> rounds) {
    std::sort(rounds.begin(), rounds.end(),
              [](const auto& a, const auto& b) { return a.per_second < b.per_second; });
    return rounds[rounds.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    double seconds = 2;
    int rounds = 5;
    int producers = 64;
    std::string folder = std::filesystem::temp_directory_path() / "sluice-group-commit-bench";
    bool json = false;
    CLI::App app("The store beside a bare SQLite group-commit loop");
    app.add_option("--seconds", seconds, "of each round of each side")->check(CLI::PositiveNumber);
    app.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
    app.add_option("--producers", producers)->check(CLI::PositiveNumber);
    app.add_option("--folder", folder, "where to write; its content is removed");
    app.add_flag("--json", json);
    CLI11_PARSE(app, argc, argv);

    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    std::filesystem::create_directories(folder, ignored);
    base::system_clock time;
    std::int64_t next_id = 1;
    std::vector<outcome> bare_rounds;
    std::vector<outcome> store_rounds;
    {
        store::bench::bare_loop bare(folder);
        store::sqlite_options options;
        options.folder = std::filesystem::path(folder) / "store";
        options.clock = &time;
        auto opened = store::open_sqlite_store(options);
        if (!opened) {
            std::fprintf(stderr, "%s\n", opened.error_value().to_text().c_str());
            return 1;
        }
        const sink to_bare = [&bare](item one, acknowledged done) {
            bare.submit(std::move(one), std::move(done));
        };
        const sink to_store = [&opened](item one, acknowledged done) {
            store::new_event event;
            event.id = one.id;
            event.instance = "acme";
            event.flow = "orders";
            event.flow_version = "5f0c3d1a9b7e4c2d";
            event.kind = "webhook";
            event.dedupe_key = std::move(one.key);
            event.payload_json = std::move(one.body);
            event.accepted_ms = 1;
            (*opened)->append({std::move(event)}, [done](const auto& reply) {
                done(reply && reply->front().what == store::append_outcome::kind::stored);
            });
        };
        for (int round = 0; round < rounds; ++round) {
            bare_rounds.push_back(measure(time, producers, seconds, next_id, to_bare));
            store_rounds.push_back(measure(time, producers, seconds, next_id, to_store));
        }
    }
    std::filesystem::remove_all(folder, ignored);
    const outcome bare = median(bare_rounds);
    const outcome ours = median(store_rounds);
    const double share = bare.per_second > 0 ? ours.per_second / bare.per_second : 0;
    if (json) {
        std::printf(
            "{\"producers\":%d,\"rounds\":%d,\"seconds\":%.2f,"
            "\"bare\":{\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f},"
            "\"store\":{\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f},\"share\":%.3f}\n",
            producers, rounds, seconds, bare.per_second, bare.p50_ms, bare.p99_ms, ours.per_second,
            ours.p50_ms, ours.p99_ms, share);
        return 0;
    }
    std::printf("%-24s %12s %10s %10s\n", "1 KB events, durable", "events/s", "p50 ms", "p99 ms");
    std::printf("%-24s %12.0f %10.2f %10.2f\n", "bare SQLite loop", bare.per_second, bare.p50_ms,
                bare.p99_ms);
    std::printf("%-24s %12.0f %10.2f %10.2f\n", "store", ours.per_second, ours.p50_ms, ours.p99_ms);
    std::printf(
        "store / bare: %.0f %%  (%d producers, median of %d interleaved rounds of %.1f s)\n",
        share * 100, producers, rounds, seconds);
    return 0;
}
