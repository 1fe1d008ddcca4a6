#include "sluice/http.hpp"

#include <gtest/gtest.h>

#include "sluice/http_date.hpp"
#include "sluice/http_status.hpp"

namespace {

using sluice::failure;
using sluice::failure_from;
using sluice::http_request;
using sluice::http_response;
using sluice::parse_http_date;

http_response answer(unsigned status, std::string_view headers = {}, std::string_view body = {}) {
    return http_response(status, headers, body);
}

TEST(sdk_http, refuses_headers_with_line_breaks) {
    http_request request("GET", "https://a.test");
    EXPECT_THROW(request.header("X", "a\r\nEvil: 1"), failure);
    EXPECT_THROW(request.header("X\n", "a"), failure);
    EXPECT_THROW(request.bearer(std::string_view("a\0", 2)), failure);
    EXPECT_EQ(request.as_request().headers.size, 0u);
}

TEST(sdk_http, writes_credentials_and_bodies) {
    http_request request("POST", "https://a.test");
    request.basic("Aladdin", "open sesame").json_body({{"a", 1}}).timeout_ms(5);
    const sluice_http_request made = request.as_request();
    EXPECT_EQ(sluice::detail::to_view(made.headers),
              "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"
              "Content-Type: application/json\r\n");
    EXPECT_EQ(sluice::detail::to_view(made.body), R"({"a":1})");
    EXPECT_EQ(made.timeout_ms, 5u);
}

TEST(sdk_http, finds_headers_in_any_case) {
    const auto response = answer(200, "content-type: text/html\r\nx-a:  b \r\nbroken\r\nx-c:");
    EXPECT_EQ(response.header("Content-Type"), "text/html");
    EXPECT_EQ(response.header("X-A"), "b");
    EXPECT_EQ(response.header("x-c"), "");
    EXPECT_EQ(response.header("missing"), "");
    EXPECT_EQ(response.headers.size(), 3u);
}

TEST(sdk_http, says_that_an_answer_is_not_json) {
    try {
        (void)answer(200, "", "<html>").json();
        FAIL();
    } catch (const failure& error) {
        EXPECT_EQ(error.code(), SLUICE_UNAVAILABLE);
        EXPECT_EQ(error.http_status(), 200u);
    }
}

TEST(sdk_http, reads_dates) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"), 1709164800);
    for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 2024 00:00:00 GMT",
                             "Sun, 06 Xov 1994 08:49:37 GMT", "Sun, 06 anF 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET"}) {
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
    }
}

struct status_case {
    unsigned status;
    sluice_code code;
};

TEST(sdk_http, classifies_statuses) {
    for (const status_case& each :
         std::initializer_list<status_case>{{400, SLUICE_INVALID_INPUT},
                                            {401, SLUICE_AUTH},
                                            {403, SLUICE_AUTH},
                                            {404, SLUICE_NOT_FOUND},
                                            {410, SLUICE_NOT_FOUND},
                                            {409, SLUICE_CONFLICT},
                                            {412, SLUICE_CONFLICT},
                                            {408, SLUICE_TIMEOUT},
                                            {422, SLUICE_INVALID_INPUT},
                                            {429, SLUICE_RATE_LIMITED},
                                            {500, SLUICE_UNAVAILABLE},
                                            {502, SLUICE_UNAVAILABLE},
                                            {503, SLUICE_UNAVAILABLE},
                                            {504, SLUICE_TIMEOUT},
                                            {501, SLUICE_UNSUPPORTED},
                                            {302, SLUICE_INVALID_INPUT}}) {
        const failure made = failure_from(answer(each.status), "X");
        EXPECT_EQ(made.code(), each.code) << each.status;
        EXPECT_EQ(made.http_status(), each.status);
        EXPECT_EQ(made.retry_after_ms(), 0u);
    }
}

TEST(sdk_http, tells_a_rate_limit_from_a_lack_of_rights) {
    EXPECT_EQ(failure_from(answer(403, "x-ratelimit-remaining: 12\r\n"), "X").code(), SLUICE_AUTH);
    EXPECT_EQ(failure_from(answer(403, "x-ratelimit-remaining: 0\r\n"), "X").code(),
              SLUICE_RATE_LIMITED);
    EXPECT_EQ(failure_from(answer(403, "retry-after: 60\r\n"), "X").code(), SLUICE_RATE_LIMITED);
}

TEST(sdk_http, reads_how_long_to_wait) {
    const std::string date = "date: Tue, 14 Nov 2023 22:13:20 GMT\r\n";
    const auto wait = [](const http_response& response) {
        return failure_from(response, "X").retry_after_ms();
    };
    EXPECT_EQ(wait(answer(429, "retry-after: 120\r\n")), 120'000u);
    EXPECT_EQ(wait(answer(503, "retry-after: 3\r\n")), 3000u);
    EXPECT_EQ(wait(answer(429, date + "retry-after: Tue, 14 Nov 2023 22:13:50 GMT\r\n")), 30'000u);
    EXPECT_EQ(wait(answer(429, date + "x-ratelimit-reset: 1700000010\r\n")), 10'000u);
    EXPECT_EQ(
        wait(answer(403, date + "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1700000001\r\n")),
        1000u);
    EXPECT_EQ(wait(answer(429, "ratelimit-reset: 9\r\n")), 9000u);
    EXPECT_EQ(wait(answer(429, "x-ratelimit-reset: 9\r\n")), 9000u);
    // A time that has passed still means to wait a little, and nobody waits for years.
    EXPECT_EQ(wait(answer(429, date + "x-ratelimit-reset: 1600000000\r\n")), 1000u);
    EXPECT_EQ(wait(answer(429, date + "x-ratelimit-reset: 1800000000\r\n")), 30u * 86'400'000u);
    EXPECT_EQ(wait(answer(429, "retry-after: soon\r\n")), 0u);
    EXPECT_EQ(wait(answer(404, date + "x-ratelimit-reset: 1700000010\r\n")), 0u);
}

TEST(sdk_http, repeats_what_the_third_party_explained) {
    const auto message = [](std::string_view body) {
        return failure_from(answer(422, "", body), "X").message();
    };
    EXPECT_EQ(message(R"({"message":"no"})"), "X answered 422: no");
    EXPECT_EQ(message(R"({"error":{"message":"no"}})"), "X answered 422: no");
    EXPECT_EQ(message(R"({"error":"invalid_grant","error_description":"no"})"),
              "X answered 422: no");
    EXPECT_EQ(message(R"({"error":"no"})"), "X answered 422: no");
    EXPECT_EQ(message(R"([{"message":"no"}])"), "X answered 422: no");
    EXPECT_EQ(message("<html>"), "X answered 422");
    const std::string longest = std::string(299, 'x') + "é";
    EXPECT_EQ(message(R"({"message":")" + longest + "\"}"),
              "X answered 422: " + std::string(299, 'x'));
}

}  // namespace
