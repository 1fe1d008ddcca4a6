#include "your_app_testing.hpp"

namespace your_app::testing {
namespace {

json ticket(const std::string& external_id) { return json{{"externalId", external_id}}; }

std::string page(int first, int count, const char* next) {
    json::array_type records;
    for (int i = 0; i < count; ++i)
        records.push_back(json{{"id", std::to_string(first + i)}});
    return json{{"records", json::array(std::move(records))},
                {"nextCursor", next == nullptr ? json() : json(next)}}
        .dump();
}

TEST(your_app_records, writes_with_key_actor_and_idempotency_key) {
    mock_host host(sluice_connector_v1);
    host.on("POST", tickets).reply(201, R"({"id": "17", "version": 1})");
    const json input{{"collection", "tickets"},
                     {"externalId", "github:octo/hello#4"},
                     {"fields", json{{"title", "It broke"}}}};
    const call_result result =
        host.run("createRecord", input, connection(), {.idempotency_key = "step-7"});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("id", ""), "17");
    const recorded_request& request = host.requests().at(0);
    EXPECT_EQ(request.header("Authorization"), "Bearer k3y");
    EXPECT_EQ(request.header("Idempotency-Key"), "step-7");
    EXPECT_EQ(request.header("X-Actor"), "sluice");
    EXPECT_EQ(request.body_json(),
              (json{{"title", "It broke"}, {"externalId", "github:octo/hello#4"}}));
}

TEST(your_app_records, gets_and_updates_a_record) {
    mock_host host(sluice_connector_v1);
    host.on("GET", tickets + "/a%2Fb").reply(200, R"({"id": "a/b"})");
    host.on("PATCH", tickets + "/17").reply(200, R"({"id": "17", "version": 2})");
    const json other{{"collection", "tickets"}, {"id", "a/b"}};
    EXPECT_EQ(host.run("getRecord", other, connection()).output.get_or("id", ""), "a/b");
    const json change{
        {"collection", "tickets"}, {"id", "17"}, {"fields", json{{"status", json()}}}};
    EXPECT_EQ(host.run("updateRecord", change, connection()).output.get_or("version", 0), 2);
    EXPECT_EQ(host.requests().at(1).body_json(), (json{{"status", json()}}));
}

TEST(your_app_records, upserts_more_than_one_request_holds) {
    mock_host host(sluice_connector_v1);
    json::array_type records;
    for (int i = 0; i < 2001; ++i)
        records.push_back(ticket(std::to_string(i)));
    host.on("POST", tickets + "/upsert")
        .reply(200, R"({"results": [{"id": "1"}], "created": 1000, "updated": 0, "unchanged": 0})")
        .reply(200, R"({"results": [{"id": "2"}], "created": 0, "updated": 999, "unchanged": 1})")
        .reply(200, R"({"results": [{"id": "3"}], "created": 1, "updated": 0, "unchanged": 0})");
    const json input{{"collection", "tickets"}, {"records", json::array(std::move(records))}};
    const call_result result =
        host.run("upsertRecords", input, connection(), {.idempotency_key = "k"});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(
        result.output,
        (json{{"results", json::array({json{{"id", "1"}}, json{{"id", "2"}}, json{{"id", "3"}}})},
              {"created", 1001},
              {"updated", 999},
              {"unchanged", 1}}));
    ASSERT_EQ(host.requests().size(), 3u);
    EXPECT_EQ(host.requests()[0].body_json()["records"].size(), 1000u);
    EXPECT_EQ(host.requests()[2].body_json()["records"].size(), 1u);
    EXPECT_EQ(host.requests()[0].header("Idempotency-Key"), "k");
    EXPECT_EQ(host.requests()[1].header("Idempotency-Key"), "k-1");
    EXPECT_EQ(host.requests()[2].header("Idempotency-Key"), "k-2");
}

TEST(your_app_records, upserting_nothing_asks_nothing) {
    mock_host host(sluice_connector_v1);
    const json input{{"collection", "tickets"}, {"records", json::array()}};
    const call_result result = host.run("upsertRecords", input, connection());
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("created", -1), 0);
    EXPECT_TRUE(host.requests().empty());
}

TEST(your_app_records, lists_exactly_up_to_the_limit) {
    mock_host host(sluice_connector_v1);
    const std::string filters = "&updatedSince=2026-01-31T12%3A00%3A00Z";
    host.on("GET", tickets + "?limit=500" + filters).reply(200, page(1, 500, "c1"));
    host.on("GET", tickets + "?limit=100" + filters + "&cursor=c1")
        .reply(200, page(501, 100, "c2"));
    const json input{
        {"collection", "tickets"}, {"limit", 600}, {"updatedSince", "2026-01-31T12:00:00Z"}};
    const call_result result = host.run("listRecords", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["items"].size(), 600u);
    EXPECT_EQ(result.output.get_or("cursor", ""), "c2");
    EXPECT_EQ(result.output["more"], json(true));
}

TEST(your_app_records, goes_on_at_a_cursor_to_the_end) {
    mock_host host(sluice_connector_v1);
    host.on("GET", tickets + "?limit=100&cursor=c%202").reply(200, page(1, 3, nullptr));
    const json input{{"collection", "tickets"}, {"cursor", "c 2"}};
    const call_result result = host.run("listRecords", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["items"].size(), 3u);
    EXPECT_TRUE(result.output["cursor"].is_null());
    EXPECT_EQ(result.output["more"], json(false));
}

TEST(your_app_records, ends_a_list_that_never_ends) {
    mock_host host(sluice_connector_v1);
    host.on("GET", tickets + "*").reply(200, page(1, 0, "again"));
    const call_result result =
        host.run("listRecords", json{{"collection", "tickets"}}, connection());
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().size(), 1u);
}

// A poll takes 8 MiB at once. So pages that are large are not put together, and none is lost.
TEST(your_app_records, gives_no_more_than_a_poll_can_take) {
    mock_host host(sluice_connector_v1);
    const auto answer = [](const char* id, const json& next) {
        const json record{{"id", id}, {"text", std::string(2'900'000, 'x')}};
        return json{{"records", json::array({record})}, {"nextCursor", next}}.dump();
    };
    host.on("GET", tickets + "?limit=500").reply(200, answer("1", "a"));
    host.on("GET", tickets + "?limit=499&cursor=a").reply(200, answer("2", "b"));
    host.on("GET", tickets + "?limit=498&cursor=b").reply(200, answer("3", json()));
    host.on("GET", tickets + "?limit=500&cursor=b").reply(200, answer("3", json()));
    json input{{"collection", "tickets"}, {"limit", 500}};
    const call_result first = host.run("listRecords", input, connection());
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["items"].size(), 2u);
    EXPECT_EQ(first.output.get_or("cursor", ""), "b");
    EXPECT_EQ(first.output["more"], json(true));
    input.set("cursor", "b");
    const call_result second = host.run("listRecords", input, connection());
    ASSERT_EQ(second.output["items"].size(), 1u) << second.explain();
    EXPECT_EQ(second.output["items"][0].get_or("id", ""), "3");
    EXPECT_EQ(second.output["more"], json(false));
}

TEST(your_app_records, refuses_what_is_malformed_before_asking) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        json{{"collection", ""}},
        json{{"collection", ".."}},
        json{{"collection", 7}},
        json{{"collection", "tickets"}, {"limit", 0}},
        json{{"collection", "tickets"}, {"limit", 5001}},
        json{{"collection", "tickets"}, {"limit", "many"}},
        json{{"collection", "tickets"}, {"cursor", 7}},
        json{{"collection", "tickets"}, {"externalId", json::array()}},
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("listRecords", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(your_app_records, does_not_take_any_json_for_a_page) {
    for (const char* answer : {"[]", "{}", "7", R"({"records": {}})", R"({"records": null})"}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", tickets + "*").reply(200, answer);
        const call_result result =
            host.run("listRecords", json{{"collection", "tickets"}}, connection());
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << answer << ": " << result.explain();
    }
}

TEST(your_app_records, passes_on_why_the_app_refused) {
    mock_host host(sluice_connector_v1);
    host.on("POST", tickets).reply(409, R"({"error": {"code": "duplicate_external_id",
        "message": "a record with externalId 'x' exists already", "id": "17"}})");
    const json input{{"collection", "tickets"}, {"fields", json::object()}};
    const call_result result = host.run("createRecord", input, connection());
    EXPECT_EQ(result.error.code, SLUICE_CONFLICT);
    EXPECT_EQ(result.error.http_status, 409u);
    EXPECT_NE(result.error.message.find("exists already"), std::string::npos);
    EXPECT_EQ(result.error.details.get_or("id", ""), "17");
}

TEST(your_app_records, classifies_refusals_and_broken_answers) {
    const std::pair<unsigned, sluice_code> expected[] = {
        {400, SLUICE_INVALID_INPUT}, {401, SLUICE_AUTH},          {404, SLUICE_NOT_FOUND},
        {412, SLUICE_CONFLICT},      {422, SLUICE_INVALID_INPUT}, {429, SLUICE_RATE_LIMITED},
        {500, SLUICE_UNAVAILABLE},   {503, SLUICE_UNAVAILABLE},   {200, SLUICE_UNAVAILABLE},
    };
    for (const auto& [status, code] : expected) {
        mock_host host(sluice_connector_v1);
        host.on("GET", tickets + "/1").reply(status, "<html>", {{"Retry-After", "2"}});
        const json input{{"collection", "tickets"}, {"id", "1"}};
        const call_result result = host.run("getRecord", input, connection());
        EXPECT_EQ(result.error.code, code) << status;
        EXPECT_EQ(result.error.message.find("k3y"), std::string::npos);
        if (status == 429) {
            EXPECT_EQ(result.error.retry_after_ms, 2000u);
        }
    }
}

}  // namespace
}  // namespace your_app::testing
