// call: http and call: openapi against a scripted other side.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

using net::client_response;

struct http_world : engine_world {
    http_world(const std::string& with, std::vector<base::result<client_response>> answers,
               const std::string& call = "http")
        : engine_world(flow_text("      - h: { call: " + call + ", with: " + with + " }\n")) {
        http.replies.assign(answers.begin(), answers.end());
        settings->secrets["hookSecret"] = "s3cr3t-value";
    }
    std::string run_once(const std::string& payload = "{}") {
        id = send("f", payload);
        run();
        return result(id);
    }
    // Everything that is kept of the execution.
    std::string kept() {
        const store::execution_detail found = execution(id);
        std::string all = found.output_json + found.summary.error_json;
        for (const store::step_record& step : found.steps)
            all += step.input_json + step.output_json + step.error_json;
        return all;
    }
    store::event_id id = 0;
};

const client_response good{200, {{"Content-Type", "application/json"}}, R"({"id":1})", ""};

TEST(http_calls, send_what_they_say) {
    http_world world(
        R"({ method: post, endpoint: "http://shop.test/items/{id}/{gone}", headers: { X-A: "${ .id }" }, query: { q: "a b", n: [1, 2] }, body: { name: "${ .name }" } })",
        {good});
    EXPECT_EQ(world.run_once(R"({"id":7,"name":"ada"})"), R"({"id":1})");
    ASSERT_EQ(world.http.requests.size(), 1u);
    const net::client_request& sent = world.http.requests[0];
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "http://shop.test/items/7/?q=a%20b&n=1&n=2");
    EXPECT_EQ(sent.body, R"({"name":"ada"})");
    EXPECT_EQ(sent.headers.get("X-A"), "7");
    EXPECT_EQ(sent.headers.get("Content-Type"), "application/json");
    EXPECT_FALSE(sent.headers.get("Idempotency-Key").empty());
    EXPECT_FALSE(sent.follow_redirects);
}

TEST(http_calls, refuse_an_address_with_something_else_than_a_scalar) {
    http_world world(R"({ method: get, endpoint: "http://shop.test/{id}" })", {good});
    EXPECT_EQ(world.run_once(R"({"id":[1]})"), "! 400 expression at /do/0/h");
    EXPECT_TRUE(world.http.requests.empty());
}

TEST(http_calls, put_out_content_bytes_or_the_whole_response) {
    const std::string call = R"({ method: get, endpoint: http://shop.test/x, output: )";
    EXPECT_EQ(http_world(call + "content }", {good}).run_once(), R"({"id":1})");
    EXPECT_EQ(http_world(call + "raw }", {good}).run_once(), R"("eyJpZCI6MX0=")");
    EXPECT_EQ(
        http_world(call + "response }", {good}).run_once(),
        R"({"request":{"method":"GET","uri":"http://shop.test/x","headers":{}},"statusCode":200,)"
        R"("headers":{"content-type":"application/json"},"content":{"id":1}})");
    EXPECT_EQ(http_world(call + "content }", {client_response{200, {}, "plain", ""}}).run_once(),
              R"("plain")");
    EXPECT_EQ(http_world(call + "content }", {client_response{204, {}, "", ""}}).run_once(),
              "null");
}

TEST(http_calls, follow_redirects_only_when_asked) {
    const client_response moved{302, {}, "", ""};
    http_world no("{ method: get, endpoint: http://shop.test/ }", {moved});
    EXPECT_EQ(no.run_once(), "! 302 communication at /do/0/h");
    http_world yes("{ method: get, endpoint: http://shop.test/, redirect: true }", {moved});
    EXPECT_EQ(yes.run_once(), "null");
    EXPECT_TRUE(yes.http.requests[0].follow_redirects);
}

TEST(http_calls, fail_with_the_status_of_the_answer_and_wait_as_long_as_it_says) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { h: { call: http, with: { method: get, endpoint: http://shop.test/ } } } ]
          catch: { retry: { delay: { seconds: 1 }, limit: { attempt: { count: 3 } } } }
)"));
    world.http.replies = {client_response{429, {{"Retry-After", "90"}}, "slow down", ""}, good};
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), R"({"id":1})");
    EXPECT_EQ(world.execution(id).summary.ended_ms - begin, 90'000);
    http_world failed("{ method: get, endpoint: http://shop.test/ }",
                      {client_response{503, {}, "down", ""}});
    EXPECT_EQ(failed.run_once(), "! 503 communication at /do/0/h");
    EXPECT_NE(failed.error(failed.id).string_or("detail", "").find("down"), std::string::npos);
    http_world refused("{ method: get, endpoint: http://shop.test/ }",
                       {base::make_error(base::error_code::unavailable, "no such host")});
    EXPECT_EQ(refused.run_once(), "! 503 communication at /do/0/h");
}

TEST(http_calls, prove_who_they_are_and_record_no_secret) {
    http_world bearer(
        R"({ method: get, endpoint: { uri: http://shop.test/, authentication: { bearer: { token: { $ref: config.hookSecret } } } }, output: response })",
        {good});
    bearer.run_once();
    EXPECT_EQ(bearer.http.requests[0].headers.get("Authorization"), "Bearer s3cr3t-value");
    EXPECT_EQ(bearer.kept().find("s3cr3t"), std::string::npos);
    http_world basic(
        R"({ method: get, endpoint: { uri: http://shop.test/, authentication: { basic: { username: ada, password: { $ref: config.hookSecret } } } } })",
        {client_response{401, {}, "", ""}});
    EXPECT_EQ(basic.run_once(), "! 401 communication at /do/0/h");
    EXPECT_EQ(basic.http.requests[0].headers.get("Authorization"),
              "Basic YWRhOnMzY3IzdC12YWx1ZQ==");
    EXPECT_EQ(basic.kept().find("s3cr3t"), std::string::npos);
}

TEST(http_calls, tell_what_they_prove_themselves_with_and_nothing_of_secrets) {
    engine_world world(flow_text(R"(      - open:
          call: http
          with:
            method: get
            endpoint: { uri: http://a.test/, authentication: { basic: { username: ada, password: "${ .p }" } } }
            headers: { X-Shown: "${ $authorization.parameter }" }
      - secret:
          call: http
          with:
            method: get
            endpoint: { uri: http://a.test/, authentication: { bearer: { token: { $ref: config.hookSecret } } } }
          output: { as: "${ $authorization }" }
      - bare:
          call: http
          with: { method: get, endpoint: http://a.test/ }
          output: { as: "${ [$authorization, $steps.secret] }" }
)"));
    world.settings->secrets["hookSecret"] = "s3cr3t-value";
    world.http.replies.assign({good, good, good});
    const auto id = world.send("f", R"({"p":"open"})");
    world.run();
    EXPECT_EQ(world.result(id), R"([null,{"scheme":"Bearer","parameter":"{config.hookSecret}"}])");
    EXPECT_EQ(world.http.requests[0].headers.get("X-Shown"), "YWRhOm9wZW4=");
    EXPECT_EQ(world.http.requests[1].headers.get("Authorization"), "Bearer s3cr3t-value");
}

TEST(http_calls, show_references_in_headers_query_and_body_by_name_only) {
    http_world world(
        R"({ method: post, endpoint: http://shop.test/, headers: { X-Key: { $ref: config.hookSecret } }, query: { k: { $ref: config.hookSecret } }, body: { k: { $ref: config.hookSecret } }, output: response })",
        {good});
    const std::string output = world.run_once();
    EXPECT_EQ(world.http.requests[0].headers.get("X-Key"), "s3cr3t-value");
    EXPECT_EQ(world.http.requests[0].url, "http://shop.test/?k=s3cr3t-value");
    EXPECT_EQ(world.http.requests[0].body, R"({"k":"s3cr3t-value"})");
    EXPECT_NE(output.find("{config.hookSecret}"), std::string::npos) << output;
    EXPECT_EQ(world.kept().find("s3cr3t"), std::string::npos) << world.kept();
}

TEST(http_calls, that_were_recorded_are_not_made_again) {
    engine_world world(flow_text(R"(
      - h: { call: http, with: { method: post, endpoint: http://shop.test/ } }
      - hold: { call: app.hold, output: { as: "${ $input }" } }
)"));
    world.http.replies = {good};
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.crash_at("app.hold");
    EXPECT_EQ(world.result(id), R"({"id":1})");
    EXPECT_EQ(world.http.requests.size(), 1u);
}

const char* const description = R"({"openapi":"3.0.0","info":{"title":"t","version":"1"},
"servers":[{"url":"http://shop.test/api"}],"paths":{"/items/{id}":{"get":{"operationId":"getItem",
"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},
{"name":"key","in":"query","schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}}})";

TEST(openapi_calls, send_what_the_description_says_and_record_no_secret) {
    http_world world(
        R"({ document: { endpoint: http://shop.test/openapi.json }, operationId: getItem, parameters: { id: "${ .id }", key: { $ref: config.hookSecret } }, output: response })",
        {client_response{200, {{"Content-Type", "application/json"}}, description, ""}, good},
        "openapi");
    const std::string output = world.run_once(R"({"id":"a/b"})");
    ASSERT_EQ(world.http.requests.size(), 2u) << output;
    EXPECT_EQ(world.http.requests[1].url, "http://shop.test/api/items/a%2Fb?key=s3cr3t-value");
    EXPECT_NE(output.find(R"("content":{"id":1})"), std::string::npos) << output;
    EXPECT_EQ(world.kept().find("s3cr3t"), std::string::npos) << world.kept();
}

TEST(openapi_calls, fetch_the_description_with_credentials_of_its_own) {
    http_world world(
        R"({ document: { endpoint: { uri: http://shop.test/openapi.json, authentication: { bearer: { token: { $ref: config.hookSecret } } } } }, operationId: getItem, parameters: { id: "1" } })",
        {client_response{200, {{"Content-Type", "application/json"}}, description, ""}, good},
        "openapi");
    EXPECT_EQ(world.run_once("{}"), R"({"id":1})");
    ASSERT_EQ(world.http.requests.size(), 2u);
    EXPECT_EQ(world.http.requests[0].headers.get("Authorization"), "Bearer s3cr3t-value");
    EXPECT_FALSE(world.http.requests[1].headers.has("Authorization"));
    EXPECT_EQ(world.kept().find("s3cr3t"), std::string::npos) << world.kept();
}

}  // namespace
}  // namespace sluice::engine
