#include "net/http_types.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/panic.hpp"

namespace sluice::net {
namespace {

TEST(problem_response, is_rfc_7807_json_with_everything_escaped) {
    const auto response = problem_response(404, "", "no \"hook\"\n\\ \x01 here");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
    EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Not Found","status":404,)"
                             R"("detail":"no \"hook\"\u000a\\ \u0001 here"})");
}

TEST(problem_response, leaves_out_an_empty_detail) {
    EXPECT_EQ(problem_response(429, "Slow down").body,
              R"({"type":"about:blank","title":"Slow down","status":429})");
}

TEST(responder, delivers_the_answer_once) {
    std::vector<int> statuses;
    {
        const responder respond(
            [&](http_response response) { statuses.push_back(response.status); });
        const auto copy = respond;
        copy(text_response(201, "made"));
    }
    EXPECT_EQ(statuses, std::vector{201});
}

TEST(responder, answers_500_when_the_last_copy_goes_without_a_call) {
    std::vector<int> statuses;
    {
        auto respond = std::make_unique<responder>(
            [&](http_response response) { statuses.push_back(response.status); });
        const auto copy = *respond;
        respond.reset();
        EXPECT_TRUE(statuses.empty());
    }
    EXPECT_EQ(statuses, std::vector{500});
}

TEST(responder, may_be_called_from_any_thread) {
    int status = 0;
    responder respond([&](http_response response) { status = response.status; });
    std::thread([moved = std::move(respond)] { moved(text_response(202, "")); }).join();
    EXPECT_EQ(status, 202);
}

#ifdef NDEBUG
TEST(responder, ignores_and_counts_a_second_call) {
    int calls = 0;
    const auto before = base::bug_count();
    const responder respond([&](http_response) { ++calls; });
    respond({});
    respond({});
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(base::bug_count(), before + 1);
}

TEST(responder, sends_no_status_that_is_none) {
    for (const int status : {-1, 0, 101, 600, 99'999}) {
        int sent = 0;
        const auto before = base::bug_count();
        responder([&](http_response response) { sent = response.status; })(
            text_response(status, ""));
        EXPECT_EQ(sent, 500) << status;
        EXPECT_EQ(base::bug_count(), before + 1);
    }
}
#else
TEST(responder_death, reports_a_second_call) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const responder respond([](http_response) {});
    respond({});
    EXPECT_DEATH(respond({}), "answered twice");
}

TEST(responder_death, reports_a_status_that_is_none) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const responder respond([](http_response) {});
    EXPECT_DEATH(respond(text_response(99'999, "")), "status 99999");
    EXPECT_DEATH(respond(text_response(101, "")), "status 101");
}
#endif

}  // namespace
}  // namespace sluice::net
