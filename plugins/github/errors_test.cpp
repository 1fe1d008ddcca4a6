#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

using sluice::testing::header_list;
using sluice::testing::reported_error;

const std::string date = "Tue, 01 Jul 2025 12:00:00 GMT";  // 1751371200

reported_error answered(unsigned status, const std::string& body, header_list headers = {}) {
    mock_host host(sluice_connector_v1);
    host.on("POST", hello + "/issues").reply(status, body, std::move(headers));
    const json input{{"repository", "octo/hello"}, {"title", "It broke"}};
    const call_result result = host.run("createIssue", input, token_connection());
    EXPECT_FALSE(result.ok);
    EXPECT_TRUE(result.problems.empty()) << result.explain();
    EXPECT_EQ(result.error.http_status, status);
    EXPECT_EQ(result.error.message.find("t0k3n"), std::string::npos);
    return result.error;
}

TEST(github_errors, says_how_long_a_rate_limit_lasts) {
    const char* body = R"({"message": "API rate limit exceeded"})";
    const reported_error after = answered(429, body, {{"retry-after", "7"}});
    EXPECT_EQ(after.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(after.retry_after_ms, 7'000u);

    const reported_error secondary = answered(403, body, {{"Retry-After", "30"}});
    EXPECT_EQ(secondary.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(secondary.retry_after_ms, 30'000u);

    const reported_error primary = answered(
        403, body,
        {{"Date", date}, {"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1751371320"}});
    EXPECT_EQ(primary.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(primary.retry_after_ms, 120'000u);
}

TEST(github_errors, waits_a_minute_when_a_secondary_limit_names_no_time) {
    const reported_error error = answered(
        403,
        R"({"message": "You have exceeded a secondary rate limit. Please wait a few minutes"})",
        {{"x-ratelimit-remaining", "4000"}, {"x-ratelimit-reset", "1751371320"}});
    EXPECT_EQ(error.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(error.retry_after_ms, 60'000u);
}

TEST(github_errors, tells_a_forbidden_request_from_a_rate_limit) {
    const reported_error error =
        answered(403, R"({"message": "Resource not accessible by personal access token"})",
                 {{"x-ratelimit-remaining", "4999"}, {"x-ratelimit-reset", "1751371320"}});
    EXPECT_EQ(error.code, SLUICE_AUTH);
    EXPECT_EQ(error.retry_after_ms, 0u);
    EXPECT_NE(error.message.find("not accessible"), std::string::npos);
}

TEST(github_errors, passes_on_why_the_input_was_refused) {
    const reported_error error = answered(422, R"({"message": "Validation Failed",
        "errors": [{"resource": "Issue", "code": "missing_field", "field": "title"},
                   {"resource": "Issue", "code": "custom", "message": "body is too long"}],
        "documentation_url": "https://docs.github.com/rest"})");
    EXPECT_EQ(error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(error.message.find("Validation Failed: title missing_field; body is too long"),
              std::string::npos)
        << error.message;
    EXPECT_EQ(error.details["errors"][1].get_or("message", ""), "body is too long");
    EXPECT_EQ(error.details.get_or("documentation_url", ""), "https://docs.github.com/rest");
}

TEST(github_errors, calls_what_exists_already_a_conflict) {
    for (const char* body :
         {R"({"message": "Validation Failed", "errors": [{"resource": "Hook", "code": "custom",
              "message": "Hook already exists on this repository"}]})",
          R"({"message": "Validation Failed", "errors": [{"code": "already_exists"}]})"}) {
        EXPECT_EQ(answered(422, body).code, SLUICE_CONFLICT) << body;
    }
}

TEST(github_errors, classifies_every_other_status) {
    const std::pair<unsigned, sluice_code> expected[] = {
        {301, SLUICE_NOT_FOUND},   {307, SLUICE_NOT_FOUND},   {400, SLUICE_INVALID_INPUT},
        {401, SLUICE_AUTH},        {404, SLUICE_NOT_FOUND},   {409, SLUICE_CONFLICT},
        {410, SLUICE_NOT_FOUND},   {500, SLUICE_UNAVAILABLE}, {502, SLUICE_UNAVAILABLE},
        {503, SLUICE_UNAVAILABLE}, {504, SLUICE_TIMEOUT},
    };
    for (const auto& [status, code] : expected) {
        EXPECT_EQ(answered(status, R"({"message": "No"})").code, code) << status;
    }
    EXPECT_NE(answered(301, "{}").message.find("renamed"), std::string::npos);
    EXPECT_NE(answered(404, "{}").message.find("may not see"), std::string::npos);
}

TEST(github_errors, survives_any_body) {
    for (const std::string& body :
         {std::string(), std::string("<html>"), std::string("[]"), std::string("null"),
          std::string(R"({"message": 7, "errors": "all of them"})"),
          std::string(R"({"errors": [null, 1, "text", {"message": {}}, []]})"),
          R"({"message": ")" + std::string(1'000'000, 'x') + "\"}", std::string(5000, '[')}) {
        const reported_error error = answered(422, body);
        EXPECT_EQ(error.code, SLUICE_INVALID_INPUT);
        EXPECT_LT(error.message.size(), 2000u);
    }
}

}  // namespace
}  // namespace sluice::github::testing
