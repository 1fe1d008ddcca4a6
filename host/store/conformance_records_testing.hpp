// Conformance: durable state, configuration, ticks, pages.
#pragma once

#include <numeric>

#include "store/store_conformance_testing.hpp"

namespace sluice::store::testing {

inline state_put_op put_value(std::string key, std::string value,
                              std::optional<std::uint64_t> expected = {}) {
    return state_put_op{"acme", "orders", std::move(key), std::move(value), false, expected};
}
inline state_put_op remove_value(std::string key, std::optional<std::uint64_t> expected = {}) {
    return state_put_op{"acme", "orders", std::move(key), {}, true, expected};
}

TEST_P(store_conformance, keeps_state_values_with_growing_versions) {
    EXPECT_EQ(it().state_get("acme", "orders", "k").value().version, 0u);
    ASSERT_TRUE(commit_and_wait(it(), {put_value("k", "1", 0)}));
    const auto first = it().state_get("acme", "orders", "k").value();
    EXPECT_EQ(first.value_json, "1");
    EXPECT_GT(first.version, 0u);
    ASSERT_EQ(commit_and_wait(it(), {put_value("k", "2", first.version)}).value(),
              commit_outcome::committed);
    reopen();
    const auto second = it().state_get("acme", "orders", "k").value();
    EXPECT_EQ(second.value_json, "2");
    EXPECT_GT(second.version, first.version);
    EXPECT_EQ(it().state_get("acme", "returns", "k").value().version, 0u);
    EXPECT_EQ(it().state_get("globex", "orders", "k").value().version, 0u);
}

TEST_P(store_conformance, answers_conflict_for_another_version_and_writes_nothing) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    ASSERT_TRUE(commit_and_wait(it(), {put_value("k", "1")}));
    const auto now = it().state_get("acme", "orders", "k").value();
    for (const auto expected : {std::uint64_t{0}, now.version + 1}) {
        EXPECT_EQ(commit_and_wait(it(), {recorded(1, "/do/0"), put_value("other", "9"),
                                         put_value("k", "2", expected)})
                      .value(),
                  commit_outcome::conflict);
    }
    EXPECT_EQ(commit_and_wait(it(), {remove_value("k", now.version + 1)}).value(),
              commit_outcome::conflict);
    EXPECT_EQ(commit_and_wait(it(), {put_value("none", "2", 5)}).value(), commit_outcome::conflict);
    EXPECT_EQ(it().state_get("acme", "orders", "k").value().value_json, "1");
    EXPECT_EQ(it().state_get("acme", "orders", "other").value().version, 0u);
    EXPECT_TRUE(it().checkpoints(1).value().empty());
}

TEST_P(store_conformance, a_removed_value_comes_back_with_a_version_never_seen) {
    ASSERT_TRUE(commit_and_wait(it(), {put_value("k", "1")}));
    const auto old = it().state_get("acme", "orders", "k").value();
    ASSERT_TRUE(commit_and_wait(it(), {remove_value("k", old.version)}));
    EXPECT_EQ(it().state_get("acme", "orders", "k").value().version, 0u);
    reopen();
    ASSERT_EQ(commit_and_wait(it(), {put_value("k", "2", 0)}).value(), commit_outcome::committed);
    EXPECT_NE(it().state_get("acme", "orders", "k").value().version, old.version);
    EXPECT_EQ(commit_and_wait(it(), {put_value("k", "3", old.version)}).value(),
              commit_outcome::conflict);
    EXPECT_EQ(commit_and_wait(it(), {remove_value("never")}).value(), commit_outcome::committed);
}

TEST_P(store_conformance, writes_configuration_with_a_version_check) {
    ASSERT_TRUE(put_config_and_wait(it(), {"instance", "acme", "{}", 0}));
    ASSERT_TRUE(put_config_and_wait(it(), {"instance", "globex", "[]", 0}));
    ASSERT_TRUE(put_config_and_wait(it(), {"flow", "acme", "7", 0}));
    const auto again = put_config_and_wait(it(), {"instance", "acme", "2", 0});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error_value().code, base::error_code::conflict);
    const auto version = it().config("instance").value().at(0).version;
    ASSERT_TRUE(put_config_and_wait(it(), {"instance", "acme", "3", version}));
    EXPECT_FALSE(put_config_and_wait(it(), {"instance", "acme", "4", version}));
    reopen();
    const auto records = it().config("instance").value();
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].key, "acme");
    EXPECT_EQ(records[0].value_json, "3");
    EXPECT_GT(records[0].version, version);
    EXPECT_EQ(records[1].key, "globex");
    EXPECT_TRUE(it().config("endpoint").value().empty());
}

TEST_P(store_conformance, changes_all_configuration_or_none) {
    ASSERT_TRUE(put_config_and_wait(it(), {"instance", "acme", "1", 0}));
    const auto version = it().config("instance").value().at(0).version;
    const auto refused = change_config_and_wait(it(), {{{"instance", "globex", "2", 0}, false},
                                                       {{"instance", "acme", "", version}, true},
                                                       {{"instance", "initech", "", 7}, true}});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error_value().message.find("initech"), std::string::npos);
    ASSERT_EQ(it().config("instance").value().size(), 1u);
    ASSERT_TRUE(change_config_and_wait(it(), {{{"instance", "globex", "2", 0}, false},
                                              {{"instance", "acme", "", version}, true}}));
    reopen();
    const auto records = it().config("instance").value();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].key, "globex");
}

TEST_P(store_conformance, a_version_of_configuration_never_returns) {
    ASSERT_TRUE(put_config_and_wait(it(), {"instance", "acme", "1", 0}));
    const auto version = it().config("instance").value().at(0).version;
    ASSERT_TRUE(change_config_and_wait(it(), {{{"instance", "acme", "", version}, true}}));
    ASSERT_TRUE(put_config_and_wait(it(), {"instance", "acme", "2", 0}));
    EXPECT_FALSE(put_config_and_wait(it(), {"instance", "acme", "3", version}));
    EXPECT_EQ(it().config("instance").value().at(0).value_json, "2");
}

TEST_P(store_conformance, pages_through_live_events_by_id) {
    std::vector<new_event> events;
    for (event_id id = 1; id <= 20; ++id) {
        events.push_back(make_event(id, "x", "", id % 2 == 0 ? "acme" : "globex"));
    }
    ASSERT_TRUE(append_and_wait(it(), events));
    ASSERT_TRUE(commit_and_wait(it(), {finished(4), finished(8)}));
    std::vector<event_id> seen;
    event_id after = 0;
    while (true) {
        const auto page = it().load_ready(acme(), after, 3).value();
        if (page.empty()) break;
        EXPECT_LE(page.size(), 3u);
        for (const auto& event : page)
            seen.push_back(event.id);
        after = page.back().id;
    }
    EXPECT_EQ(seen, (std::vector<event_id>{2, 6, 10, 12, 14, 16, 18, 20}));
    EXPECT_EQ(it().load_ready_all(0, 100).value().size(), 18u);
    EXPECT_EQ(it().load_ready_all(15, 100).value().size(), 5u);
    EXPECT_TRUE(it().load_ready_all(0, 0).value().empty());
}

TEST_P(store_conformance, pages_and_filters_the_history_newest_first) {
    std::vector<new_event> events;
    for (event_id id = 1; id <= 12; ++id) {
        events.push_back(make_event(id, "x", "", id % 3 == 0 ? "globex" : "acme"));
        events.back().flow = id % 2 == 0 ? "orders" : "returns";
    }
    ASSERT_TRUE(append_and_wait(it(), events));
    ASSERT_TRUE(commit_and_wait(it(), {recorded(2, "/do/0"), recorded(2, "/do/1"),
                                       finished(2, event_state::failed, "", "{}")}));
    const auto ids = [this](const history_filter& filter) {
        std::vector<event_id> found;
        const auto page = it().history(filter).value();
        for (const auto& one : page)
            found.push_back(one.id);
        return found;
    };
    history_filter filter;
    filter.limit = 5;
    EXPECT_EQ(ids(filter), (std::vector<event_id>{12, 11, 10, 9, 8}));
    filter.before = 8;
    EXPECT_EQ(ids(filter), (std::vector<event_id>{7, 6, 5, 4, 3}));
    filter = {};
    filter.instance = "globex";
    EXPECT_EQ(ids(filter), (std::vector<event_id>{12, 9, 6, 3}));
    filter.flow = "orders";
    EXPECT_EQ(ids(filter), (std::vector<event_id>{12, 6}));
    filter = {};
    filter.state = event_state::failed;
    const auto failed = it().history(filter).value();
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed[0].id, 2);
    EXPECT_EQ(failed[0].step_count, 2);
    EXPECT_EQ(failed[0].error_json, "{}");
    filter.instance = "nobody";
    EXPECT_TRUE(ids(filter).empty());
}

TEST_P(store_conformance, filters_the_history_by_instances_time_and_error) {
    std::vector<new_event> events;
    for (event_id id = 1; id <= 6; ++id) {
        events.push_back(make_event(id, "x", "", id % 2 == 0 ? "globex" : "acme"));
        events.back().accepted_ms = 1'000 * id;
        events.back().lane_key = "lane";
        events.back().parent = 7 - id;
    }
    ASSERT_TRUE(append_and_wait(it(), events));
    ASSERT_TRUE(commit_and_wait(it(), {finished(3, event_state::failed, "", R"({"a":"Not Here"})"),
                                       finished(5, event_state::failed, "", R"({"a":"b"})")}));
    const auto ids = [this](const history_filter& filter) {
        std::vector<event_id> found;
        const auto page = it().history(filter).value();
        for (const auto& one : page)
            found.push_back(one.id);
        return found;
    };
    history_filter filter;
    filter.any_of = std::vector<std::string>{"globex", "nobody"};
    EXPECT_EQ(ids(filter), (std::vector<event_id>{6, 4, 2}));
    filter.any_of = std::vector<std::string>{};
    EXPECT_TRUE(ids(filter).empty());
    filter = {};
    filter.from_ms = 2'000;
    filter.to_ms = 5'000;
    EXPECT_EQ(ids(filter), (std::vector<event_id>{4, 3, 2}));
    filter = {};
    filter.error_text = "not h";
    EXPECT_EQ(ids(filter), (std::vector<event_id>{3}));
    const auto found = it().history(filter).value();
    EXPECT_EQ(found[0].lane_key, "lane");
    EXPECT_EQ(found[0].parent, 4);
}

TEST_P(store_conformance, pages_through_configuration_backwards) {
    for (const char* key : {"a", "b", "c", "d"})
        ASSERT_TRUE(put_config_and_wait(it(), {"list", key, "{}", 0}));
    ASSERT_TRUE(put_config_and_wait(it(), {"other", "e", "{}", 0}));
    const auto keys = [this](const std::string& before, int limit) {
        std::string found;
        const auto page = it().config_before("list", before, limit).value();
        for (const auto& one : page)
            found += one.key;
        return found;
    };
    EXPECT_EQ(keys("", 3), "dcb");
    EXPECT_EQ(keys("b", 3), "a");
    EXPECT_EQ(keys("a", 3), "");
}

TEST_P(store_conformance, reports_its_health) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    const auto health = it().health().value();
    EXPECT_TRUE(health.admitting);
    EXPECT_GE(health.transactions, 1u);
    EXPECT_GE(health.batches, health.transactions);
    EXPECT_NE(health.engine, "");
}

}  // namespace sluice::store::testing
