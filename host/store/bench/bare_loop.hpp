// The yardstick: the group-commit loop that anyone would write by hand on plain SQLite. One writer
// thread, natural batches of at most 256, a small event row with a ready index, a 1 KB body in its
// own table, a dedup key, WAL and synchronous=FULL.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "base/thread.hpp"

namespace sluice::store::bench {

struct item {
    std::int64_t id = 0;
    std::string key;  // 16 bytes
    std::string body;
};
using acknowledged = std::function<void(bool)>;

// Ends the process on any error of SQLite.
class bare_loop {
  public:
    explicit bare_loop(const std::filesystem::path& folder);
    ~bare_loop();
    bare_loop(const bare_loop&) = delete;
    bare_loop& operator=(const bare_loop&) = delete;

    // `done` runs on the writer's thread when the item is durable.
    void submit(item one, acknowledged done);
    // So far; each is one fsync. Any thread.
    std::uint64_t commits() const { return commits_; }

  private:
    using waiting = std::pair<item, acknowledged>;

    sqlite3_stmt* prepare(const char* sql);
    void step(sqlite3_stmt* one);
    void insert(const item& one);
    void run();

    sqlite3* database_ = nullptr;
    sqlite3_stmt* begin_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
    sqlite3_stmt* event_ = nullptr;
    sqlite3_stmt* body_ = nullptr;
    sqlite3_stmt* dedup_ = nullptr;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<waiting> queue_;
    bool ending_ = false;
    std::atomic<std::uint64_t> commits_{0};
    base::thread thread_;
};

}  // namespace sluice::store::bench
