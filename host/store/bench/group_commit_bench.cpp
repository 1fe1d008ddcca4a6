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
#include "store/bench/bare_loop.hpp"
#include "store/sqlite_store.hpp"

namespace {

using namespace sluice;
using store::bench::acknowledged;
using store::bench::item;
using sink = std::function<void(item, acknowledged)>;

constexpr std::size_t body_bytes = 1024;

struct outcome {
    std::int64_t stored = 0;
    std::uint64_t commits = 0;
    double per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
};

double mean_batch(const outcome& of) {
    return of.commits == 0 ? 0 : static_cast<double>(of.stored) / static_cast<double>(of.commits);
}

double percentile_ms(const std::vector<std::int64_t>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto last = static_cast<double>(sorted.size() - 1);
    return static_cast<double>(sorted[static_cast<std::size_t>(last * share)]) / 1e6;
}

// Producers of a closed loop: each sends its next item when its last was acknowledged. All of them
// live on one thread, as senders do that a host serves from its event loop: a thread for each would
// mostly measure how the system switches between them.
class producers {
  public:
    producers(base::clock& time, int count, std::int64_t& next_id, const sink& to)
        : time_(time), next_id_(next_id), to_(to), random_(static_cast<std::uint64_t>(next_id)) {
        for (int i = 0; i < count; ++i)
            answered_.push_back({0, false});
    }

    // Returns when everything that was sent has been acknowledged.
    outcome run(double seconds) {
        const std::int64_t start = time_.steady_ns();
        const auto end = start + static_cast<std::int64_t>(seconds * 1e9);
        const std::size_t count = answered_.size();
        std::size_t resting = 0;
        std::vector<answer> round;
        while (resting < count) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [this] { return !answered_.empty(); });
                round.swap(answered_);
            }
            const std::int64_t now = time_.steady_ns();
            for (const answer& each : round) {
                if (each.sent_ns != 0) times_.push_back(now - each.sent_ns);
                stored_ += each.stored ? 1 : 0;
                if (now < end) {
                    send(now);
                } else {
                    ++resting;
                }
            }
            round.clear();
        }
        const double took = static_cast<double>(time_.steady_ns() - start) / 1e9;
        std::sort(times_.begin(), times_.end());
        outcome out;
        out.stored = stored_;
        out.per_second = static_cast<double>(stored_) / took;
        out.p50_ms = percentile_ms(times_, 0.5);
        out.p99_ms = percentile_ms(times_, 0.99);
        return out;
    }

  private:
    struct answer {
        std::int64_t sent_ns = 0;  // 0: has sent nothing yet
        bool stored = false;
    };

    void send(std::int64_t now) {
        const std::uint64_t a = random_.next();
        const std::uint64_t b = random_.next();
        std::string key(reinterpret_cast<const char*>(&a), 8);
        key.append(reinterpret_cast<const char*>(&b), 8);
        to_(item{next_id_++, std::move(key), std::string(body_bytes, 'x')},
            [this, now](bool stored) {
                const std::lock_guard lock(mutex_);
                answered_.push_back({now, stored});
                if (answered_.size() == 1) wake_.notify_one();
            });
    }

    base::clock& time_;
    std::int64_t& next_id_;
    const sink& to_;
    base::seeded_random random_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<answer> answered_;
    std::int64_t stored_ = 0;
    std::vector<std::int64_t> times_;
};

// `commits`: how many the side has made so far, each with one fsync.
outcome measure(base::clock& time, int count, double seconds, std::int64_t& next_id, const sink& to,
                const std::function<std::uint64_t()>& commits) {
    const std::uint64_t before = commits();
    outcome out = producers(time, count, next_id, to).run(seconds);
    out.commits = commits() - before;
    return out;
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
    int senders = 64;
    std::string folder = std::filesystem::temp_directory_path() / "sluice-group-commit-bench";
    bool json = false;
    CLI::App app("The store beside a bare SQLite group-commit loop");
    app.add_option("--seconds", seconds, "of each round of each side")->check(CLI::PositiveNumber);
    app.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
    app.add_option("--producers", senders)->check(CLI::PositiveNumber);
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
            bare_rounds.push_back(measure(time, senders, seconds, next_id, to_bare,
                                          [&bare] { return bare.commits(); }));
            store_rounds.push_back(measure(time, senders, seconds, next_id, to_store, [&opened] {
                const auto health = (*opened)->health();
                return health ? health->transactions : 0;
            }));
        }
    }
    std::filesystem::remove_all(folder, ignored);
    const outcome bare = median(bare_rounds);
    const outcome ours = median(store_rounds);
    const double share = bare.per_second > 0 ? ours.per_second / bare.per_second : 0;
    if (json) {
        const auto print = [](const char* name, const outcome& of) {
            std::printf(
                "\"%s\":{\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"commits\":%llu,"
                "\"mean_batch\":%.1f},",
                name, of.per_second, of.p50_ms, of.p99_ms,
                static_cast<unsigned long long>(of.commits), mean_batch(of));
        };
        std::printf("{\"producers\":%d,\"rounds\":%d,\"seconds\":%.2f,", senders, rounds, seconds);
        print("bare", bare);
        print("store", ours);
        std::printf("\"share\":%.3f}\n", share);
        return 0;
    }
    std::printf("%-20s %10s %9s %9s %9s %11s\n", "1 KB events, durable", "events/s", "p50 ms",
                "p99 ms", "commits", "mean batch");
    for (const auto& [name, of] : {std::pair("bare SQLite loop", bare), std::pair("store", ours)}) {
        std::printf("%-20s %10.0f %9.2f %9.2f %9llu %11.1f\n", name, of.per_second, of.p50_ms,
                    of.p99_ms, static_cast<unsigned long long>(of.commits), mean_batch(of));
    }
    std::printf(
        "store / bare: %.0f %%  (%d producers, median of %d interleaved rounds of %.1f s; a commit "
        "is one fsync)\n",
        share * 100, senders, rounds, seconds);
    return 0;
}
