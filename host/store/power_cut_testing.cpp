#include "store/power_cut_testing.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/connection.hpp"

namespace sluice::store::testing {

namespace {

std::string mark(const new_event& event) { return event.dedupe_key + "\n" + event.payload_json; }

// A pool of few keys and bodies, so that repetitions happen.
std::string pick_key(std::uint64_t random) {
    return random % 3 == 0 ? std::string() : "key" + std::to_string(random % 12);
}

}  // namespace

failing_life::failing_life(std::uint64_t seed) : random_(seed), disk_(seed * 31 + 7) {}

std::unique_ptr<store> failing_life::open() {
    sqlite_options options;
    options.clock = &clock_;
    options.vfs = disk_.name();
    options.run_on = &loop_;
    options.on_fatal = [this](const base::error&) { ++fatal_errors_; };
    auto opened = open_sqlite_store(options);
    return opened ? std::move(*opened) : nullptr;
}

void failing_life::work(store& on, int rounds) {
    for (int round = 0; round < rounds && !disk_.is_dead() && fatal_errors_ == 0; ++round) {
        const auto requests = 1 + below(5);
        for (std::uint64_t i = 0; i < requests; ++i) {
            switch (below(8)) {
                case 0:
                    count_up(on);
                    break;
                case 1:
                case 2:
                case 3:
                    commit_some(on);
                    break;
                default:
                    append_some(on);
                    break;
            }
        }
        loop_.run_ready();
        if (below(5) == 0) loop_.advance_ms(60);  // idle: a checkpoint
    }
}

void failing_life::append_some(store& on) {
    std::vector<new_event> events;
    const auto count = 1 + below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string key = pick_key(random_());
        std::string payload = key.empty() || below(5) == 0
                                  ? std::string(below(3000), static_cast<char>('a' + below(26)))
                                  : "body of " + key;
        events.push_back(make_event(++last_id_, std::move(payload), key));
        told_.events[last_id_] = {events.back().payload_json, key, false, false, {}};
    }
    on.append(events, [this, events](const auto& reply) { note_append(events, reply); });
}

void failing_life::note_append(const std::vector<new_event>& asked,
                               const base::result<std::vector<append_outcome>>& reply) {
    if (!reply) {
        ++refusals_;
        return;
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const append_outcome& outcome = (*reply)[i];
        const auto known = told_.keys.find(mark(asked[i]));
        if (outcome.what == append_outcome::kind::duplicate) {
            EXPECT_TRUE(told_.events.contains(outcome.id));
            if (known != told_.keys.end()) {
                EXPECT_EQ(known->second, outcome.id);
            }
            told_.events[outcome.id].stored = true;  // the answer vouches for it
        } else if (outcome.what != append_outcome::kind::refused) {
            EXPECT_TRUE(asked[i].dedupe_key.empty() || known == told_.keys.end())
                << "a known key was stored again";
            told_.events[outcome.id].stored = true;
        } else {
            ++refusals_;
            continue;
        }
        if (!asked[i].dedupe_key.empty()) told_.keys[mark(asked[i])] = outcome.id;
        ++told_.acknowledged;
    }
}

void failing_life::commit_some(store& on) {
    if (told_.events.empty()) return;
    auto one = told_.events.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(below(told_.events.size())));
    const event_id id = one->first;
    if (!one->second.stored) return;
    std::vector<op> ops;
    told::batch batch{id, {}, false};
    const auto steps = below(4);
    for (std::uint64_t i = 0; i < steps; ++i) {
        batch.paths.push_back("/do/" + std::to_string(told_.batches.size()) + "/" +
                              std::to_string(i));
        ops.push_back(recorded(id, batch.paths.back()));
    }
    const auto kind = below(6);
    const event_state end = kind == 0 ? event_state::succeeded : event_state::failed;
    if (kind < 2) {
        ops.push_back(finished(id, end));
        one->second.asked_end = true;
    } else if (kind == 2) {
        ops.push_back(park_op{id, static_cast<std::int64_t>(below(2))});
    }
    if (ops.empty()) return;
    const std::size_t index = told_.batches.size();
    told_.batches.push_back(std::move(batch));
    const partition_id partition = partition_of("acme");
    on.commit(partition, on.acquire(partition).value(), std::move(ops),
              [this, id, index, ends = kind < 2, end](const auto& reply) {
                  if (!reply || *reply != commit_outcome::committed) return;
                  told_.batches[index].committed = true;
                  ++told_.acknowledged;
                  auto& event = told_.events[id];
                  EXPECT_FALSE(is_terminal(event.end)) << "an ended event was changed";
                  if (ends) event.end = end;
              });
}

void failing_life::count_up(store& on) {
    const std::int64_t value = ++told_.asked_counter;
    const partition_id partition = partition_of("acme");
    on.commit(partition, on.acquire(partition).value(),
              {state_put_op{"acme", "orders", "counter", std::to_string(value), false, {}}},
              [this, value](const auto& reply) {
                  if (!reply || *reply != commit_outcome::committed) return;
                  told_.counter = value;
                  ++told_.acknowledged;
              });
}

void failing_life::check(store& found) {
    check_events(found);
    check_steps(found);
    check_ends(found);
    check_duplicates(found);
    const auto counter = found.state_get("acme", "orders", "counter").value();
    const std::int64_t value = counter.version == 0 ? 0 : std::stoll(counter.value_json);
    EXPECT_GE(value, told_.counter) << "an acknowledged state value is lost";
    EXPECT_LE(value, told_.asked_counter);
}

void failing_life::check_events(store& found) {
    std::set<event_id> there;
    history_filter all;
    all.limit = 1'000'000;
    const auto listed = found.history(all).value();
    for (const auto& event : listed) {
        there.insert(event.id);
        ASSERT_TRUE(told_.events.contains(event.id)) << "event from nowhere: " << event.id;
        const auto payload = found.payload(event.id);
        ASSERT_TRUE(payload) << "half an event: " << event.id;
        EXPECT_EQ(*payload, told_.events[event.id].payload) << "payload of " << event.id;
        EXPECT_NE(event.state, event_state::running) << "running without an owner";
    }
    for (const auto& [id, event] : told_.events) {
        EXPECT_TRUE(!event.stored || there.contains(id)) << "acknowledged and lost: " << id;
    }
}

void failing_life::check_steps(store& found) {
    std::map<event_id, std::vector<std::string>> recorded_paths;
    for (const auto& batch : told_.batches) {
        if (recorded_paths.contains(batch.event)) continue;
        auto& paths = recorded_paths[batch.event];
        const auto steps = found.checkpoints(batch.event).value();
        for (const auto& step : steps)
            paths.push_back(step.path);
    }
    for (auto& batch : told_.batches) {
        const auto& paths = recorded_paths[batch.event];
        const auto has = [&paths](const std::string& path) {
            return std::find(paths.begin(), paths.end(), path) != paths.end();
        };
        const auto count = std::count_if(batch.paths.begin(), batch.paths.end(), has);
        const auto all = static_cast<std::ptrdiff_t>(batch.paths.size());
        if (batch.committed) {
            EXPECT_EQ(count, all) << "an acknowledged step of " << batch.event << " is lost";
        } else {
            EXPECT_TRUE(count == 0 || count == all) << "half a batch of " << batch.event;
        }
        if (count == all && all != 0) batch.committed = true;  // seen, so it must stay
    }
}

void failing_life::check_ends(store& found) {
    for (auto& [id, event] : told_.events) {
        const auto detail = found.execution(id);
        if (!detail) continue;
        const event_state state = detail->summary.state;
        if (is_terminal(event.end)) {
            EXPECT_EQ(state, event.end) << "the end of " << id << " changed";
        } else if (is_terminal(state)) {
            EXPECT_TRUE(event.asked_end) << id << " ended by itself";
            event.end = state;
        }
        event.stored = true;
        if (is_terminal(state) && below(4) == 0) {
            std::optional<commit_outcome> late;
            found.commit(partition_of("acme"), found.acquire(partition_of("acme")).value(),
                         {finished(id, event_state::cancelled)},
                         [&late](const auto& reply) { late = reply.value(); });
            loop_.run_ready();
            EXPECT_EQ(late, commit_outcome::fenced) << "a second end for " << id;
        }
    }
}

void failing_life::check_duplicates(store& found) {
    std::vector<new_event> again;
    std::vector<event_id> first;
    for (const auto& [key_and_payload, id] : told_.keys) {
        const auto line = key_and_payload.find('\n');
        again.push_back(make_event(++last_id_, key_and_payload.substr(line + 1),
                                   key_and_payload.substr(0, line)));
        first.push_back(id);
    }
    std::vector<append_outcome> outcomes;
    found.append(again, [&outcomes](const auto& reply) {
        if (reply) outcomes = *reply;
    });
    loop_.run_ready();
    ASSERT_EQ(outcomes.size(), again.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        EXPECT_EQ(outcomes[i].what, append_outcome::kind::duplicate)
            << "the key of acknowledged event " << first[i] << " was forgotten";
        if (outcomes[i].what == append_outcome::kind::duplicate) {
            EXPECT_EQ(outcomes[i].id, first[i]);
        } else {
            told_.events[again[i].id] = {again[i].payload_json, again[i].dedupe_key, true, false,
                                         event_state::ready};
        }
    }
}

void failing_life::check_integrity() {
    auto database = open_for_reading({"sluice.db", disk_.name(), false});
    ASSERT_TRUE(database) << database.error_value().to_text();
    EXPECT_EQ((*database)->execAndGet("PRAGMA integrity_check").getString(), "ok");
    const auto count = [&database](const char* sql) {
        return (*database)->execAndGet(sql).getInt64();
    };
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE id NOT IN (SELECT event FROM body)"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM body WHERE event NOT IN (SELECT id FROM event)"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM step WHERE event NOT IN (SELECT id FROM event)"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM dedup WHERE event NOT IN (SELECT id FROM event)"), 0);
}

}  // namespace sluice::store::testing
