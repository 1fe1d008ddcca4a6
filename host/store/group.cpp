#include "store/group.hpp"

#include <sqlite3.h>

#include <utility>

#include "store/breakage.hpp"
#include "store/sql_error.hpp"

namespace sluice::store {
namespace {

rejection other_partition(const std::string& instance, partition_id partition) {
    return rejection{commit_outcome::fenced,
                     base::make_error(base::error_code::invalid_input,
                                      "the instance \"" + instance + "\" is not in partition " +
                                          std::to_string(partition))};
}

}  // namespace

group_commit::group_commit(SQLite::Database& database, base::clock& time, std::int64_t boot,
                           std::int64_t dedup_window_ms)
    : database_(database),
      boot_(boot),
      events_(database, time, dedup_window_ms),
      records_(database, boot),
      removal_(database),
      begin_(database, "BEGIN IMMEDIATE"),
      commit_(database, "COMMIT"),
      rollback_(database, "ROLLBACK"),
      savepoint_(database, "SAVEPOINT one"),
      undo_(database, "ROLLBACK TO one"),
      release_(database, "RELEASE one") {}

// Requests hardly ever fail after they wrote something, and a savepoint for each would cost them
// all. So the first attempt goes without; if a request does fail half-way, the whole group starts
// over with savepoints.
void group_commit::run(std::span<request> group, const std::string& refuse_appends) {
    refuse_appends_ = refuse_appends;
    if (attempt(group, mode::plain) == trace::none) return;
    attempt(group, mode::careful);
}

group_commit::trace group_commit::attempt(std::span<request> group, mode how) {
    begin_.run();
    try {
        for (request& one : group) {
            one.failure.reset();
            if (how == mode::careful) savepoint_.run();
            const trace left = apply_guarded(one, how);
            if (left == trace::partial && how == mode::plain) {
                rollback_.run();
                return trace::partial;
            }
            if (left == trace::partial) undo_.run();
            if (how == mode::careful) release_.run();
        }
        commit_.run();
        return trace::none;
    } catch (const SQLite::Exception&) {
        // SQLite may have rolled back by itself.
        if (sqlite3_get_autocommit(database_.getHandle()) == 0) rollback_.run();
        throw;
    }
}

group_commit::trace group_commit::apply_guarded(request& one, mode how) {
    try {
        return apply(one);
    } catch (const SQLite::Exception& problem) {
        if (classify(problem) != sql_failure::unfit) throw;
        if (how == mode::careful) one.failure = to_error(problem, "store this request");
        return trace::partial;
    }
}

group_commit::trace group_commit::apply(request& one) {
    if (auto* append = std::get_if<append_request>(&one.what)) return apply(*append);
    if (auto* commit = std::get_if<commit_request>(&one.what)) return apply(*commit, one.failure);
    if (auto* config = std::get_if<config_request>(&one.what)) return apply(*config, one.failure);
    auto& old = std::get<remove_request>(one.what);
    old.reply = removal_.run(old.ids);
    return trace::none;
}

group_commit::trace group_commit::apply(append_request& append) {
    append.reply.clear();
    append.reply.reserve(append.events.size());
    for (std::size_t i = 0; i < append.events.size(); ++i) {
        const new_event& event = append.events[i];
        if (!refuse_appends_.empty()) {
            append.reply.push_back({append_outcome::kind::refused, event.id, refuse_appends_});
        } else {
            append.reply.push_back(events_.append(event, append.keys[i]));
        }
    }
    return trace::none;
}

group_commit::trace group_commit::apply(const config_request& config,
                                        std::optional<base::error>& failure) {
    for (std::size_t i = 0; i < config.changes.size(); ++i) {
        if (auto changed = records_.change_config(config.changes[i]); !changed) {
            failure = std::move(changed).error_value();
            return i == 0 ? trace::none : trace::partial;
        }
    }
    return trace::none;
}

group_commit::trace group_commit::apply(commit_request& commit,
                                        std::optional<base::error>& failure) {
    commit.reply = commit_outcome::committed;
    if (keeps_fence && commit.epoch != static_cast<epoch_number>(boot_)) {
        commit.reply = commit_outcome::fenced;
        return trace::none;
    }
    for (std::size_t i = 0; i < commit.ops.size(); ++i) {
        if (auto refused = apply(commit, i)) {
            commit.reply = refused->outcome;
            failure = std::move(refused->failure);
            return i == 0 && !refused->half_done ? trace::none : trace::partial;
        }
    }
    return trace::none;
}

std::optional<rejection> group_commit::apply(commit_request& commit, std::size_t index) {
    const op& change = commit.ops[index];
    if (const auto* step = std::get_if<checkpoint_op>(&change)) {
        return events_.checkpoint(commit.partition, *step);
    }
    if (const auto* rounds = std::get_if<collapse_op>(&change)) {
        return events_.collapse(commit.partition, *rounds);
    }
    if (const auto* park = std::get_if<park_op>(&change)) {
        return events_.park(commit.partition, *park);
    }
    if (const auto* end = std::get_if<finish_op>(&change)) {
        return events_.finish(commit.partition, *end);
    }
    if (const auto* again = std::get_if<reopen_op>(&change)) {
        return events_.reopen(commit.partition, *again);
    }
    if (const auto* logged = std::get_if<log_op>(&change)) {
        events_.add_log(*logged);
        return std::nullopt;
    }
    if (const auto* taken = std::get_if<take_output_op>(&change)) {
        events_.take_output(*taken);
        return std::nullopt;
    }
    if (const auto* state = std::get_if<state_put_op>(&change)) {
        if (state->shared || partition_of(state->instance) == commit.partition) {
            return records_.put_state(*state);
        }
        return other_partition(state->instance, commit.partition);
    }
    if (const auto* emitted = std::get_if<emit_op>(&change)) {
        if (partition_of(emitted->instance) != commit.partition) {
            return other_partition(emitted->instance, commit.partition);
        }
        records_.emit(*emitted);
        return std::nullopt;
    }
    if (const auto* alert = std::get_if<alert_op>(&change)) {
        if (partition_of(alert->instance) == commit.partition) return apply(*alert);
        return other_partition(alert->instance, commit.partition);
    }
    const auto& added = std::get<append_op>(change);
    const auto& child = added.event;
    if (added.from_outside && !refuse_appends_.empty()) {
        return rejection{commit_outcome::fenced,
                         base::make_error(base::error_code::unavailable, refuse_appends_)};
    }
    const append_outcome outcome = events_.append(child, commit.keys[index]);
    if (added.told) *added.told = outcome;
    if (outcome.what != append_outcome::kind::refused) return std::nullopt;
    return rejection{commit_outcome::fenced,
                     base::make_error(base::error_code::invalid_input,
                                      "a child event cannot be stored: " + outcome.reason)};
}

std::optional<rejection> group_commit::apply(const alert_op& change) {
    alert_outcome told;
    const std::optional<std::string> record = records_.put_alert(change);
    told.changed = record.has_value();
    if (record && change.message) {
        new_event message = *change.message;
        message.payload_json = records_.with_alert(message.payload_json, *record);
        const append_outcome stored = events_.append(message, std::nullopt);
        if (stored.what == append_outcome::kind::refused) {
            return rejection{commit_outcome::fenced,
                             base::make_error(base::error_code::invalid_input,
                                              "an alert cannot be stored: " + stored.reason),
                             true};
        }
        told.message = std::move(message);
    }
    if (change.told) *change.told = std::move(told);
    return std::nullopt;
}

}  // namespace sluice::store
