// A prepared statement that is kept for its connection's life. Internal to this module; its
// functions throw SQLite::Exception, which the writer and the read pool turn into errors.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::store {

// Bytes bound as a BLOB.
struct blob_view {
    std::string_view bytes;
};

class statement {
  public:
    statement(SQLite::Database& database, const std::string& sql) : statement_(database, sql) {}

    // Binds the arguments in order (they are not copied), runs to the end and returns the number of
    // changed rows.
    template <class... Args>
    int run(const Args&... args) {
        const reset_at_end guard{statement_};
        bind_all(args...);
        return statement_.exec();
    }

  private:
    friend class rows;

    struct reset_at_end {
        SQLite::Statement& used;
        ~reset_at_end() { used.tryReset(); }
    };

    template <class... Args>
    void bind_all(const Args&... args) {
        int index = 0;
        (bind_one(++index, args), ...);
    }
    void bind_one(int index, std::int64_t value) { statement_.bind(index, value); }
    void bind_one(int index, const std::string& value) { statement_.bindNoCopy(index, value); }
    void bind_one(int index, const blob_view& value) {
        statement_.bindNoCopy(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
    }

    SQLite::Statement statement_;
};

// The rows of one use of a statement. The arguments must outlive it.
//   for (rows found(select_, id); found.next();) use(found.text(0));
class rows {
  public:
    template <class... Args>
    explicit rows(statement& from, const Args&... args) : statement_(from.statement_) {
        try {
            from.bind_all(args...);
        } catch (...) {
            statement_.tryReset();
            throw;
        }
    }
    ~rows() { statement_.tryReset(); }
    rows(const rows&) = delete;
    rows& operator=(const rows&) = delete;

    bool next() { return statement_.executeStep(); }
    std::int64_t integer(int column) const { return statement_.getColumn(column).getInt64(); }
    // Texts and BLOBs, with NUL characters inside if there are any.
    std::string text(int column) const { return statement_.getColumn(column).getString(); }

  private:
    SQLite::Statement& statement_;
};

}  // namespace sluice::store
