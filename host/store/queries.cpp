#include "store/queries.hpp"

#include <algorithm>
#include <set>

#include "base/ids.hpp"

namespace sluice::store {

namespace {

constexpr const char* summary_columns =
    "SELECT id, instance, flow, flow_version, kind, state, accepted_ms, ended_ms, due_ms, "
    "(SELECT count(*) FROM step WHERE step.event = event.id), "
    "coalesce((SELECT error FROM outcome WHERE outcome.event = event.id), ''), lane_key, parent "
    "FROM event ";

base::error no_execution(event_id id) {
    return base::make_error(base::error_code::not_found,
                            "there is no execution " + base::execution_id_text(id),
                            "sluice execution list shows those that are kept");
}

// Binds only the conditions a filter has, so that SQLite can use its indexes. Unused ones are bound
// to "anything" with a form that costs nothing.
std::string history_sql(const history_filter& filter) {
    std::string sql = summary_columns;
    sql += filter.instance.empty() ? "WHERE ?1 = '' " : "WHERE instance = ?1 ";
    sql += filter.flow.empty() ? "AND ?2 = '' " : "AND flow = ?2 ";
    sql += filter.state ? "AND state = ?3 " : "AND ?3 = -1 ";
    sql += filter.any_of ? "AND instr(?4, char(10) || instance || char(10)) > 0 " : "AND ?4 = '' ";
    sql += filter.from_ms > 0 ? "AND accepted_ms >= ?5 " : "AND ?5 <= 0 ";
    sql += filter.to_ms > 0 ? "AND accepted_ms < ?6 " : "AND ?6 <= 0 ";
    sql += filter.error_text.empty()
               ? "AND ?7 = '' "
               : "AND EXISTS (SELECT 1 FROM outcome WHERE outcome.event = event.id AND "
                 "instr(lower(error), lower(?7)) > 0) ";
    if (filter.dead) {
        sql +=
            "AND state IN (4, 5) AND NOT EXISTS (SELECT 1 FROM event AS again WHERE "
            "again.parent = event.id AND again.parent > 0 AND again.kind = 'replay') ";
    }
    return sql + "AND id < ?8 ORDER BY id DESC LIMIT ?9";
}

// One a line, with a line break before the first: a name is found by its own line breaks.
std::string lines(const std::optional<std::vector<std::string>>& names) {
    std::string out;
    if (!names) return out;
    out += '\n';
    for (const std::string& name : *names)
        out += name + '\n';
    return out;
}

}  // namespace

queries::queries(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}

statement& queries::prepared(const std::string& sql) {
    auto& slot = statements_[sql];
    if (!slot) slot = std::make_unique<statement>(*database_, sql);
    return *slot;
}

execution_summary queries::summary_of(const rows& found) const {
    execution_summary summary;
    summary.id = found.integer(0);
    summary.instance = found.text(1);
    summary.flow = found.text(2);
    summary.flow_version = found.text(3);
    summary.kind = found.text(4);
    summary.state = static_cast<event_state>(found.integer(5));
    summary.accepted_ms = found.integer(6);
    summary.ended_ms = found.integer(7);
    summary.due_ms = found.integer(8);
    summary.step_count = static_cast<int>(found.integer(9));
    summary.error_json = found.text(10);
    summary.lane_key = found.text(11);
    summary.parent = found.integer(12);
    return summary;
}

std::vector<execution_summary> queries::history(const history_filter& filter) {
    const std::int64_t state = filter.state ? static_cast<std::int64_t>(*filter.state) : -1;
    const std::int64_t before = filter.before > 0 ? filter.before : INT64_MAX;
    const std::int64_t limit = std::max(filter.limit, 0);
    const std::string any_of = lines(filter.any_of);
    std::vector<execution_summary> page;
    rows found(prepared(history_sql(filter)), filter.instance, filter.flow, state, any_of,
               filter.from_ms, filter.to_ms, filter.error_text, before, limit);
    while (found.next())
        page.push_back(summary_of(found));
    return page;
}

base::result<execution_detail> queries::execution(event_id id) {
    // One transaction, so that summary, body and steps belong together.
    SQLite::Statement begin(*database_, "BEGIN");
    begin.exec();
    struct end_at_exit {
        SQLite::Database& database;
        ~end_at_exit() { database.tryExec("ROLLBACK"); }
    } const end{*database_};

    execution_detail detail;
    {
        rows found(prepared(std::string(summary_columns) + "WHERE id = ?"), id);
        if (!found.next()) return no_execution(id);
        detail.summary = summary_of(found);
    }
    {
        rows found(prepared("SELECT payload FROM body WHERE event = ?"), id);
        if (found.next()) detail.payload_json = found.text(0);
    }
    {
        rows found(prepared("SELECT output FROM outcome WHERE event = ?"), id);
        if (found.next()) detail.output_json = found.text(0);
    }
    detail.steps = checkpoints(id);
    detail.attempts = attempts(id);
    return detail;
}

std::vector<config_record> queries::config(const std::string& kind) {
    std::vector<config_record> records;
    rows found(prepared("SELECT key, value, version FROM config WHERE kind = ? ORDER BY key"),
               kind);
    while (found.next()) {
        records.push_back(
            {kind, found.text(0), found.text(1), static_cast<std::uint64_t>(found.integer(2))});
    }
    return records;
}

std::vector<config_record> queries::config_before(const std::string& kind,
                                                  const std::string& before, int limit) {
    const std::int64_t most = std::max(limit, 0);
    std::string sql = "SELECT key, value, version FROM config WHERE kind = ?1 ";
    sql += before.empty() ? "AND ?2 = '' " : "AND key < ?2 ";
    std::vector<config_record> records;
    rows found(prepared(sql + "ORDER BY key DESC LIMIT ?3"), kind, before, most);
    while (found.next()) {
        records.push_back(
            {kind, found.text(0), found.text(1), static_cast<std::uint64_t>(found.integer(2))});
    }
    return records;
}

std::vector<ready_event> queries::load_ready(int partition, event_id after, int limit) {
    const std::int64_t wanted = partition;
    const std::int64_t most = std::max(limit, 0);
    std::vector<ready_event> page;
    rows found(prepared("SELECT id, instance, flow, flow_version, lane_key, state, accepted_ms, "
                        "due_ms, deadline_ms, crash_count, parent, kind, "
                        "coalesce((SELECT max(resumed_ms) FROM attempt "
                        "WHERE attempt.event = event.id), 0) FROM event "
                        "INDEXED BY event_live "
                        "WHERE state < 3 AND id > ?1 AND (?2 < 0 OR partition = ?2) "
                        "ORDER BY id LIMIT ?3"),
               after, wanted, most);
    while (found.next()) {
        ready_event event;
        event.id = found.integer(0);
        event.instance = found.text(1);
        event.flow = found.text(2);
        event.flow_version = found.text(3);
        event.lane_key = found.text(4);
        event.state = static_cast<event_state>(found.integer(5));
        event.accepted_ms = found.integer(6);
        event.due_ms = found.integer(7);
        event.deadline_ms = found.integer(8);
        event.death_points = static_cast<int>(found.integer(9));
        event.parent = found.integer(10);
        event.kind = found.text(11);
        event.resumed_ms = found.integer(12);
        page.push_back(std::move(event));
    }
    return page;
}

base::result<std::string> queries::payload(event_id id) {
    rows found(prepared("SELECT payload FROM body WHERE event = ?"), id);
    if (!found.next()) return no_execution(id);
    return found.text(0);
}

namespace {

constexpr const char* step_columns =
    "SELECT path, item, name, kind, attempt, started_ms, ended_ms, ok, input, output, error, "
    "connector FROM ";

std::vector<step_record> steps_of(rows found) {
    std::vector<step_record> steps;
    while (found.next()) {
        step_record step;
        step.path = found.text(0);
        step.item = found.integer(1);
        step.name = found.text(2);
        step.kind = found.text(3);
        step.attempt = static_cast<int>(found.integer(4));
        step.started_ms = found.integer(5);
        step.ended_ms = found.integer(6);
        step.ok = found.integer(7) != 0;
        step.input_json = found.text(8);
        step.output_json = found.text(9);
        step.error_json = found.text(10);
        step.connector = found.text(11);
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace

std::vector<step_record> queries::checkpoints(event_id id) {
    return steps_of(
        rows(prepared(std::string(step_columns) + "step WHERE event = ? ORDER BY id"), id));
}

std::vector<attempt_record> queries::attempts(event_id id) {
    std::vector<attempt_record> out;
    {
        rows found(prepared("SELECT state, ended_ms, resumed_ms, flow_version, error FROM attempt "
                            "WHERE event = ? ORDER BY number"),
                   id);
        while (found.next()) {
            attempt_record one;
            one.state = static_cast<event_state>(found.integer(0));
            one.ended_ms = found.integer(1);
            one.resumed_ms = found.integer(2);
            one.flow_version = found.text(3);
            one.error_json = found.text(4);
            out.push_back(std::move(one));
        }
    }
    std::int64_t number = 0;
    for (attempt_record& one : out) {
        ++number;
        one.steps = steps_of(rows(prepared(std::string(step_columns) +
                                           "earlier_step WHERE event = ? AND attempt_number = ? "
                                           "ORDER BY id"),
                                  id, number));
    }
    return out;
}

std::vector<log_line> queries::log_lines(event_id id, std::int64_t after, int limit) {
    const std::int64_t most = std::max(limit, 0);
    std::vector<log_line> out;
    rows found(prepared("SELECT number, at_ms, level, text FROM log WHERE event = ? AND "
                        "number > ? ORDER BY number LIMIT ?"),
               id, after, most);
    while (found.next())
        out.push_back({found.integer(0), found.integer(1), found.text(2), found.text(3)});
    return out;
}

state_value queries::state_get(const std::string& instance, const std::string& flow,
                               const std::string& key) {
    rows found(prepared("SELECT value, version FROM state "
                        "WHERE instance = ? AND flow = ? AND key = ?"),
               instance, flow, key);
    if (!found.next()) return {};
    return {found.text(0), static_cast<std::uint64_t>(found.integer(1))};
}

// Ids are ordered by time of acceptance, so the search ends with the first execution that was
// accepted too late to have ended early enough; no index over the ends is kept for it.
ended_page queries::ended_before(std::int64_t before_ms, event_id after, int limit) {
    const std::int64_t most = std::max(limit, 1);
    std::set<event_id> live;
    std::set<event_id> parents_of_live;
    {
        rows found(prepared("SELECT id, parent FROM event INDEXED BY event_live WHERE state < 3"));
        while (found.next()) {
            live.insert(found.integer(0));
            if (found.integer(1) != 0) parents_of_live.insert(found.integer(1));
        }
    }
    ended_page page;
    rows found(prepared("SELECT id, parent, state, ended_ms, accepted_ms FROM event "
                        "WHERE id > ? ORDER BY id LIMIT ?"),
               after, most);
    std::int64_t seen = 0;
    while (found.next()) {
        const event_id id = found.integer(0);
        if (found.integer(4) >= before_ms) {
            page.next = 0;
            return page;
        }
        page.next = id;
        ++seen;
        const bool ended =
            is_terminal(static_cast<event_state>(found.integer(2))) && found.integer(3) < before_ms;
        const bool needed = live.contains(found.integer(1)) || parents_of_live.contains(id);
        if (ended && !needed) page.ids.push_back(id);
    }
    if (seen < most) page.next = 0;
    return page;
}

std::vector<event_id> queries::unknown_of(const std::vector<event_id>& ids) {
    std::vector<event_id> unknown;
    for (const event_id id : ids) {
        rows found(prepared("SELECT 1 FROM event WHERE id = ?"), id);
        if (!found.next()) unknown.push_back(id);
    }
    return unknown;
}

std::vector<signal_record> queries::signals(const std::string& instance, std::int64_t after,
                                            int limit) {
    const std::int64_t count = limit;
    rows found(prepared("SELECT number, event FROM signal WHERE instance = ? AND number > ? "
                        "ORDER BY number LIMIT ?"),
               instance, after, count);
    std::vector<signal_record> out;
    while (found.next())
        out.push_back({found.integer(0), found.text(1)});
    return out;
}

std::int64_t queries::last_signal() {
    rows found(prepared("SELECT coalesce(max(number), 0) FROM signal"));
    return found.next() ? found.integer(0) : 0;
}

event_id queries::last_id() {
    rows found(prepared("SELECT coalesce(max(id), 0) FROM event"));
    return found.next() ? found.integer(0) : 0;
}

}  // namespace sluice::store
