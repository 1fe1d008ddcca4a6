#include "store/event_changes.hpp"

#include "store/breakage.hpp"

namespace sluice::store {

namespace {

std::int64_t number(event_state state) { return static_cast<std::int64_t>(state); }

rejection fenced() { return {commit_outcome::fenced, std::nullopt}; }
rejection wrong(base::error_code code, std::string message) {
    return {commit_outcome::fenced, base::make_error(code, std::move(message))};
}

}  // namespace

event_changes::event_changes(SQLite::Database& database, base::clock& time,
                             std::int64_t dedup_window_ms)
    : dedup_(database, time, dedup_window_ms),
      insert_event_(database,
                    "INSERT OR IGNORE INTO event (id, partition, instance, flow, flow_version, "
                    "kind, lane_key, accepted_ms, deadline_ms, parent) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      insert_body_(database, "INSERT INTO body (event, payload) VALUES (?, ?)"),
      select_event_(database, "SELECT partition, state FROM event WHERE id = ?"),
      insert_step_(database,
                   "INSERT OR IGNORE INTO step (event, path, item, name, kind, attempt, "
                   "started_ms, ended_ms, ok, input, output, error, connector) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      replace_step_(database,
                    "INSERT OR REPLACE INTO step (event, path, item, name, kind, attempt, "
                    "started_ms, ended_ms, ok, input, output, error, connector) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      forget_steps_(database, "DELETE FROM step WHERE event = ? AND path = ? AND item >= ?"),
      strip_steps_(database, "UPDATE step SET input = '', output = '' WHERE event = ?"),
      strip_body_(database, "UPDATE body SET payload = '' WHERE event = ?"),
      set_state_(database, "UPDATE event SET state = ?, due_ms = ? WHERE id = ?"),
      set_end_(database, "UPDATE event SET state = ?, due_ms = 0, ended_ms = ? WHERE id = ?"),
      insert_outcome_(database,
                      "INSERT OR REPLACE INTO outcome (event, output, error) VALUES (?, ?, ?)"),
      strip_outcome_(database, "UPDATE outcome SET output = '' WHERE event = ?"),
      reopening_(database),
      insert_log_(database,
                  "INSERT INTO log (event, at_ms, level, text) SELECT ?1, ?2, ?3, ?4 WHERE "
                  "(SELECT count(*) FROM log WHERE event = ?1) < ?5 AND "
                  "EXISTS (SELECT 1 FROM event WHERE id = ?1)") {}

append_outcome event_changes::append(const new_event& event, const std::optional<dedup_key>& key) {
    append_outcome outcome{append_outcome::kind::stored, event.id, {}};
    if (event.id <= 0)
        return {append_outcome::kind::refused, event.id, "an event's id is positive"};
    if (key) {
        if (const auto earlier = dedup_.find(*key)) {
            if (earlier->same_payload) {
                return {append_outcome::kind::duplicate, earlier->id, {}};
            }
            outcome.what = append_outcome::kind::stored_despite_key;
        }
    }
    const std::int64_t partition = partition_of(event.instance);
    if (insert_event_.run(event.id, partition, event.instance, event.flow, event.flow_version,
                          event.kind, event.lane_key, event.accepted_ms, event.deadline_ms,
                          event.parent) == 0) {
        return {append_outcome::kind::refused, event.id,
                "the id " + std::to_string(event.id) + " is taken"};
    }
    insert_body_.run(event.id, event.payload_json);
    if (key) dedup_.remember(*key, event.id);
    return outcome;
}

std::optional<rejection> event_changes::find(partition_id partition, event_id id,
                                             event_state& state) {
    rows found(select_event_, id);
    if (!found.next()) {
        return wrong(base::error_code::not_found,
                     "there is no event with id " + std::to_string(id));
    }
    if (found.integer(0) != partition) {
        return wrong(base::error_code::invalid_input,
                     "the event " + std::to_string(id) + " is in partition " +
                         std::to_string(found.integer(0)) + ", not " + std::to_string(partition));
    }
    state = static_cast<event_state>(found.integer(1));
    return std::nullopt;
}

std::optional<rejection> event_changes::check(partition_id partition, event_id id,
                                              event_state& state) {
    if (auto refused = find(partition, id, state)) return refused;
    if (keeps_fence && is_terminal(state)) return fenced();
    return std::nullopt;
}

bool event_changes::write_step(statement& how, event_id event, const step_record& step) {
    const std::int64_t attempt = step.attempt;
    const std::int64_t ok = step.ok ? 1 : 0;
    return how.run(event, step.path, step.item, step.name, step.kind, attempt, step.started_ms,
                   step.ended_ms, ok, step.input_json, step.output_json, step.error_json,
                   step.connector) > 0;
}

std::optional<rejection> event_changes::collapse(partition_id partition,
                                                 const collapse_op& change) {
    event_state state{};
    if (auto refused = check(partition, change.event, state)) return refused;
    for (const auto& [path, item] : change.forget)
        forget_steps_.run(change.event, path, item);
    write_step(replace_step_, change.event, change.step);
    if (state != event_state::running) {
        set_state_.run(number(event_state::running), std::int64_t{0}, change.event);
    }
    return std::nullopt;
}

std::optional<rejection> event_changes::checkpoint(partition_id partition,
                                                   const checkpoint_op& change) {
    event_state state{};
    if (auto refused = check(partition, change.event, state)) return refused;
    const bool inserted = write_step(insert_step_, change.event, change.step);
    if (keeps_fence && !inserted) return fenced();
    if (state != event_state::running) {
        set_state_.run(number(event_state::running), std::int64_t{0}, change.event);
    }
    return std::nullopt;
}

std::optional<rejection> event_changes::park(partition_id partition, const park_op& change) {
    event_state state{};
    if (auto refused = check(partition, change.event, state)) return refused;
    const bool now = change.due_ms <= 0;
    set_state_.run(number(now ? event_state::ready : event_state::waiting),
                   now ? std::int64_t{0} : change.due_ms, change.event);
    return std::nullopt;
}

std::optional<rejection> event_changes::finish(partition_id partition, const finish_op& change) {
    if (!is_terminal(change.state)) {
        return wrong(base::error_code::invalid_input,
                     std::string("an execution cannot end as ") + to_string(change.state));
    }
    event_state state{};
    if (auto refused = check(partition, change.event, state)) return refused;
    set_end_.run(number(change.state), change.ended_ms, change.event);
    if (change.keep_metadata_only) {
        strip_steps_.run(change.event);
        strip_body_.run(change.event);
    }
    const bool without = change.keep_metadata_only && !change.keep_output;
    const std::string output = without ? std::string() : change.output_json;
    if (!output.empty() || !change.error_json.empty()) {
        insert_outcome_.run(change.event, output, change.error_json);
    }
    return std::nullopt;
}

std::optional<rejection> event_changes::reopen(partition_id partition, const reopen_op& change) {
    event_state state{};
    if (auto refused = find(partition, change.event, state)) return refused;
    if (!is_terminal(state)) return rejection{commit_outcome::conflict, std::nullopt};
    reopening_.run(change);
    for (const step_record& step : change.replace)
        write_step(replace_step_, change.event, step);
    return std::nullopt;
}

void event_changes::add_log(const log_op& change) {
    const std::int64_t most = most_log_lines;
    for (const log_line& line : change.lines)
        insert_log_.run(change.event, line.at_ms, line.level, line.text, most);
}

void event_changes::take_output(const take_output_op& change) { strip_outcome_.run(change.event); }

}  // namespace sluice::store
