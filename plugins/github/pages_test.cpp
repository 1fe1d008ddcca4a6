#include "pages.hpp"

#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string list = hello + "/issues";
const std::string canonical = base + "/repositories/42/issues";

call_result list_issues(mock_host& host, json input = json::object()) {
    input.set("repository", "octo/hello");
    return host.run("listIssues", input, token_connection());
}

TEST(github_pages, finds_the_next_page_in_a_link_header) {
    const std::pair<const char*, const char*> headers[] = {
        {"<https://x/a?page=2>; rel=\"next\"", "page=2"},
        {"<https://x/a?page=1>; rel=\"prev\", <https://x/a?page=3&n=1>; rel=\"next\"",
         "page=3&n=1"},
        {"<https://x/a?page=2>; title=\"a, b\"; rel=next",
         nullptr},  // a comma that GitHub never sends
        {"<https://x/a,b?page=2,3>;rel=\"next\"", "page=2,3"},
        {"<https://x/a?page=2>; rel=\"last\"", nullptr},
        {"<https://x/a>; rel=\"next\"", nullptr},
        {"", nullptr},
        {"<https://x/a?page=2", nullptr},
        {"rel=\"next\"", nullptr},
        {"<>; rel=\"next\", <https://x/?c=2>; rel=\"next\"", "c=2"},
    };
    for (const auto& [header, expected] : headers) {
        const auto found = next_query(header);
        EXPECT_EQ(found.value_or("-"), expected == nullptr ? "-" : expected) << header;
    }
}

TEST(github_pages, follows_links_up_to_the_limit_in_pages_of_equal_size) {
    mock_host host(sluice_connector_v1);
    host.on("GET", list + "?per_page=83")
        .reply(200, items(1, 83), {{"Link", next_link(canonical + "?per_page=83&page=2")}});
    host.on("GET", list + "?per_page=83&page=2")
        .reply(200, items(84, 83), {{"Link", next_link(canonical + "?per_page=83&page=3")}});
    host.on("GET", list + "?per_page=83&page=3")
        .reply(200, items(167, 83), {{"Link", next_link(canonical + "?per_page=83&page=4")}});
    const call_result result = list_issues(host, json{{"limit", 250}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["issues"].size(), 249u);
    EXPECT_EQ(result.output["issues"][248].get_or("id", 0), 249);
    EXPECT_EQ(result.output.get_or("nextCursor", ""), "per_page=83&page=4");
}

TEST(github_pages, goes_on_at_a_cursor) {
    mock_host host(sluice_connector_v1);
    host.on("GET", list + "?per_page=83&page=4&after=Y%3D%3D").reply(200, items(250, 2));
    const call_result result =
        list_issues(host, json{{"cursor", "per_page=83&page=4&after=Y%3D%3D"}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["issues"].size(), 2u);
    EXPECT_TRUE(result.output["nextCursor"].is_null());
}

// The token must not follow a link to somebody else's host.
TEST(github_pages, asks_only_its_own_address) {
    mock_host host(sluice_connector_v1);
    host.on("GET", list + "*")
        .reply(200, items(1, 100), {{"Link", next_link("https://evil.example.com/x?page=2")}})
        .reply(200, items(101, 1));
    const call_result result = list_issues(host, json{{"limit", 200}});
    ASSERT_TRUE(result.ok) << result.explain();
    ASSERT_EQ(host.requests().size(), 2u);
    EXPECT_EQ(host.requests()[1].url, list + "?page=2");
}

TEST(github_pages, refuses_cursors_that_are_no_query) {
    mock_host host(sluice_connector_v1);
    for (const json& cursor : {json(""), json("page=2#x"), json("page=2\r\nX: 1"), json("a b"),
                               json("?page=2"), json(7), json(std::string(5000, 'a'))}) {
        EXPECT_EQ(list_issues(host, json{{"cursor", cursor}}).error.code, SLUICE_INVALID_INPUT)
            << cursor.dump().substr(0, 50);
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(github_pages, refuses_limits_outside_1_to_1000) {
    mock_host host(sluice_connector_v1);
    for (const json& limit : {json(0), json(1001), json(-1), json("10"), json(1.5)}) {
        EXPECT_EQ(list_issues(host, json{{"limit", limit}}).error.code, SLUICE_INVALID_INPUT);
    }
}

TEST(github_pages, ends_where_links_lead_nowhere) {
    mock_host endless(sluice_connector_v1);
    endless.on("GET", list + "*").reply(200, items(1, 1), {{"Link", next_link(list + "?page=2")}});
    EXPECT_EQ(list_issues(endless).output["issues"].size(), 2u);

    mock_host empty(sluice_connector_v1);
    empty.on("GET", list + "*").reply(200, "[]", {{"Link", next_link(list + "?page=2")}});
    const call_result result = list_issues(empty);
    EXPECT_EQ(result.output, (json{{"issues", json::array()}, {"nextCursor", json()}}));
}

TEST(github_pages, refuses_a_list_that_is_no_array) {
    mock_host host(sluice_connector_v1);
    host.on("GET", list + "*").reply(200, R"({"items": []})").reply(200, "").reply(204, "");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(list_issues(host).error.code, SLUICE_UNAVAILABLE);
}

TEST(github_pages, gives_up_when_a_later_page_fails) {
    mock_host host(sluice_connector_v1);
    host.on("GET", list + "*")
        .reply(200, items(1, 100), {{"Link", next_link(list + "?page=2")}})
        .reply(403, "{}", {{"Retry-After", "5"}});
    const call_result result = list_issues(host, json{{"limit", 200}});
    EXPECT_EQ(result.error.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(result.error.retry_after_ms, 5000u);
}

TEST(github_pages, stops_early_when_items_are_huge) {
    mock_host host(sluice_connector_v1);
    const std::string page = json::array({json{{"body", std::string(4'000'000, 'x')}}}).dump();
    host.on("GET", list + "*")
        .reply(200, page, {{"Link", next_link(list + "?page=2")}})
        .reply(200, page, {{"Link", next_link(list + "?page=3")}});
    const call_result result = list_issues(host, json{{"limit", 1000}});
    ASSERT_TRUE(result.ok) << result.explain().substr(0, 500);
    EXPECT_EQ(result.output["issues"].size(), 2u);
    EXPECT_EQ(result.output.get_or("nextCursor", ""), "page=3");
}

}  // namespace
}  // namespace sluice::github::testing
