#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

std::string page(int first, int count, const std::string& next) {
    json records = json::array();
    for (int i = 0; i < count; ++i)
        records.push(json{{"attributes", json{{"type", "Account"}}}, {"Number__c", first + i}});
    json out{{"totalSize", 5000}, {"done", next.empty()}, {"records", records}};
    if (!next.empty()) out.set("nextRecordsUrl", "/services/data/v65.0/query/" + next);
    return out.dump();
}

const json all{{"query", "SELECT Number__c FROM Account"}};

TEST(salesforce_query, follows_pages_up_to_the_limit) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/query?q=*").reply(200, page(0, 2000, "01g-2000"));
    host.on("GET", base + "/query/01g-2000").reply(200, page(2000, 2000, "01g-4000"));
    host.on("GET", base + "/query/01g-4000").reply(200, page(4000, 1000, ""));
    json input = all;
    input.set("limit", 4000);
    const call_result first = host.run("query", input, connection());
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["items"].size(), 4000u);
    EXPECT_EQ(first.output.get_or("totalSize", 0), 5000);
    EXPECT_TRUE(first.output.get_or("more", false));
    EXPECT_EQ(first.output.get_or("cursor", ""), "query/01g-4000");
    EXPECT_EQ(host.requests().at(0).header("Sforce-Query-Options"), "batchSize=2000");
    EXPECT_EQ(asked_query(host.requests().at(0)), "SELECT Number__c FROM Account");

    input.set("cursor", first.output["cursor"]);
    const call_result rest = host.run("query", input, connection());
    ASSERT_TRUE(rest.ok) << rest.explain();
    EXPECT_EQ(rest.output["items"].size(), 1000u);
    EXPECT_EQ(rest.output["items"][999].get_or("Number__c", 0), 4999);
    EXPECT_FALSE(rest.output.get_or("more", true));
    EXPECT_TRUE(rest.output["cursor"].is_null());
}

TEST(salesforce_query, asks_for_pages_that_fit_the_limit) {
    for (const auto& [limit, size] : {std::pair(200, 200), {2000, 2000}, {3000, 1500}}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + "/query?q=*").reply(200, page(0, 1, ""));
        json input = all;
        input.set("limit", limit);
        EXPECT_TRUE(host.run("query", input, connection()).ok);
        EXPECT_EQ(host.requests().at(0).header("Sforce-Query-Options"),
                  "batchSize=" + std::to_string(size));
    }
}

TEST(salesforce_query, stops_before_the_output_becomes_too_large) {
    mock_host host(sluice_connector_v1);
    const std::string wide = R"({"totalSize": 9, "done": false, "records": [{"T": ")" +
                             std::string(7'000'000, 'x') +
                             R"("}], "nextRecordsUrl": "/services/data/v65.0/query/01g-1"})";
    host.on("GET", base + "/query*").reply(200, wide);
    const call_result result = host.run("query", all, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().size(), 1u);
    EXPECT_TRUE(result.output.get_or("more", false));
}

TEST(salesforce_query, sends_values_as_literals_and_deleted_records_on_demand) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/queryAll?q=*").reply(200, page(0, 0, ""));
    const json input{{"query", "SELECT Id FROM Account WHERE Name = :n"},
                     {"parameters", json{{"n", "x' OR Name != '"}}},
                     {"includeDeleted", true}};
    ASSERT_TRUE(host.run("query", input, connection()).ok);
    EXPECT_EQ(asked_query(host.requests().at(0)),
              R"(SELECT Id FROM Account WHERE Name = 'x\' OR Name != \'')");
}

TEST(salesforce_query, never_takes_the_token_elsewhere) {
    for (const char* next : {"https://evil.example/query/x", "/query/../../x", "/queryMore/x",
                             "https://evil.example/", "/services/data/v65.0/query/"}) {
        mock_host host(sluice_connector_v1);
        const json answer{
            {"done", false}, {"records", json::array({json::object()})}, {"nextRecordsUrl", next}};
        host.on("GET", base + "*").reply(200, answer.dump());
        json input = all;
        input.set("limit", 200);
        const call_result result = host.run("query", input, connection());
        for (const recorded_request& request : host.requests())
            EXPECT_TRUE(request.url.starts_with(base + "/query")) << request.url;
        if (!result.ok) {
            EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE);
        }
    }
}

TEST(salesforce_query, ends_where_pages_lead_nowhere) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/query*").reply(200, page(0, 0, "01g-0"));
    const call_result result = host.run("query", all, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().size(), 1u);
}

TEST(salesforce_query, refuses_what_is_no_query_before_asking) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        json::object(),
        json{{"query", 7}},
        json{{"query", "q"}, {"limit", 199}},
        json{{"query", "q"}, {"limit", 10001}},
        json{{"query", "q"}, {"limit", "all"}},
        json{{"query", "q"}, {"cursor", "../limits"}},
        json{{"query", "q"}, {"cursor", "query/../limits"}},
        json{{"query", "q"}, {"cursor", ""}},
        json{{"query", "q"}, {"parameters", "x"}},
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("query", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(salesforce_query, refuses_answers_that_are_none) {
    for (const char* body : {"[]", "7", R"({"records": {}})", "{}", "null"}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + "*").reply(200, body);
        EXPECT_EQ(host.run("query", all, connection()).error.code, SLUICE_UNAVAILABLE) << body;
        EXPECT_EQ(host.run("listChanges", json{{"object", "A"}}, connection()).error.code,
                  SLUICE_UNAVAILABLE)
            << body;
    }
}

TEST(salesforce_query, tells_that_a_cursor_is_too_old) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/query/01g-2000").reply(400, errors("INVALID_QUERY_LOCATOR", "invalid"));
    json input = all;
    input.set("cursor", "query/01g-2000");
    const call_result result = host.run("query", input, connection());
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(result.error.message.find("begin the query again"), std::string::npos);
}

}  // namespace
}  // namespace sluice::salesforce::testing
