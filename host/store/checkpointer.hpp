// When the write-ahead log is copied back into the database. The writer's connection is the only
// one that ever does (two of them can lose a transaction in SQLite 3.7.0 to 3.51.2). Internal to
// this module; writer's thread; functions throw SQLite::Exception.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>

namespace sluice::store {

class checkpointer {
  public:
    // Watches the log through `database`, which must outlive this object or be closed before it.
    explicit checkpointer(SQLite::Database& database);
    ~checkpointer();
    checkpointer(const checkpointer&) = delete;
    checkpointer& operator=(const checkpointer&) = delete;

    // After each transaction: copies when the log has grown by 16 MB, and from 64 MB on insists.
    void after_commit();
    // Nothing has been written for a while.
    void when_idle();
    // Copies everything and empties the log.
    void at_close();

    bool has_work() const { return frames_ > copied_; }
    std::int64_t wal_bytes() const;

  private:
    void checkpoint(int mode);

    SQLite::Database& database_;
    std::int64_t page_bytes_;
    std::int64_t frames_ = 0;    // in the log after the last commit
    std::int64_t copied_ = 0;    // of them in the database
    std::int64_t next_try_ = 0;  // frames at which the next attempt is worth it
};

}  // namespace sluice::store
