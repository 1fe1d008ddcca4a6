#include "store/writer.hpp"

#include <sqlite3.h>

#include <chrono>

#include "base/log.hpp"
#include "store/schema.hpp"
#include "store/sql_error.hpp"

namespace sluice::store {

namespace {

constexpr std::size_t group_count = 256;
constexpr std::size_t group_bytes = 1u << 20;
constexpr std::int64_t idle_ms = 50;
constexpr std::int64_t rest_ms = 60'000;
// Tidying the keys goes in small portions: often when idle, seldom when busy.
constexpr std::int64_t chores_portion = 2000;
constexpr std::uint64_t busy_chores_every = 64;

base::error closed() {
    return base::make_error(base::error_code::unavailable, "the store is closed");
}

// An event from outside is the first change of its batch.
bool brings_an_event(const commit_request& commit) {
    if (commit.ops.empty()) return false;
    const auto* const added = std::get_if<append_op>(&commit.ops.front());
    return added != nullptr && added->from_outside;
}

bool has_append(const std::vector<request>& all) {
    for (const request& one : all) {
        if (std::holds_alternative<append_request>(one.what)) return true;
        const auto* const commit = std::get_if<commit_request>(&one.what);
        if (commit != nullptr && brings_an_event(*commit)) return true;
    }
    return false;
}

}  // namespace

writer::writer(std::unique_ptr<SQLite::Database> database, std::unique_ptr<disk_guard> disk,
               writer_options options)
    : database_(std::move(database)), disk_(std::move(disk)), options_(std::move(options)) {
    log_ = std::make_unique<checkpointer>(*database_);
    committer_ = std::make_unique<group_commit>(*database_, *options_.clock, options_.boot,
                                                options_.dedup_window_ms);
    if (options_.run_on == nullptr) thread_ = base::thread("store writer", [this] { run(); });
}

writer::~writer() {
    stop([] {});
    *alive_ = false;
}

void writer::submit(request one) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            queue_.push_back(std::move(one));
            if (options_.run_on == nullptr) {
                if (queue_.size() == 1) wake_.notify_one();
            } else if (!posted_) {
                posted_ = true;
                options_.run_on->post([this, alive = alive_] {
                    if (*alive) turn();
                });
            }
            return;
        }
    }
    one.failure = closed();
    one.answer();
}

bool writer::is_stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void writer::run() {
    while (true) {
        group all = take(true);
        if (!all.empty()) {
            write(all);
        } else if (is_stopping()) {
            return;
        } else {
            housekeeping();
        }
    }
}

writer::group writer::take(bool wait) {
    const bool work_left = log_->has_work() || committer_->dedup().has_chores();
    std::unique_lock lock(mutex_);
    if (wait) {
        wake_.wait_for(lock, std::chrono::milliseconds(work_left ? idle_ms : rest_ms),
                       [this] { return !queue_.empty() || stopping_; });
    }
    group all;
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        count += queue_.front().count();
        bytes += queue_.front().bytes();
        if (!all.empty() && (count > group_count || bytes > group_bytes)) break;
        all.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return all;
}

void writer::turn() {
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
    }
    drain();
    if (idle_timer_ != 0) options_.run_on->cancel(idle_timer_);
    idle_timer_ = options_.run_on->run_after(idle_ms, [this, alive = alive_] {
        if (!*alive) return;
        idle_timer_ = 0;
        if (!is_stopping()) housekeeping();
    });
}

void writer::drain() {
    while (true) {
        group all = take(false);
        if (all.empty()) return;
        write(all);
    }
}

void writer::write(group& all) {
    if (failure_) {
        for (request& one : all)
            one.failure = *failure_;
        return answer(all);
    }
    const std::int64_t started = options_.clock->steady_ns();
    if (const auto end = commit(all)) {
        answer(all);
        return fail_for_good(*end);
    }
    last_commit_us_ = (options_.clock->steady_ns() - started) / 1000;
    if (options_.on_commit) options_.on_commit(last_commit_us_, all.size());
    batches_ += all.size();
    const std::uint64_t number = ++transactions_;
    answer(all);
    try {
        log_->after_commit();
        if (number % busy_chores_every == 0) committer_->dedup().do_chores(chores_portion);
    } catch (const SQLite::Exception& problem) {
        if (classify(problem) == sql_failure::fatal) {
            fail_for_good(to_error(problem, "tidy the store"));
        }
    }
    wal_bytes_ = log_->wal_bytes();
}

std::optional<base::error> writer::commit(group& all) {
    std::string refusal = has_append(all) ? disk_->refusal() : std::string();
    for (int tries = 0; tries < 2; ++tries) {
        try {
            committer_->run(all, refusal);
            return std::nullopt;
        } catch (const SQLite::Exception& problem) {
            const base::error why = to_error(problem, "write to the store");
            for (request& one : all)
                one.failure = why;
            if (classify(problem) == sql_failure::fatal) return why;
            if (classify(problem) != sql_failure::disk_full) return std::nullopt;
            // What runs already may use the reserve to come to its end; new events may not.
            disk_->give_up_reserve();
            refusal = why.message;
        }
    }
    return std::nullopt;
}

void writer::answer(group& all) {
    for (request& one : all)
        one.answer();
}

void writer::housekeeping() {
    if (failure_) return;
    try {
        log_->when_idle();
        committer_->dedup().do_chores(chores_portion);
    } catch (const SQLite::Exception& problem) {
        if (classify(problem) == sql_failure::fatal) {
            fail_for_good(to_error(problem, "tidy the store"));
        }
    }
    wal_bytes_ = log_->wal_bytes();
    disk_->keep_reserve();
}

// After a failed write or sync nobody knows what the disk holds: the kernel may have dropped the
// pages it could not write. Only a new start, which reads what is really there, can tell.
void writer::fail_for_good(const base::error& why) {
    if (failure_) return;
    failure_ = why;
    base::log(base::log_level::error, "the store failed and takes nothing any more",
              {{"reason", why.message}});
    group waiting;
    {
        const std::lock_guard lock(mutex_);
        for (request& one : queue_)
            waiting.push_back(std::move(one));
        queue_.clear();
    }
    for (request& one : waiting)
        one.failure = why;
    answer(waiting);
    if (options_.on_fatal) options_.on_fatal(why);
}

void writer::stop(const std::function<void()>& before_close) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
    if (!database_) return;
    drain();
    if (idle_timer_ != 0) options_.run_on->cancel(idle_timer_);
    before_close();
    if (!failure_) {
        try {
            end_boot(*database_);
            log_->at_close();
            // Nothing is left to copy; this lets SQLite remove the empty log.
            sqlite3_db_config(database_->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        } catch (const SQLite::Exception& problem) {
            base::log(base::log_level::error, "the store could not be closed in order",
                      {{"reason", to_error(problem, "end the boot").message}});
        }
    }
    committer_.reset();
    log_.reset();
    database_.reset();
}

health_report writer::health() const {
    health_report report;
    {
        const std::lock_guard lock(mutex_);
        report.queued = static_cast<std::int64_t>(queue_.size());
    }
    report.last_commit_us = last_commit_us_;
    report.wal_bytes = wal_bytes_;
    report.free_bytes = disk_->free_bytes();
    report.admitting = disk_->admitting();
    report.transactions = transactions_;
    report.batches = batches_;
    return report;
}

}  // namespace sluice::store
