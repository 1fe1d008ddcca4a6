#include "store/checkpointer.hpp"

#include <sqlite3.h>

namespace sluice::store {

namespace {

constexpr std::int64_t copy_bytes = 16ll << 20;
constexpr std::int64_t insist_bytes = 64ll << 20;
// How long RESTART may wait for readers to leave the log. New events wait meanwhile.
constexpr int insist_ms = 50;
constexpr int busy_ms = 2000;

}  // namespace

checkpointer::checkpointer(SQLite::Database& database)
    : database_(database),
      page_bytes_(database.execAndGet("PRAGMA page_size").getInt64()),
      next_try_(copy_bytes / page_bytes_) {
    sqlite3_wal_hook(
        database.getHandle(),
        [](void* self, sqlite3*, const char*, int frames) {
            auto* watcher = static_cast<checkpointer*>(self);
            // A smaller number: SQLite started the log over, which it does when all was copied.
            if (frames <= watcher->copied_) {
                watcher->copied_ = 0;
                watcher->next_try_ = copy_bytes / watcher->page_bytes_;
            }
            watcher->frames_ = frames;
            return SQLITE_OK;
        },
        this);
}

checkpointer::~checkpointer() { sqlite3_wal_hook(database_.getHandle(), nullptr, nullptr); }

std::int64_t checkpointer::wal_bytes() const { return frames_ * page_bytes_; }

void checkpointer::checkpoint(int mode) {
    int frames = 0;
    int copied = 0;
    const int outcome =
        sqlite3_wal_checkpoint_v2(database_.getHandle(), "main", mode, &frames, &copied);
    // Busy: a reader still needs the rest of the log. Full: the log keeps it until there is space.
    if (outcome != SQLITE_OK && (outcome & 0xff) != SQLITE_BUSY &&
        (outcome & 0xff) != SQLITE_FULL) {
        throw SQLite::Exception(database_.getHandle(), outcome);
    }
    if (frames >= 0 && copied >= 0) {
        frames_ = frames;
        copied_ = copied;
    }
    next_try_ = frames_ + copy_bytes / page_bytes_;
}

void checkpointer::after_commit() {
    if (frames_ < next_try_) return;
    if (wal_bytes() < insist_bytes) return checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    sqlite3_busy_timeout(database_.getHandle(), insist_ms);
    checkpoint(SQLITE_CHECKPOINT_RESTART);
    sqlite3_busy_timeout(database_.getHandle(), busy_ms);
}

void checkpointer::when_idle() {
    if (has_work()) checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

void checkpointer::at_close() { checkpoint(SQLITE_CHECKPOINT_TRUNCATE); }

}  // namespace sluice::store
