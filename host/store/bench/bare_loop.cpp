#include "store/bench/bare_loop.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace sluice::store::bench {

namespace {

constexpr std::size_t most_in_batch = 256;

constexpr const char* setup = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = OFF;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
CREATE TABLE event (
    id INTEGER PRIMARY KEY, state INTEGER NOT NULL, due INTEGER NOT NULL, accepted INTEGER NOT NULL
) STRICT;
CREATE INDEX ready ON event (due, id) WHERE state = 0;
CREATE TABLE body (event INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT;
CREATE TABLE dedup (
    hour INTEGER, key BLOB, event INTEGER, PRIMARY KEY (hour, key)
) STRICT, WITHOUT ROWID;
)sql";

void require(int outcome, sqlite3* database) {
    if (outcome == SQLITE_OK || outcome == SQLITE_ROW || outcome == SQLITE_DONE) return;
    std::fprintf(stderr, "bare loop: %s\n", sqlite3_errmsg(database));
    std::exit(1);
}

}  // namespace

bare_loop::bare_loop(const std::filesystem::path& folder) {
    require(sqlite3_open((folder / "bare.db").c_str(), &database_), database_);
    require(sqlite3_exec(database_, setup, nullptr, nullptr, nullptr), database_);
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    event_ = prepare("INSERT INTO event VALUES (?, 0, 0, 0)");
    body_ = prepare("INSERT INTO body VALUES (?, ?)");
    dedup_ = prepare("INSERT INTO dedup VALUES (0, ?, ?)");
    thread_ = base::thread("bare writer", [this] { run(); });
}

bare_loop::~bare_loop() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (auto* one : {begin_, commit_, event_, body_, dedup_})
        sqlite3_finalize(one);
    sqlite3_close(database_);
}

void bare_loop::submit(item one, acknowledged done) {
    const std::lock_guard lock(mutex_);
    queue_.emplace_back(std::move(one), std::move(done));
    wake_.notify_one();
}

sqlite3_stmt* bare_loop::prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    require(sqlite3_prepare_v2(database_, sql, -1, &made, nullptr), database_);
    return made;
}

void bare_loop::step(sqlite3_stmt* one) {
    require(sqlite3_step(one), database_);
    sqlite3_reset(one);
}

void bare_loop::insert(const item& one) {
    sqlite3_bind_int64(event_, 1, one.id);
    step(event_);
    sqlite3_bind_int64(body_, 1, one.id);
    sqlite3_bind_text(body_, 2, one.body.data(), static_cast<int>(one.body.size()), SQLITE_STATIC);
    step(body_);
    sqlite3_bind_blob(dedup_, 1, one.key.data(), static_cast<int>(one.key.size()), SQLITE_STATIC);
    sqlite3_bind_int64(dedup_, 2, one.id);
    step(dedup_);
}

void bare_loop::run() {
    while (true) {
        std::vector<waiting> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
            if (queue_.empty()) return;
            while (!queue_.empty() && batch.size() < most_in_batch) {
                batch.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        step(begin_);
        for (const auto& [one, done] : batch)
            insert(one);
        step(commit_);
        ++commits_;
        for (const auto& [one, done] : batch)
            done(true);
    }
}

}  // namespace sluice::store::bench
