// Connections, headers, and what Salesforce's refusals become.
#include "api.hpp"

#include "limits.hpp"
#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

using sluice::testing::header_list;

const std::string record = base + "/sobjects/Account/" + account;
const json wanted{{"object", "Account"}, {"id", account}};

reported_error answered(unsigned status, const std::string& body, header_list headers = {}) {
    mock_host host(sluice_connector_v1);
    host.on("GET", record).reply(status, body, std::move(headers));
    const call_result result = host.run("getRecord", wanted, connection());
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(result.problems.empty()) << result.explain();
    EXPECT_EQ(result.error.message.find("t0k3n"), std::string::npos);
    return result.error;
}

TEST(salesforce_api, asks_the_organization_with_the_token) {
    mock_host host(sluice_connector_v1);
    host.on("GET", record).reply(200, R"({"Id": "001xx000003DGb2AAG"})");
    const call_result result = host.run("getRecord", wanted, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().at(0).header("Authorization"), "Bearer 00Dt0k3n!x");
    EXPECT_EQ(host.requests().at(0).header("Accept"), "application/json");
}

TEST(salesforce_api, finds_the_address_and_the_version) {
    const std::string path = "/sobjects/Account/" + account;
    const std::pair<json, std::string> expected[] = {
        {json{{"loginUrl", "https://acme.my.salesforce.com"}, {"accessToken", "t"}},
         "https://acme.my.salesforce.com/services/data/v65.0" + path},
        {json{{"loginUrl", "https://test.salesforce.com"},
              {"baseUrl", "https://acme--dev.sandbox.my.salesforce.com"},
              {"apiVersion", "61.0"},
              {"accessToken", "t"}},
         "https://acme--dev.sandbox.my.salesforce.com/services/data/v61.0" + path},
    };
    for (const auto& [given, address] : expected) {
        mock_host host(sluice_connector_v1);
        host.on("GET", address).reply(200, "{}");
        EXPECT_TRUE(host.run("getRecord", wanted, given).ok) << given.dump();
    }
}

TEST(salesforce_api, refuses_connections_that_cannot_work) {
    const json bad[] = {
        json(),
        json{{"accessToken", "t"}},
        json{{"loginUrl", "https://login.salesforce.com"}, {"accessToken", "t"}},
        json{{"loginUrl", "https://test.salesforce.com/"}, {"accessToken", "t"}},
        json{{"baseUrl", "https://acme.my.salesforce.com"}},
        json{{"baseUrl", "acme.my.salesforce.com"}, {"accessToken", "t"}},
        json{{"baseUrl", "https://u@acme.my.salesforce.com"}, {"accessToken", "t"}},
        json{{"baseUrl", "https://acme.my.salesforce.com?x"}, {"accessToken", "t"}},
        json{{"baseUrl", "https://a.example"}, {"accessToken", "t\r\nX: 1"}},
        json{{"baseUrl", "https://a.example"}, {"apiVersion", "v65"}, {"accessToken", "t"}},
        json{{"baseUrl", "https://a.example"}, {"apiVersion", "65.0/../.."}, {"accessToken", "t"}},
    };
    mock_host host(sluice_connector_v1);
    for (const json& given : bad) {
        const call_result result = host.run("getRecord", wanted, given);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << given.dump();
    }
    const json login{{"loginUrl", "acme.my.salesforce.com"}, {"accessToken", "t"}};
    const call_result named = host.run("getRecord", wanted, login);
    EXPECT_NE(named.error.message.find("'loginUrl'"), std::string::npos) << named.explain();
    EXPECT_TRUE(host.requests().empty());
}

TEST(salesforce_errors, mean_what_their_codes_say) {
    struct expectation {
        unsigned status;
        const char* code;
        sluice_code meaning;
    };
    const expectation expected[] = {
        {401, "INVALID_SESSION_ID", SLUICE_AUTH},
        {403, "INSUFFICIENT_ACCESS", SLUICE_AUTH},
        {403, "API_DISABLED_FOR_ORG", SLUICE_AUTH},
        {403, "REQUEST_LIMIT_EXCEEDED", SLUICE_RATE_LIMITED},
        {400, "UNABLE_TO_LOCK_ROW", SLUICE_UNAVAILABLE},
        {503, "SERVER_UNAVAILABLE", SLUICE_UNAVAILABLE},
        {500, "UNKNOWN_EXCEPTION", SLUICE_UNAVAILABLE},
        {400, "QUERY_TIMEOUT", SLUICE_TIMEOUT},
        {400, "DUPLICATE_VALUE", SLUICE_CONFLICT},
        {400, "DUPLICATES_DETECTED", SLUICE_CONFLICT},
        {400, "MALFORMED_ID", SLUICE_INVALID_INPUT},
        {400, "MALFORMED_QUERY", SLUICE_INVALID_INPUT},
        {400, "INVALID_FIELD", SLUICE_INVALID_INPUT},
        {404, "NOT_FOUND", SLUICE_NOT_FOUND},
        {404, "ENTITY_IS_DELETED", SLUICE_NOT_FOUND},
        {400, "SOMETHING_NEW", SLUICE_INVALID_INPUT},
    };
    for (const auto& [status, code, meaning] : expected) {
        const reported_error error = answered(status, errors(code, "Because of this"));
        EXPECT_EQ(error.code, meaning) << code;
        EXPECT_EQ(error.http_status, status) << code;
        EXPECT_NE(error.message.find(std::string(code) + ": Because of this"), std::string::npos)
            << error.message;
        EXPECT_EQ(error.details["errors"][0].get_or("errorCode", ""), code);
    }
}

TEST(salesforce_errors, are_told_by_their_status_without_a_code) {
    const std::pair<unsigned, sluice_code> expected[] = {
        {300, SLUICE_CONFLICT},     {401, SLUICE_AUTH},        {404, SLUICE_NOT_FOUND},
        {429, SLUICE_RATE_LIMITED}, {500, SLUICE_UNAVAILABLE}, {502, SLUICE_UNAVAILABLE},
        {503, SLUICE_UNAVAILABLE},  {504, SLUICE_TIMEOUT},     {415, SLUICE_INVALID_INPUT},
    };
    for (const auto& [status, code] : expected)
        EXPECT_EQ(answered(status, "<html>").code, code) << status;
}

// The host fetches another token for the status 401 alone.
TEST(salesforce_errors, call_an_ended_session_by_the_status_that_renews_it) {
    EXPECT_EQ(answered(403, errors("INVALID_SESSION_ID", "Session expired")).http_status, 401u);
}

TEST(salesforce_errors, say_what_else_there_is) {
    EXPECT_NE(answered(414, "<html>").message.find("bulkQuery"), std::string::npos);
    EXPECT_NE(answered(300, "[]").message.find("unique"), std::string::npos);
}

TEST(salesforce_errors, say_how_long_to_wait) {
    EXPECT_EQ(answered(503, "", {{"Retry-After", "7"}}).retry_after_ms, 7'000u);
    const auto wait = [](const std::string& message) {
        return answered(403, errors("REQUEST_LIMIT_EXCEEDED", message)).retry_after_ms;
    };
    EXPECT_EQ(wait("TotalRequests Limit exceeded."), 900'000u);
    EXPECT_EQ(wait("ConcurrentRequests (Concurrent API Requests) Limit exceeded."), 10'000u);
    EXPECT_EQ(wait("Something else"), 60'000u);
}

TEST(salesforce_errors, survive_any_body) {
    for (const std::string& body :
         {std::string(), std::string("<html>"), std::string("[]"), std::string("null"),
          std::string("7"), std::string(R"([null, 1, "text", {"errorCode": 7}, []])"),
          std::string(R"({"errorCode": {}, "message": []})"),
          R"([{"errorCode": "X", "message": ")" + std::string(1'000'000, 'x') + "\"}]",
          std::string(5000, '[')}) {
        const reported_error error = answered(400, body);
        EXPECT_EQ(error.code, SLUICE_INVALID_INPUT);
        EXPECT_LT(error.message.size(), 1000u);
    }
}

TEST(salesforce_errors, pass_on_trouble_of_the_line) {
    mock_host host(sluice_connector_v1);
    host.on("GET", record)
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .fail(SLUICE_TIMEOUT, "late")
        .reply(200, "<html>maintenance</html>")
        .reply(200, "{\"Id\": 1");
    for (const sluice_code code :
         {SLUICE_UNAVAILABLE, SLUICE_TIMEOUT, SLUICE_UNAVAILABLE, SLUICE_UNAVAILABLE}) {
        EXPECT_EQ(host.run("getRecord", wanted, connection()).error.code, code);
    }
}

TEST(salesforce_limits, are_read_and_warned_of) {
    EXPECT_EQ(read_usage("api-usage=18/5000")->used, 18);
    EXPECT_EQ(read_usage("per-app-api-usage=1/2(appName=x); api-usage=4500/5000")->allowed, 5000);
    EXPECT_FALSE(read_usage("per-app-api-usage=17/250(appName=x)"));
    for (const char* bad : {"", "api-usage=", "api-usage=1", "api-usage=a/b", "api-usage=-1/5"})
        EXPECT_FALSE(read_usage(bad)) << bad;

    mock_host host(sluice_connector_v1);
    host.on("GET", record)
        .reply(200, "{}", {{"Sforce-Limit-Info", "api-usage=4499/5000"}})
        .reply(200, "{}", {{"Sforce-Limit-Info", "api-usage=4500/5000"}});
    EXPECT_TRUE(host.run("getRecord", wanted, connection()).log.empty());
    const call_result near = host.run("getRecord", wanted, connection());
    ASSERT_EQ(near.log.size(), 1u);
    EXPECT_EQ(near.log[0].level, static_cast<std::uint32_t>(SLUICE_LOG_WARNING));
    EXPECT_EQ(near.log[0].fields.get_or("used", 0), 4500);
}

}  // namespace
}  // namespace sluice::salesforce::testing
