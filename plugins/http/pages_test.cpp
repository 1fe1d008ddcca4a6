#include "http_testing.hpp"
#include "paging.hpp"

namespace sluice::http::testing {
namespace {

std::string list(int first, int count) {
    json made = json::array();
    for (int i = 0; i < count; ++i)
        made.push(first + i);
    return made.dump();
}

header_list link(const std::string& target) {
    return {{"Content-Type", "application/json"},
            {"Link", "<" + base + "/first>; rel=\"first\", <" + target + ">; rel=\"next\""}};
}

// All items over as many calls as it takes, "!" and the code when one fails.
std::string all(mock_host& host, json input, const json& connection, std::size_t* calls = nullptr) {
    std::string text;
    for (std::size_t i = 0; i < 50; ++i) {
        const call_result result = host.run("listPages", input, connection);
        if (calls != nullptr) *calls = i + 1;
        if (!result.ok) return text + "!" + std::to_string(result.error.code);
        for (const json& item : result.output["items"].items())
            text += (text.empty() ? "" : ",") + item.dump();
        if (result.output["more"] != json(true)) {
            EXPECT_TRUE(result.output["cursor"].is_null() || input.contains("hasMore"));
            return text;
        }
        input.set("cursor", result.output["cursor"]);
    }
    return text + "!endless";
}

TEST(http_paging, finds_the_next_link_among_others) {
    EXPECT_EQ(next_link("<a>; rel=\"prev\", <b>; rel=\"next\""), "b");
    EXPECT_EQ(next_link("<a>; title=x; REL=next"), "a");
    EXPECT_EQ(next_link("<a>; rel=\"last next\""), "a");
    EXPECT_EQ(next_link("<a,b>; rel=next"), "a,b");
    EXPECT_EQ(next_link(R"(<a>; title="x, <y>; rel=next"; rel=prev, <b>; rel=next)"), "b");
    EXPECT_EQ(next_link(R"(<a>; title="one, two"; rel="next")"), "a");
    EXPECT_EQ(next_link(R"(<a>; title="say \",\""; rel="next")"), "a");
    EXPECT_FALSE(next_link(R"(<a>; title="x; rel=next")"));
    for (const char* none : {"", "a; rel=next", "<a>; rel=\"nextish\"", "<a", "<a>", "<a>; x=next",
                             "<a>; rel", ">;<"}) {
        EXPECT_FALSE(next_link(none)) << none;
    }
}

TEST(http_paging, follows_links_and_gives_each_item_once) {
    for (const int limit : {1, 2, 3, 4, 5, 6, 100}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + "/items?size=3").reply(200, list(1, 3), link(base + "/items?at=2"));
        host.on("GET", base + "/items?at=2").reply(200, "[]", link("?at=3"));
        host.on("GET", base + "/items?at=3").reply(200, list(4, 2), as_json);
        const json input{{"path", "/items"}, {"query", json{{"size", 3}}}, {"limit", limit}};
        EXPECT_EQ(all(host, input, with_bearer()), "1,2,3,4,5") << limit;
        for (const recorded_request& sent : host.requests())
            EXPECT_EQ(sent.header("Authorization"), "Bearer t0ken");
    }
}

TEST(http_paging, never_follows_a_link_to_another_place) {
    for (const char* target : {"https://evil.test/v1/items", "/v2/items", "//evil.test/v1"}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base).reply(200, list(1, 1), link(target));
        EXPECT_EQ(all(host, json::object(), with_bearer()),
                  "!" + std::to_string(SLUICE_INVALID_INPUT));
        EXPECT_EQ(host.requests().size(), 1u);
    }
    mock_host host(sluice_connector_v1);
    const json cursor = json(R"({"page":"https://evil.test/v1","skip":0})");
    EXPECT_EQ(host.run("listPages", json{{"cursor", cursor}}, with_bearer()).error.code,
              SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

TEST(http_paging, a_key_in_the_query_is_in_no_cursor_and_in_each_request_once) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "?key=k3y").reply(200, list(1, 1), link(base + "?key=k3y&at=2&x=1"));
    host.on("GET", base + "?at=2&x=1&key=k3y").reply(200, list(2, 1), as_json);
    const json connection = with_key(json{{"in", "query"}, {"name", "key"}});
    const call_result first = host.run("listPages", json{{"limit", 1}}, connection);
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["cursor"].as_string().find("k3y"), std::string::npos);
    EXPECT_EQ(all(host, json{{"limit", 1}}, connection), "1,2");
}

TEST(http_paging, goes_on_by_a_cursor_in_the_answer) {
    const auto page = [](int first, const char* next) {
        return R"({"data":{"items":)" + list(first, 2) + R"(},"next":)" + next + "}";
    };
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "?size=2").reply(200, page(1, "\"c/1\""));
    host.on("GET", base + "?size=2&after=c%2F1").reply(200, page(3, "17"));
    host.on("GET", base + "?size=2&after=17").reply(200, page(5, "\"\""));
    const json input{{"by", "cursor"},
                     {"items", "data.items"},
                     {"nextCursor", ".next"},
                     {"parameter", "after"},
                     {"pageSize", 2},
                     {"sizeParameter", "size"},
                     {"limit", 3}};
    EXPECT_EQ(all(host, input, open_connection()), "1,2,3,4,5,6");
}

TEST(http_paging, counts_pages_and_items) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "?page=0").reply(200, list(1, 2));
    host.on("GET", base + "?page=1").reply(200, list(3, 2));
    host.on("GET", base + "?page=2").reply(200, "[]");
    EXPECT_EQ(all(host, json{{"by", "page"}, {"firstPage", 0}}, open_connection()), "1,2,3,4");
}

// A server gives fewer than it was asked for when its own limit is lower.
TEST(http_paging, ends_at_a_page_with_fewer_items_only_when_told_so) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "?n=5&from=0").reply(200, list(1, 2));
    host.on("GET", base + "?n=5&from=2").reply(200, list(3, 1));
    host.on("GET", base + "?n=5&from=3").reply(200, "[]");
    json input{{"by", "offset"}, {"parameter", "from"}, {"pageSize", 5}, {"sizeParameter", "n"}};
    EXPECT_EQ(all(host, input, open_connection()), "1,2,3");
    input.set("shortPageEnds", true);
    EXPECT_EQ(all(host, input, open_connection()), "1,2");
    EXPECT_EQ(host.requests().size(), 4u);
}

// A poll takes 8 MiB at once. So pages that are large are not put together, and none is lost.
TEST(http_paging, a_call_gives_no_more_than_a_poll_can_take) {
    mock_host host(sluice_connector_v1);
    for (int i = 1; i <= 5; ++i) {
        const std::string page = json::array({i, std::string(2'900'000, 'x')}).dump();
        host.on("GET", base + "?page=" + std::to_string(i)).reply(200, page);
    }
    host.on("GET", base + "?page=6").reply(200, "[]");
    std::string seen;
    json input{{"by", "page"}};
    for (json more = true; more == json(true);) {
        const call_result result = host.run("listPages", input, open_connection());
        ASSERT_TRUE(result.ok) << result.explain();
        std::size_t bytes = 0;
        for (const json& item : result.output["items"].items()) {
            if (item.is_number()) seen += item.dump();
            if (item.is_string()) bytes += item.as_string().size();
        }
        EXPECT_LE(bytes, 6'000'000u);
        input.set("cursor", result.output["cursor"]);
        more = result.output["more"];
    }
    EXPECT_EQ(seen, "12345");
}

TEST(http_paging, puts_its_parameters_into_the_body_when_asked) {
    mock_host host(sluice_connector_v1);
    const auto with = [](std::string text) {
        return [text](const recorded_request& sent) { return sent.body == text; };
    };
    host.on("POST", base + "/search")
        .when(with(R"({"q":"a"})"))
        .reply(200, R"({"results":[1],"cursor":"c","more":true})");
    host.on("POST", base + "/search")
        .when(with(R"({"q":"a","cursor":"c"})"))
        .reply(200, R"({"results":[2],"cursor":"d","more":false})");
    const json input{{"method", "POST"},       {"path", "/search"},  {"json", json{{"q", "a"}}},
                     {"by", "cursor"},         {"items", "results"}, {"nextCursor", "cursor"},
                     {"parametersIn", "body"}, {"hasMore", "more"}};
    EXPECT_EQ(all(host, input, open_connection()), "1,2");
}

TEST(http_paging, a_cursor_stays_for_what_comes_later) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(200, R"({"data":[1],"next":"a","more":true})");
    host.on("GET", base + "?cursor=a")
        .reply(200, R"({"data":[],"next":"a","more":false})")
        .reply(200, R"({"data":[2],"next":"b","more":false})");
    json input{{"by", "cursor"}, {"items", "data"}, {"nextCursor", "next"}, {"hasMore", "more"}};
    const call_result first = host.run("listPages", input, open_connection());
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["items"].dump(), "[1]");
    EXPECT_EQ(first.output["more"], json(false));
    input.set("cursor", first.output["cursor"]);
    const call_result later = host.run("listPages", input, open_connection());
    ASSERT_TRUE(later.ok) << later.explain();
    EXPECT_EQ(later.output["items"].dump(), "[2]");
    EXPECT_EQ(later.output["cursor"], json(R"({"page":"b","skip":0})"));
}

TEST(http_paging, a_list_in_one_piece_is_given_in_parts_of_the_limit) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(200, list(1, 5));
    std::size_t calls = 0;
    EXPECT_EQ(all(host, json{{"by", "none"}, {"limit", 2}}, open_connection(), &calls),
              "1,2,3,4,5");
    EXPECT_EQ(calls, 3u);
    mock_host empty(sluice_connector_v1);
    empty.on("GET", base).reply(204, "");
    EXPECT_EQ(all(empty, json::object(), open_connection()), "");
}

TEST(http_paging, a_server_that_turns_in_circles_does_not_keep_us) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "*").reply(200, "[]", link(base + "?at=2"));
    EXPECT_EQ(all(host, json::object(), open_connection()),
              "!" + std::to_string(SLUICE_UNAVAILABLE));
    mock_host two(sluice_connector_v1);
    two.on("GET", base + "?at=2").reply(200, "[]", link("?at=3"));
    two.on("GET", base + "*").reply(200, "[]", link("?at=2"));
    const call_result result = two.run("listPages", json::object(), open_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["more"], json(true));
    EXPECT_EQ(two.requests().size(), 100u) << "of one call";
}

TEST(http_paging, refuses_what_cannot_work) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(200, R"({"items":{"a":1}})");
    host.on("GET", base + "/429").reply(429, "", {{"Retry-After", "3"}});
    host.on("GET", base + "/text").reply(200, "<html>");
    for (const json& input :
         {json{{"by", "luck"}}, json{{"by", "cursor"}}, json{{"limit", 0}}, json{{"limit", 10001}},
          json{{"limit", "5"}}, json{{"cursor", "x"}}, json{{"cursor", "{}"}},
          json{{"cursor", R"({"page":{},"skip":0})"}}, json{{"cursor", R"({"page":1,"skip":-1})"}},
          json{{"sizeParameter", "n"}}, json{{"pageSize", 0}}, json{{"shortPageEnds", true}},
          json{{"parametersIn", "body"}}, json{{"parametersIn", "header"}},
          json{{"items", "items"}}}) {
        EXPECT_EQ(host.run("listPages", input, open_connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    const call_result limited = host.run("listPages", json{{"path", "/429"}}, open_connection());
    EXPECT_EQ(limited.error.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(limited.error.retry_after_ms, 3000u);
    EXPECT_EQ(host.run("listPages", json{{"path", "/text"}}, open_connection()).error.code,
              SLUICE_UNAVAILABLE);
    const json forged{{"by", "link"}, {"cursor", R"({"page":7,"skip":0})"}};
    EXPECT_EQ(host.run("listPages", forged, open_connection()).error.code, SLUICE_INVALID_INPUT);
}

TEST(http_paging, ends_wherever_it_is_cancelled) {
    const unsigned places = cancel_everywhere([](mock_host& host, unsigned n) {
        host.on("GET", base + "?page=3").reply(200, "[]");
        host.on("GET", base + "*").reply(200, list(1, 1));
        return host.run_cancelled_at(n, "listPages", json{{"by", "page"}}, open_connection());
    });
    EXPECT_GE(places, 3u) << "in each of the requests";
}

}  // namespace
}  // namespace sluice::http::testing
