#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string events = hello + "/events?per_page=100";
const std::string releases = hello + "/releases?per_page=100";

std::string list(const std::vector<int>& ids, const char* type = "PushEvent") {
    json found = json::array();
    for (const int id : ids)
        found.push(json{{"id", std::to_string(id)}, {"type", type}});
    return found.dump();
}

struct poller {
    std::string action;
    mock_host host{sluice_connector_v1};
    json input{{"repository", "octo/hello"}, {"cursor", nullptr}};

    std::vector<std::string> poll() {
        const call_result last = host.run(action, input, token_connection());
        EXPECT_TRUE(last.ok) << last.explain();
        EXPECT_EQ(last.output["more"], json(false));
        input.set("cursor", last.output["cursor"]);
        std::vector<std::string> ids;
        const json found = last.output["items"];
        for (const json& item : found.items()) {
            ids.push_back(item["id"].is_string() ? item["id"].as_string()
                                                 : item["id"].number_text());
        }
        return ids;
    }
};

using ids = std::vector<std::string>;

TEST(github_events, are_given_once_the_oldest_first) {
    poller one{"listEvents"};
    one.host.on("GET", events)
        .reply(200, list({3, 2, 1}), {{"ETag", "e1"}})
        .reply(200, list({5, 4, 3}), {{"ETag", "e2"}})
        .reply(304, "");
    EXPECT_EQ(one.poll(), ids{}) << "the first call gives a place alone";
    EXPECT_EQ(one.poll(), (ids{"4", "5"}));
    EXPECT_EQ(one.host.requests().back().header("If-None-Match"), "e1");
    const json cursor = one.input["cursor"];
    EXPECT_EQ(one.poll(), ids{});
    EXPECT_EQ(one.host.requests().back().header("If-None-Match"), "e2");
    EXPECT_EQ(one.input["cursor"], cursor);
}

TEST(github_events, that_come_late_are_not_missed) {
    poller one{"listEvents"};
    one.host.on("GET", events).reply(200, list({5, 3})).reply(200, list({6, 5, 4, 3}));
    one.poll();
    EXPECT_EQ(one.poll(), (ids{"4", "6"}));
}

TEST(github_events, on_further_pages_are_found) {
    poller one{"listEvents"};
    const std::string second = hello + "/events?per_page=100&page=2";
    one.host.on("GET", events)
        .reply(200, list({1}))
        .reply(200, list({5, 4}), {{"Link", next_link(second)}});
    one.host.on("GET", second)
        .reply(200, list({3, 2, 1}), {{"Link", next_link(events + "&page=3")}});
    one.poll();
    EXPECT_EQ(one.poll(), (ids{"2", "3", "4", "5"}));
    EXPECT_EQ(one.host.requests().size(), 3u) << "no further than to what was seen";
}

TEST(github_events, of_other_types_are_left_out) {
    poller one{"listEvents"};
    one.input.set("start", "existing");
    one.input.set("types", json::array({"IssuesEvent"}));
    const json both = json::array(
        {json{{"id", "2"}, {"type", "PushEvent"}}, json{{"id", "1"}, {"type", "IssuesEvent"}}});
    one.host.on("GET", events).reply(200, both.dump());
    EXPECT_EQ(one.poll(), (ids{"1"}));
}

TEST(github_events, are_a_list_of_what_has_an_id) {
    mock_host host(sluice_connector_v1);
    host.on("GET", events).reply(200, "{}").reply(200, "[{}]").reply(200, "[7]");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(host.run("listEvents", json{{"repository", "octo/hello"}}, token_connection())
                      .error.code,
                  SLUICE_UNAVAILABLE);
    }
}

// A draft of long ago that is published is listed where it was made.
TEST(github_new_releases, are_found_on_further_pages) {
    poller one{"listNewReleases"};
    const auto some = [](int from, int count) {
        json found = json::array();
        for (int i = 0; i < count; ++i)
            found.push(json{{"id", from - i}, {"draft", false}});
        return found;
    };
    json second = some(100, 2);
    const std::string link = next_link(releases + "&page=2");
    one.host.on("GET", releases).reply(200, some(300, 100).dump(), {{"Link", link}, {"ETag", "e"}});
    auto& pages = one.host.on("GET", releases + "&page=2");
    pages.reply(200, second.dump());
    second.push(json{{"id", 7}, {"draft", false}});
    pages.reply(200, second.dump());
    EXPECT_EQ(one.poll(), ids{});
    EXPECT_EQ(one.poll(), (ids{"7"}));
    EXPECT_EQ(one.host.requests().at(2).header("If-None-Match"), "")
        << "the first page did not change";
    EXPECT_EQ(one.poll(), ids{});
}

TEST(github_new_releases, are_news_when_they_are_published) {
    poller one{"listNewReleases"};
    const auto release = [](int id, bool draft, bool preview) {
        return json{{"id", id}, {"draft", draft}, {"prerelease", preview}};
    };
    one.host.on("GET", releases)
        .reply(200, json::array({release(2, true, false), release(1, false, false)}).dump())
        .reply(200, json::array({release(3, false, true), release(2, false, false),
                                 release(1, false, false)})
                        .dump())
        .reply(200, json::array({release(2, false, false), release(1, false, false)}).dump());
    EXPECT_EQ(one.poll(), ids{});
    EXPECT_EQ(one.poll(), (ids{"2", "3"}));
    EXPECT_EQ(one.poll(), ids{}) << "3 is gone, nothing is new";
}

}  // namespace
}  // namespace sluice::github::testing
