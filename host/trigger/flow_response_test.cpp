#include "trigger/flow_response.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::trigger {
namespace {

net::http_response of(const char* output) { return response_of(json::parse(output).value()); }

TEST(flow_response, an_object_of_status_headers_and_body_describes_the_response) {
    const net::http_response made =
        of(R"({"status":201,"headers":{"x-a":"b","x-b":7},"body":{"made":1}})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.headers.get("x-a"), "b");
    EXPECT_FALSE(made.headers.has("x-b"));
    EXPECT_EQ(made.body, R"({"made":1})");
    const net::http_response text = of(R"({"status":404,"body":"gone"})");
    EXPECT_EQ(text.status, 404);
    EXPECT_EQ(text.body, "gone");
}

TEST(flow_response, any_other_output_is_the_body) {
    for (const char* output :
         {R"({"status":404,"title":"an order"})", R"({"status":"open","body":1})",
          R"({"status":99})", R"({"status":600})", R"({"body":{}})", R"([200])", "7",
          R"({"status":200,"headers":"text"})"}) {
        const net::http_response made = of(output);
        EXPECT_EQ(made.status, 200) << output;
        EXPECT_EQ(made.body, output);
    }
}

TEST(flow_response, a_failure_has_its_status_only_when_that_is_one_of_an_error) {
    for (const auto& [status, sent] : std::vector<std::pair<int, int>>{
             {404, 404}, {599, 599}, {200, 500}, {99999, 500}, {-1, 500}, {0, 500}, {600, 500}}) {
        engine::fault failure;
        failure.status = status;
        const net::http_response made = response_of(failure);
        EXPECT_EQ(made.status, sent);
        EXPECT_EQ(made.headers.get("content-type"), "application/problem+json");
    }
}

}  // namespace
}  // namespace sluice::trigger
