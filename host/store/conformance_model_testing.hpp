// Conformance: random sequences of batches against a store made of maps.
#pragma once

#include <map>
#include <random>
#include <set>

#include "store/store_conformance_testing.hpp"

namespace sluice::store::testing {

// The interface's rules and nothing else.
class model_store {
  public:
    struct event {
        std::string payload;
        event_state state = event_state::ready;
        std::int64_t due_ms = 0;
        std::vector<std::string> steps;
    };

    append_outcome append(const new_event& asked) {
        if (!asked.dedupe_key.empty()) {
            const auto same = keys_.find({asked.dedupe_key, asked.payload_json});
            if (same != keys_.end()) return {append_outcome::kind::duplicate, same->second, {}};
        }
        if (events_.contains(asked.id)) return {append_outcome::kind::refused, asked.id, {}};
        const bool known_key = !asked.dedupe_key.empty() && known_.contains(asked.dedupe_key);
        events_[asked.id] = {asked.payload_json, event_state::ready, 0, {}};
        if (!asked.dedupe_key.empty()) {
            keys_[{asked.dedupe_key, asked.payload_json}] = asked.id;
            known_.insert(asked.dedupe_key);
        }
        return {known_key ? append_outcome::kind::stored_despite_key : append_outcome::kind::stored,
                asked.id,
                {}};
    }

    commit_outcome commit(const std::vector<op>& ops) {
        const model_store before = *this;
        for (const op& change : ops) {
            const commit_outcome one = apply(change);
            if (one == commit_outcome::committed) continue;
            *this = before;
            return one;
        }
        return commit_outcome::committed;
    }

    void restart() {
        for (auto& [id, one] : events_) {
            if (one.state == event_state::running) one.state = event_state::ready;
        }
    }

    const std::map<event_id, event>& events() const { return events_; }
    const std::map<std::string, std::string>& values() const { return values_; }

  private:
    commit_outcome apply(const op& change) {
        if (const auto* step = std::get_if<checkpoint_op>(&change)) {
            event& one = events_.at(step->event);
            const auto& path = step->step.path;
            const bool known =
                std::find(one.steps.begin(), one.steps.end(), path) != one.steps.end();
            if (is_terminal(one.state) || known) return commit_outcome::fenced;
            one.steps.push_back(path);
            one.state = event_state::running;
            one.due_ms = 0;
        } else if (const auto* park = std::get_if<park_op>(&change)) {
            event& one = events_.at(park->event);
            if (is_terminal(one.state)) return commit_outcome::fenced;
            one.state = park->due_ms == 0 ? event_state::ready : event_state::waiting;
            one.due_ms = park->due_ms;
        } else if (const auto* end = std::get_if<finish_op>(&change)) {
            event& one = events_.at(end->event);
            if (is_terminal(one.state)) return commit_outcome::fenced;
            one.state = end->state;
            one.due_ms = 0;
        } else if (const auto* put = std::get_if<state_put_op>(&change)) {
            if (put->expected == 0u && values_.contains(put->key)) {
                return commit_outcome::conflict;
            }
            if (put->remove) {
                values_.erase(put->key);
            } else {
                values_[put->key] = put->value_json;
            }
        } else {
            append(std::get<append_op>(change).event);
        }
        return commit_outcome::committed;
    }

    std::map<event_id, event> events_;
    std::map<std::pair<std::string, std::string>, event_id> keys_;
    std::set<std::string> known_;
    std::map<std::string, std::string> values_;
};

class random_work {
  public:
    explicit random_work(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    new_event event() {
        std::string key = below(2) == 0 ? "" : "key" + std::to_string(below(5));
        const event_id id = below(10) == 0 && last_ > 0 ? last_ : ++last_;
        return make_event(id, "body" + std::to_string(below(3)), key);
    }

    op change(const std::vector<event_id>& known) {
        const event_id id = known[below(known.size())];
        const std::string key = "k" + std::to_string(below(3));
        switch (below(7)) {
            case 0:
                return finished(id, below(2) == 0 ? event_state::succeeded : event_state::failed);
            case 1:
                return park_op{id, static_cast<std::int64_t>(below(3))};
            case 2: {
                const bool remove = below(3) == 0;
                std::optional<std::uint64_t> expected;
                if (below(2) == 0) expected = 0;
                return state_put_op{"acme", "orders", key, std::to_string(below(9)),
                                    remove, expected};
            }
            case 3:
                return append_op{make_event(++last_, "child", "")};
            default:
                return recorded(id, "/do/" + std::to_string(below(6)));
        }
    }

  private:
    std::mt19937_64 random_;
    event_id last_ = 0;
};

TEST_P(store_conformance, does_what_a_store_of_maps_does) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        subject_ = GetParam().make();
        store_.reset();
        store_ = subject_->open();
        model_store model;
        random_work work(seed);
        for (int round = 0; round < 60; ++round) {
            std::vector<event_id> known;
            for (const auto& [id, one] : model.events())
                known.push_back(id);
            if (known.empty() || work.below(3) == 0) {
                std::vector<new_event> events;
                for (auto i = 1 + work.below(3); i > 0; --i)
                    events.push_back(work.event());
                const auto outcomes = append_and_wait(it(), events).value();
                for (std::size_t i = 0; i < events.size(); ++i) {
                    const auto expected = model.append(events[i]);
                    ASSERT_EQ(outcomes[i].what, expected.what);
                    ASSERT_EQ(outcomes[i].id, expected.id);
                }
            } else {
                std::vector<op> ops;
                for (auto i = 1 + work.below(4); i > 0; --i)
                    ops.push_back(work.change(known));
                ASSERT_EQ(commit_and_wait(it(), ops).value(), model.commit(ops));
            }
            if (work.below(20) == 0) {
                reopen();
                model.restart();
            }
        }
        for (const auto& [id, expected] : model.events()) {
            const auto found = it().execution(id).value();
            EXPECT_EQ(found.summary.state, expected.state) << id;
            EXPECT_EQ(found.summary.due_ms, expected.due_ms) << id;
            EXPECT_EQ(found.payload_json, expected.payload) << id;
            std::vector<std::string> paths;
            for (const auto& step : found.steps)
                paths.push_back(step.path);
            EXPECT_EQ(paths, expected.steps) << id;
        }
        history_filter all;
        all.limit = 10'000;
        EXPECT_EQ(it().history(all).value().size(), model.events().size());
        for (int k = 0; k < 3; ++k) {
            const std::string key = "k" + std::to_string(k);
            const auto found = it().state_get("acme", "orders", key).value();
            ASSERT_EQ(found.version != 0, model.values().contains(key));
            if (found.version != 0) {
                EXPECT_EQ(found.value_json, model.values().at(key));
            }
        }
        store_->close();
    }
}

}  // namespace sluice::store::testing
