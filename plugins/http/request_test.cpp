#include "http_testing.hpp"

namespace sluice::http::testing {
namespace {

TEST(http_request, sends_what_the_input_says_and_gives_the_answer) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base + "/orders?notify=true")
        .reply(201, R"({"id":7})",
               {{"Content-Type", "application/json; charset=utf-8"},
                {"X-Request-Id", "r1"},
                {"Set-Cookie", "session=secret"}});
    const json input{{"method", "post"},
                     {"path", "/orders"},
                     {"query", json{{"notify", true}}},
                     {"headers", json{{"X-Tenant", 5}}},
                     {"json", json{{"item", 17}}},
                     {"idempotencyHeader", "Idempotency-Key"},
                     {"timeoutSeconds", 5}};
    const call_result result =
        host.run("request", input, with_bearer(), {.idempotency_key = "s-7"});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["status"], json(201));
    EXPECT_EQ(result.output["body"]["id"], json(7));
    EXPECT_EQ(result.output["headers"].get_or("x-request-id", ""), "r1");
    EXPECT_FALSE(result.output["headers"].contains("set-cookie"));
    const recorded_request& sent = host.requests().at(0);
    EXPECT_EQ(sent.header("Authorization"), "Bearer t0ken");
    EXPECT_EQ(sent.header("X-Tenant"), "5");
    EXPECT_EQ(sent.header("Idempotency-Key"), "s-7");
    EXPECT_EQ(sent.header("Content-Type"), "application/json");
    EXPECT_EQ(sent.body, R"({"item":17})");
    EXPECT_EQ(sent.timeout_ms, 5000u);
}

TEST(http_request, shows_the_credentials_of_each_kind_of_connection) {
    const struct {
        json connection;
        const char* header;
        const char* content;
    } kinds[] = {
        {open_connection(), "Authorization", ""},
        {json{{"type", "basic"}, {"baseUrl", base}, {"username", "ada"}, {"password", "p:w"}},
         "Authorization", "Basic YWRhOnA6dw=="},
        {with_bearer(), "Authorization", "Bearer t0ken"},
        {with_key(), "X-Api-Key", "k3y"},
        {with_key(json{{"name", "Authorization"}, {"prefix", "Token "}}), "Authorization",
         "Token k3y"},
        {json{{"type", "oauth2"}, {"baseUrl", base}, {"accessToken", "a"}, {"tokenType", "bearer"}},
         "Authorization", "Bearer a"},
        {json{{"type", "oauth2ClientCredentials"}, {"baseUrl", base}, {"accessToken", "a"}},
         "Authorization", "Bearer a"}};
    for (const auto& kind : kinds) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base).reply(204, "");
        const call_result result = host.run("request", json::object(), kind.connection);
        ASSERT_TRUE(result.ok) << kind.connection.dump() << result.explain();
        EXPECT_EQ(host.requests().at(0).header(kind.header), kind.content);
        EXPECT_TRUE(result.output["body"].is_null());
    }
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/a?x=1&api%5Fkey=k3y").reply(200, "");
    host.on("GET", base + "/a?x=1&api_key=k3y").reply(200, "");
    const json query{{"path", "/a"}, {"query", json{{"x", 1}}}};
    const call_result in_query =
        host.run("request", query, with_key(json{{"in", "query"}, {"name", "api_key"}}));
    EXPECT_TRUE(in_query.ok) << in_query.explain();
}

TEST(http_request, headers_of_the_task_come_before_those_of_the_connection) {
    json connection = with_key(json{{"headers", json{{"Accept", "text/csv"}, {"X-A", "1"}}},
                                    {"idempotencyHeader", "X-Once"}});
    mock_host host(sluice_connector_v1);
    host.on("PUT", base).reply(200, "");
    host.on("GET", base).reply(200, "");
    const json headers{{"accept", "application/json"}, {"x-a", json()}};
    ASSERT_TRUE(host.run("request", json{{"method", "PUT"}, {"headers", headers}}, connection).ok);
    EXPECT_EQ(host.requests().at(0).header("Accept"), "application/json");
    EXPECT_EQ(host.requests().at(0).header("X-A"), "");
    EXPECT_EQ(host.requests().at(0).header("X-Once"), "key-1");
    ASSERT_TRUE(host.run("request", json::object(), connection).ok);
    EXPECT_EQ(host.requests().at(1).header("X-Once"), "") << "a GET changes nothing";
    EXPECT_EQ(host.requests().at(1).header("Accept"), "text/csv");
}

TEST(http_request, sends_each_kind_of_body) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base).reply(200, "");
    const json file = host.add_blob("image/png", "\x89PNG");
    const struct {
        json input;
        std::string body;
        const char* type;
    } kinds[] = {{json{{"json", json::array({1})}}, "[1]", "application/json"},
                 {json{{"json", false}}, "false", "application/json"},
                 {json{{"text", "hello"}}, "hello", "text/plain; charset=utf-8"},
                 {json{{"text", "<a/>"}, {"contentType", "text/xml"}}, "<a/>", "text/xml"},
                 {json{{"form", json{{"a", "x y"}, {"b", 2}}}}, "a=x%20y&b=2",
                  "application/x-www-form-urlencoded"},
                 {json{{"file", file}}, "\x89PNG", "image/png"},
                 {json{{"json", 1}, {"headers", json{{"content-type", "application/x+json"}}}}, "1",
                  "application/x+json"}};
    for (const auto& kind : kinds) {
        json input = kind.input;
        input.set("method", "POST");
        const call_result result = host.run("request", input, open_connection());
        ASSERT_TRUE(result.ok) << input.dump() << result.explain();
        EXPECT_EQ(host.requests().back().body, kind.body);
        EXPECT_EQ(host.requests().back().header("Content-Type"), kind.type);
    }
}

TEST(http_request, gives_the_body_by_its_type_or_as_asked) {
    const struct {
        const char* type;
        std::string body;
        json input;
        json expected;
    } answers[] = {
        {"text/html", "<p>", json::object(), json("<p>")},
        {"application/problem+json", "[1]", json::object(), json::array({1})},
        {"application/json", "[1]", json{{"response", "text"}}, json("[1]")},
        {"text/plain", "[1]", json{{"response", "json"}}, json::array({1})},
        {"", "plain", json::object(), json("plain")},
    };
    for (const auto& answer : answers) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base).reply(200, answer.body, {{"Content-Type", answer.type}});
        const call_result result = host.run("request", answer.input, open_connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["body"], answer.expected) << answer.type;
    }
    mock_host host(sluice_connector_v1);
    const std::string bytes = std::string(600'000, '\xFF') + "end";
    host.on("GET", base).reply(200, bytes, {{"Content-Type", "image/png"}});
    for (const char* form : {"auto", "file"}) {
        const call_result result = host.run("request", json{{"response", form}}, open_connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(host.blob_bytes(result.output["file"]), bytes);
        EXPECT_EQ(result.output["file"].get_or("contentType", ""), "image/png");
        EXPECT_FALSE(result.output.contains("body"));
    }
    EXPECT_EQ(host.run("request", json{{"response", "text"}}, open_connection()).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(http_request, what_is_no_json_where_json_was_promised_may_be_better_later) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(200, "<html>", as_json);
    EXPECT_EQ(host.run("request", json::object(), open_connection()).error.code,
              SLUICE_UNAVAILABLE);
}

TEST(http_request, takes_the_statuses_that_are_expected) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(404, R"({"why":"gone"})", as_json);
    for (const json& expect : {json(404), json("404"), json("4xx"), json("400-404"),
                               json::array({200, 404}), json::array({"2xx", "404"})}) {
        const call_result result = host.run("request", json{{"expect", expect}}, open_connection());
        ASSERT_TRUE(result.ok) << expect.dump() << result.explain();
        EXPECT_EQ(result.output["body"].get_or("why", ""), "gone");
    }
    for (const json& wrong : {json("6xx"), json("ok"), json(99), json("404-400"), json(true),
                              json::array({json::object()})}) {
        EXPECT_EQ(host.run("request", json{{"expect", wrong}}, open_connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << wrong.dump();
    }
    EXPECT_EQ(host.run("request", json{{"expect", 200}}, open_connection()).error.code,
              SLUICE_NOT_FOUND);
}

TEST(http_request, failures_say_what_kind_they_are_when_to_try_again_and_what_the_server_said) {
    const struct {
        unsigned status;
        header_list headers;
        sluice_code code;
        unsigned retry_after_ms;
    } answers[] = {{400, {}, SLUICE_INVALID_INPUT, 0},
                   {401, {}, SLUICE_AUTH, 0},
                   {404, {}, SLUICE_NOT_FOUND, 0},
                   {409, {}, SLUICE_CONFLICT, 0},
                   {429, {{"Retry-After", "7"}}, SLUICE_RATE_LIMITED, 7000},
                   {429, {{"X-RateLimit-Reset", "30"}}, SLUICE_RATE_LIMITED, 30000},
                   {503, {{"Retry-After", "2"}}, SLUICE_UNAVAILABLE, 2000},
                   {500, {}, SLUICE_UNAVAILABLE, 0},
                   {302, {}, SLUICE_INVALID_INPUT, 0}};
    for (const auto& answer : answers) {
        for (const char* form : {"auto", "file"}) {
            mock_host host(sluice_connector_v1);
            header_list headers = answer.headers;
            headers.emplace_back("Content-Type", "application/json");
            host.on("GET", base).reply(answer.status, R"({"message":"so it is"})", headers);
            const call_result result = host.run("request", json{{"response", form}}, with_bearer());
            EXPECT_EQ(result.error.code, answer.code) << answer.status;
            EXPECT_EQ(result.error.http_status, answer.status);
            EXPECT_EQ(result.error.retry_after_ms, answer.retry_after_ms) << answer.status;
            EXPECT_NE(result.error.message.find("so it is"), std::string::npos)
                << result.error.message;
            EXPECT_EQ(result.error.details["body"].get_or("message", ""), "so it is");
            EXPECT_TRUE(result.problems.empty()) << result.explain();
        }
    }
}

TEST(http_request, any_bytes_of_a_refusal_make_a_failure) {
    for (const std::string& body :
         {std::string("\xFF\xFE"), std::string(), std::string(1 << 20, 'x'), std::string("{"),
          "\"" + std::string(9'000, 'y') + "\"", std::string(100'000, '[')}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base).reply(500, body);
        const call_result result = host.run("request", json::object(), open_connection());
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
        EXPECT_LT(result.error.details.dump().size(), 5'000u);
        if (body.size() > 1'000) {
            EXPECT_GT(result.error.details["body"].size(), 1'000u);
        }
    }
}

TEST(http_request, what_no_server_answers_is_told_as_it_is) {
    for (const sluice_code code : {SLUICE_UNAVAILABLE, SLUICE_TIMEOUT}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base).fail(code, "the connection was reset");
        EXPECT_EQ(host.run("request", json::object(), open_connection()).error.code, code);
    }
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(200, "").after_ms(6'000);
    EXPECT_EQ(host.run("request", json{{"timeoutSeconds", 5}}, open_connection()).error.code,
              SLUICE_TIMEOUT);
}

TEST(http_request, refuses_what_cannot_work_before_anything_is_sent) {
    mock_host host(sluice_connector_v1);
    for (const json& input :
         {json{{"method", "BREW"}}, json{{"url", "https://evil.test/v1"}}, json{{"path", "/../x"}},
          json{{"headers", json{{"Host", "evil.test"}}}},
          json{{"headers", json{{"Content-Length", "1"}}}},
          json{{"headers", json{{"X-A", "1\r\nX-B: 2"}}}}, json{{"headers", json{{"X A", "1"}}}},
          json{{"headers", json{{"authorization", "Bearer other"}}}}, json{{"headers", "X-A: 1"}},
          json{{"json", 1}, {"text", "a"}}, json{{"form", "a=b"}},
          json{{"file", json{{"$blob", "x"}}}}, json{{"timeoutSeconds", 0}},
          json{{"timeoutSeconds", 3601}}, json{{"response", "xml"}},
          json{{"followRedirects", "no"}}, json{{"method", 7}}, json{{"idempotencyHeader", 7}}}) {
        EXPECT_EQ(host.run("request", input, with_bearer()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    for (const json& connection :
         {json(), json{{"type", "none"}}, json{{"type", "bearer"}, {"baseUrl", base}},
          json{{"type", "bearer"}, {"baseUrl", base}, {"token", "a\r\nb"}},
          with_key(json{{"in", "cookie"}}), with_key(json{{"name", "Bad Name"}}),
          json{{"type", "basic"}, {"baseUrl", base}, {"username", "a:b"}, {"password", "c"}},
          json{{"type", "oauth2"}, {"baseUrl", base}}, json{{"type", "none"}, {"baseUrl", "x"}}}) {
        EXPECT_EQ(host.run("request", json::object(), connection).error.code, SLUICE_INVALID_INPUT)
            << connection.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(http_request, ends_wherever_it_is_cancelled) {
    for (const char* form : {"auto", "file"}) {
        const unsigned places = cancel_everywhere([&](mock_host& host, unsigned n) {
            host.on("GET", base).reply(200, std::string(600'000, '\xFF'));
            return host.run_cancelled_at(n, "request", json{{"response", form}}, open_connection());
        });
        EXPECT_GE(places, form == std::string_view("auto") ? 4u : 1u) << form;
    }
}

TEST(http_request, the_test_of_a_connection_asks_its_path) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/me").reply(200, "{}");
    host.on("GET", base).reply(401, "");
    EXPECT_TRUE(host.run("testConnection", json::object(), with_key(json{{"testPath", "/me"}})).ok);
    const call_result refused = host.run("testConnection", json::object(), with_key());
    EXPECT_EQ(refused.error.code, SLUICE_AUTH);
    EXPECT_EQ(refused.error.http_status, 401u) << "the host fetches a new token then";
}

}  // namespace
}  // namespace sluice::http::testing
