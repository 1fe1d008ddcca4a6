#include <sluice/url.hpp>

#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string newest_first =
    hello + "/issues?state=all&sort=updated&direction=desc&per_page=100";
const std::string oldest_first =
    hello + "/issues?state=all&sort=updated&direction=asc&per_page=100";
const std::string noon = "2026-01-31T12:00:00Z";
const std::string later = "2026-01-31T12:00:05Z";

std::string since(const std::string& time) {
    return oldest_first + "&since=" + percent_encode(time);
}

json issue(int id, const std::string& time, const std::string& title = "t") {
    return json{{"id", id}, {"title", title}, {"updated_at", time}};
}

json issues(int first, int count, const std::string& time) {
    json list = json::array();
    for (int i = 0; i < count; ++i)
        list.push(issue(first + i, time));
    return list;
}

struct poller {
    mock_host host{sluice_connector_v1};
    json input{{"repository", "octo/hello"}, {"cursor", nullptr}};
    call_result last;

    // The ids that the next call finds.
    std::vector<std::int64_t> poll() {
        last = host.run("listIssueChanges", input, token_connection());
        EXPECT_TRUE(last.ok) << last.explain();
        input.set("cursor", last.output["cursor"]);
        std::vector<std::int64_t> ids;
        const json found = last.output["items"];
        for (const json& item : found.items())
            ids.push_back(item.get_or("id", 0));
        return ids;
    }
    bool more() const { return last.output.get_or("more", false); }
};

using ids = std::vector<std::int64_t>;

TEST(github_issue_changes, count_from_now_and_cost_nothing_while_there_are_none) {
    poller one;
    one.host.on("GET", newest_first)
        .reply(200, json::array({issue(2, noon), issue(1, "2026-01-30T12:00:00Z")}).dump());
    one.host.on("GET", since(noon))
        .when([](const recorded_request& request) {
            return request.header("If-None-Match") == "W/\"e1\"";
        })
        .reply(304, "");
    one.host.on("GET", since(noon))
        .reply(200, json::array({issue(2, noon)}).dump(), {{"ETag", "W/\"e1\""}});
    EXPECT_EQ(one.poll(), ids{}) << "the first call gives a place alone";
    EXPECT_EQ(one.poll(), ids{}) << "2 was there before";
    EXPECT_EQ(one.poll(), ids{});
    EXPECT_EQ(one.host.requests().back().header("If-None-Match"), "W/\"e1\"");
    const json cursor = one.input["cursor"];
    EXPECT_EQ(one.poll(), ids{});
    EXPECT_EQ(one.input["cursor"], cursor);
    EXPECT_FALSE(one.more());
}

TEST(github_issue_changes, are_given_once_the_oldest_first) {
    poller one;
    one.input.set("start", "existing");
    one.host.on("GET", oldest_first)
        .reply(200, json::array({issue(1, noon), issue(2, later)}).dump(), {{"ETag", "e"}});
    one.host.on("GET", since(later))
        .reply(200, json::array({issue(2, later), issue(3, later)}).dump(), {{"ETag", "f"}})
        .reply(200,
               json::array({issue(2, later, "changed in that second"), issue(3, later)}).dump());
    EXPECT_EQ(one.poll(), (ids{1, 2}));
    EXPECT_EQ(one.poll(), (ids{3}));
    EXPECT_EQ(one.host.requests().back().header("If-None-Match"), "")
        << "the ETag of another address is none of this one";
    EXPECT_EQ(one.poll(), (ids{2}));
    EXPECT_EQ(one.host.requests().back().header("If-None-Match"), "f");
}

TEST(github_issue_changes, of_one_second_may_be_more_than_a_page) {
    poller one;
    one.input.set("start", "existing");
    one.host.on("GET", oldest_first).reply(200, issues(1, 100, noon).dump());
    one.host.on("GET", since(noon)).reply(200, issues(1, 100, noon).dump());
    one.host.on("GET", since(noon) + "&page=2").reply(200, issues(101, 20, noon).dump());
    EXPECT_EQ(one.poll().size(), 100u);
    EXPECT_TRUE(one.more());
    EXPECT_EQ(one.poll().size(), 0u);
    EXPECT_TRUE(one.more());
    EXPECT_EQ(one.poll().size(), 20u);
    EXPECT_FALSE(one.more());
    EXPECT_LT(one.input["cursor"].size(), 64u * 1024);
}

TEST(github_issue_changes, leave_pull_requests_out_unless_asked) {
    json pull = issue(7, noon);
    pull.set("pull_request", json::object());
    for (const bool with : {true, false}) {
        poller one;
        one.input.set("start", "existing");
        one.input.set("includePullRequests", with);
        one.host.on("GET", oldest_first).reply(200, json::array({pull, issue(8, noon)}).dump());
        EXPECT_EQ(one.poll(), with ? (ids{7, 8}) : (ids{8}));
    }
}

TEST(github_issue_changes, of_an_empty_repository_begin_with_its_first_issue) {
    poller one;
    one.host.on("GET", newest_first).reply(200, "[]");
    one.host.on("GET", oldest_first).reply(200, json::array({issue(1, noon)}).dump());
    EXPECT_EQ(one.poll(), ids{});
    EXPECT_EQ(one.poll(), (ids{1}));
}

TEST(github_issue_changes, refuse_strange_cursors_and_answers) {
    mock_host host(sluice_connector_v1);
    for (const json& cursor : {json("{"), json("[]"), json("7"), json(7), json("")}) {
        const json input{{"repository", "octo/hello"}, {"cursor", cursor}};
        EXPECT_EQ(host.run("listIssueChanges", input, token_connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << cursor.dump();
    }
    const json never{{"repository", "octo/hello"}, {"start", "never"}};
    EXPECT_EQ(host.run("listIssueChanges", never, token_connection()).error.code,
              SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
    host.on("GET", newest_first).reply(200, "{}");
    EXPECT_EQ(host.run("listIssueChanges", json{{"repository", "octo/hello"}}, token_connection())
                  .error.code,
              SLUICE_UNAVAILABLE);
}

}  // namespace
}  // namespace sluice::github::testing
