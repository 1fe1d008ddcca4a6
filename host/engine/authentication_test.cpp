// Calls that prove themselves with Digest, OAuth 2.0, OpenID Connect and named secrets, against a
// scripted authority and a scripted resource.
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "net/egress_refusal.hpp"

namespace sluice::engine {
namespace {

using net::client_request;
using net::client_response;
using answer = base::result<client_response>;

answer json_answer(int status, const std::string& body) {
    return client_response{status, {{"Content-Type", "application/json"}}, body, ""};
}

// A flow "f" that calls http://shop.test/ with this authentication, and what surrounds it.
struct proven_world : engine_world {
    explicit proven_world(const std::string& proof, const std::string& output = "content")
        : engine_world(flow_text("      - h: { call: http, with: { method: get, output: " + output +
                                 ", endpoint: { uri: 'http://shop.test/x?y=1', authentication: " +
                                 proof + " } } }\n")) {
        settings->secrets["hookSecret"] = "s3cr3t-value";
        http.answer = [this](const client_request& request) { return respond(request); };
    }

    answer respond(const client_request& request) {
        if (request.url.ends_with("/.well-known/openid-configuration")) {
            return json_answer(200, R"({"token_endpoint":"http://auth.test/found"})");
        }
        if (request.url.starts_with("http://auth.test/")) {
            ++fetches;
            token_requests.push_back(request);
            if (authority) return authority();
            return json_answer(200, R"({"access_token":"token-number-)" + std::to_string(fetches) +
                                        R"(","token_type":"Bearer","expires_in":100})");
        }
        if (resource) return resource(request);
        return json_answer(200, R"({"id":1})");
    }

    std::string run_once(const std::string& payload = "{}") {
        id = send("f", payload);
        run();
        return result(id);
    }
    std::string detail() { return error(id).string_or("detail", ""); }
    // Everything that is kept of all executions.
    std::string kept() {
        std::string all;
        const auto summaries = store->history({}).value();
        for (const store::execution_summary& one : summaries) {
            const store::execution_detail found = execution(one.id);
            all += found.output_json + found.summary.error_json;
            for (const store::step_record& step : found.steps)
                all += step.input_json + step.output_json + step.error_json;
        }
        return all;
    }
    // The Authorization fields that the resource has seen.
    std::vector<std::string> shown_to_resource() const {
        std::vector<std::string> fields;
        for (const client_request& one : http.requests) {
            if (one.url.starts_with("http://shop.test/")) {
                fields.emplace_back(one.headers.get("Authorization"));
            }
        }
        return fields;
    }

    store::event_id id = 0;
    int fetches = 0;
    std::vector<client_request> token_requests;
    std::function<answer()> authority;
    std::function<answer(const client_request&)> resource;
};

const char* const oauth2 =
    "{ oauth2: { authority: http://auth.test, grant: client_credentials, client: { id: me, secret: "
    "{ $ref: config.hookSecret } } } }";

using strings = std::vector<std::string>;

TEST(tokens, are_fetched_once_and_used_until_shortly_before_they_end) {
    proven_world world(oauth2);
    EXPECT_EQ(world.run_once(), R"({"id":1})");
    EXPECT_EQ(world.run_once(), R"({"id":1})");
    EXPECT_EQ(world.fetches, 1);
    EXPECT_EQ(world.shown_to_resource(),
              (strings{"Bearer token-number-1", "Bearer token-number-1"}));
    const client_request& asked = world.token_requests[0];
    EXPECT_EQ(asked.url, "http://auth.test/oauth2/token");
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.body, "grant_type=client_credentials&client_id=me&client_secret=s3cr3t-value");
    world.loop.advance_ms(89'000);  // of a hundred seconds the last ten are left
    world.run_once();
    EXPECT_EQ(world.fetches, 1);
    world.loop.advance_ms(2'000);
    world.run_once();
    EXPECT_EQ(world.fetches, 2);
    EXPECT_EQ(world.shown_to_resource().back(), "Bearer token-number-2");
}

TEST(tokens, without_an_end_are_kept_five_minutes_and_with_none_left_for_one_use) {
    proven_world world(oauth2);
    world.authority = [] { return json_answer(200, R"({"access_token":"token-of-somebody"})"); };
    world.run_once();
    world.loop.advance_ms(260'000);
    world.run_once();
    EXPECT_EQ(world.fetches, 1);
    world.loop.advance_ms(40'000);
    world.run_once();
    EXPECT_EQ(world.fetches, 2);
    proven_world once(oauth2);
    once.authority = [] {
        return json_answer(200, R"({"access_token":"token-of-somebody","expires_in":0})");
    };
    EXPECT_EQ(once.run_once(), R"({"id":1})");
    EXPECT_EQ(once.run_once(), R"({"id":1})");
    EXPECT_EQ(once.fetches, 2);
}

TEST(tokens, are_fetched_once_for_all_who_wait) {
    proven_world world(oauth2);
    world.http.hanging = true;
    const store::event_id first = world.send("f", "{}");
    const store::event_id second = world.send("f", "{}");
    world.run(1'000);
    ASSERT_EQ(world.http.requests.size(), 1u);
    world.http.hanging = false;
    world.http.release(json_answer(200, R"({"access_token":"token-of-both"})"));
    world.run();
    EXPECT_EQ(world.result(first), R"({"id":1})");
    EXPECT_EQ(world.result(second), R"({"id":1})");
    EXPECT_EQ(world.fetches, 0) << "the one that hung was the only one";
    EXPECT_EQ(world.shown_to_resource(), (strings{"Bearer token-of-both", "Bearer token-of-both"}));
}

TEST(tokens, that_do_not_come_in_time_are_not_waited_for) {
    proven_world world(oauth2);
    world.http.hanging = true;
    const store::event_id id = world.send("f", "{}");
    const store::event_id cancelled = world.send("f", "{}");
    world.run(1'000);
    EXPECT_TRUE(world.host->cancel(cancelled));
    world.run(1'000);
    EXPECT_EQ(world.result(cancelled), "cancelled");
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/h");
    EXPECT_EQ(world.error(id).string_or("detail", ""), "no access token within 60000 ms");
}

TEST(tokens, of_other_credentials_are_others) {
    proven_world world(
        "{ oauth2: { authority: http://auth.test, grant: client_credentials, client: { id: \"${ "
        ".who }\", secret: { $ref: config.hookSecret } } } }");
    world.run_once(R"({"who":"a"})");
    world.run_once(R"({"who":"b"})");
    world.run_once(R"({"who":"a"})");
    EXPECT_EQ(world.fetches, 2);
    EXPECT_EQ(world.shown_to_resource(),
              (strings{"Bearer token-number-1", "Bearer token-number-2", "Bearer token-number-1"}));
}

TEST(tokens, that_a_resource_refuses_are_renewed_once) {
    proven_world world(oauth2);
    world.resource = [](const client_request& request) {
        const bool good = request.headers.get("Authorization") == "Bearer token-number-2";
        return json_answer(good ? 200 : 401, good ? R"({"id":1})" : "{}");
    };
    EXPECT_EQ(world.run_once(), R"({"id":1})");
    EXPECT_EQ(world.fetches, 2);
    EXPECT_EQ(world.run_once(), R"({"id":1})");
    EXPECT_EQ(world.fetches, 2) << "the new one is kept";
    world.resource = [](const client_request&) { return json_answer(401, "{}"); };
    EXPECT_EQ(world.run_once(), "! 401 communication at /do/0/h");
    EXPECT_EQ(world.fetches, 3);
    EXPECT_EQ(world.shown_to_resource().size(), 5u);
}

TEST(tokens, come_to_rest_nowhere) {
    proven_world world(oauth2, "response");
    world.resource = [](const client_request& request) {
        const std::string sent(request.headers.get("Authorization"));
        return json_answer(
            200,
            json::to_text(json::value::object({{"echo", sent}, {"coded", base::to_base64(sent)}})));
    };
    const std::string output = world.run_once();
    EXPECT_NE(output.find(R"("echo":"Bearer [redacted]")"), std::string::npos) << output;
    world.run_once();
    const std::string kept = world.kept();
    for (const std::string& secret : {std::string("token-number-1"), std::string("s3cr3t-value"),
                                      base::to_base64("Bearer token-number-1")}) {
        EXPECT_EQ(kept.find(secret), std::string::npos) << secret << " in " << kept;
    }
}

TEST(tokens, of_clients_with_own_assertions_do_not_show_them_when_they_come_back) {
    proven_world world(
        "{ oauth2: { authority: http://auth.test, grant: client_credentials, client: { id: me, "
        "secret: { $ref: config.hookSecret }, authentication: client_secret_jwt } } }");
    std::string assertion;
    world.authority = [&] {
        const std::string& body = world.token_requests.back().body;
        assertion = body.substr(body.rfind("client_assertion=") + 17);
        return json_answer(
            401, R"({"error":"invalid_client","error_description":")" + assertion + R"("})");
    };
    EXPECT_EQ(world.run_once(), "! 401 authentication at /do/0/h");
    ASSERT_TRUE(assertion.starts_with("eyJ")) << assertion;
    EXPECT_EQ(world.kept().find("eyJ"), std::string::npos);
    EXPECT_NE(world.detail().find("[redacted]"), std::string::npos);
}

TEST(tokens, that_are_refused_end_the_call_with_the_reason) {
    proven_world world(oauth2);
    world.authority = [] {
        return json_answer(401, R"({"error":"invalid_client","error_description":"s3cr3t-value"})");
    };
    EXPECT_EQ(world.run_once(), "! 401 authentication at /do/0/h");
    EXPECT_EQ(world.detail(),
              "http://auth.test/oauth2/token gave no access token but status 401: "
              "invalid_client: [redacted]");
    EXPECT_TRUE(world.shown_to_resource().empty());
    world.authority = [] { return json_answer(200, "<html>"); };
    EXPECT_EQ(world.run_once(), "! 502 communication at /do/0/h");
    world.authority = [] {
        return answer(base::make_error(base::error_code::unavailable, "no such host"));
    };
    EXPECT_EQ(world.run_once(), "! 503 communication at /do/0/h");
    EXPECT_EQ(world.detail(), "no access token from http://auth.test/oauth2/token: no such host");
    world.authority = {};
    EXPECT_EQ(world.run_once(), R"({"id":1})") << "a failure is not kept";
}

TEST(tokens, are_found_by_discovery_and_shown_to_expressions_by_name_only) {
    engine_world world(flow_text(R"(      - h:
          call: http
          with:
            method: get
            endpoint:
              uri: http://shop.test/
              authentication:
                oidc: { authority: "http://auth.test/{realm}", grant: password, client: { id: me }, username: ada, password: { $ref: config.hookSecret } }
            headers: { X-Shown: "${ $authorization.parameter }" }
          output: { as: "${ $authorization }" }
)"));
    world.settings->secrets["hookSecret"] = "s3cr3t-value";
    world.http.replies = {json_answer(200, R"({"token_endpoint":"http://auth.test/found"})"),
                          json_answer(200, R"({"access_token":"token-of-ada"})"),
                          json_answer(200, "{}")};
    const store::event_id id = world.send("f", R"({"realm":"r 1"})");
    world.run();
    EXPECT_EQ(world.result(id), R"({"scheme":"Bearer","parameter":"{oidc.token}"})");
    ASSERT_EQ(world.http.requests.size(), 3u);
    EXPECT_EQ(world.http.requests[0].url,
              "http://auth.test/r%201/.well-known/openid-configuration");
    EXPECT_EQ(world.http.requests[1].url, "http://auth.test/found");
    EXPECT_EQ(world.http.requests[1].body,
              "grant_type=password&client_id=me&username=ada&password=s3cr3t-value");
    EXPECT_EQ(world.http.requests[2].headers.get("Authorization"), "Bearer token-of-ada");
    EXPECT_EQ(world.http.requests[2].headers.get("X-Shown"), "{oidc.token}");
}

TEST(tokens, of_a_refresh_token_that_changes_go_on_with_the_new_one) {
    proven_world world(
        "{ oauth2: { authority: http://auth.test, grant: refresh_token, client: { id: me, "
        "authentication: none }, subject: { token: { $ref: config.hookSecret }, type: "
        "refresh } } }");
    world.authority = [&] {
        return json_answer(200, R"({"access_token":"token-number-1","expires_in":0,)"
                                R"("refresh_token":"refresh-)" +
                                    std::to_string(world.fetches) + R"("})");
    };
    world.run_once();
    world.run_once();
    ASSERT_EQ(world.fetches, 2);
    EXPECT_EQ(world.token_requests[0].body,
              "grant_type=refresh_token&client_id=me&refresh_token=s3cr3t-value");
    EXPECT_EQ(world.token_requests[1].body,
              "grant_type=refresh_token&client_id=me&refresh_token=refresh-1");
}

TEST(tokens, of_a_refresh_token_that_changes_outlive_a_fault_on_the_way) {
    proven_world world(
        "{ oauth2: { authority: http://auth.test, grant: refresh_token, client: { id: me, "
        "authentication: none }, subject: { token: { $ref: config.hookSecret }, type: "
        "refresh } } }");
    world.authority = [&] {
        if (world.fetches == 2) return json_answer(503, "{}");
        return json_answer(200, R"({"access_token":"token-number-1","expires_in":0,)"
                                R"("refresh_token":"refresh-)" +
                                    std::to_string(world.fetches) + R"("})");
    };
    for (int i = 0; i < 3; ++i)
        world.run_once();
    ASSERT_EQ(world.token_requests.size(), 3u);
    EXPECT_EQ(world.token_requests[2].body,
              "grant_type=refresh_token&client_id=me&refresh_token=refresh-1");
}

TEST(tokens, serve_openapi_calls_and_the_fetch_of_their_documents) {
    engine_world world(flow_text(std::string("      - h: { call: openapi, with: { document: { "
                                             "endpoint: { uri: http://shop.test/openapi.json, "
                                             "authentication: ") +
                                 oauth2 + " } }, operationId: getItem, authentication: " + oauth2 +
                                 " } }\n"));
    world.settings->secrets["hookSecret"] = "s3cr3t-value";
    int fetches = 0;
    world.http.answer = [&](const client_request& request) {
        if (request.url.starts_with("http://auth.test/")) {
            ++fetches;
            return json_answer(200, R"({"access_token":"token-of-both"})");
        }
        EXPECT_EQ(request.headers.get("Authorization"), "Bearer token-of-both") << request.url;
        return json_answer(200,
                           request.url.ends_with("openapi.json")
                               ? R"({"openapi":"3.0.0","info":{"title":"t","version":"1"},)"
                                 R"("servers":[{"url":"http://shop.test"}],"paths":{"/i":{"get":)"
                                 R"({"operationId":"getItem","responses":{}}}}})"
                               : R"({"id":1})");
    };
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), R"({"id":1})");
    EXPECT_EQ(fetches, 1);
}

const char* const digest =
    "{ digest: { username: Mufasa, password: { $ref: config.hookSecret } } }";

client_response challenge(const std::string& nonce, const std::string& more = "") {
    return {
        401,
        {{"WWW-Authenticate", "Digest realm=\"r\", qop=\"auth\", nonce=\"" + nonce + "\"" + more}},
        "",
        ""};
}

TEST(digest_calls, answer_a_challenge) {
    proven_world world(digest);
    world.http.answer = {};
    world.http.replies = {challenge("n1"), json_answer(200, R"({"id":1})")};
    EXPECT_EQ(world.run_once(), R"({"id":1})");
    ASSERT_EQ(world.http.requests.size(), 2u);
    EXPECT_FALSE(world.http.requests[0].headers.has("Authorization"));
    const std::string sent(world.http.requests[1].headers.get("Authorization"));
    EXPECT_EQ(sent.find("Digest username=\"Mufasa\", realm=\"r\", uri=\"/x?y=1\", nonce=\"n1\""),
              0u)
        << sent;
    EXPECT_EQ(world.kept().find("s3cr3t"), std::string::npos);
}

TEST(digest_calls, take_a_new_nonce_once_when_theirs_was_too_old) {
    proven_world world(digest);
    world.http.answer = {};
    world.http.replies = {challenge("n1"), challenge("n2", ", stale=true"),
                          json_answer(200, R"({"id":1})")};
    EXPECT_EQ(world.run_once(), R"({"id":1})");
    EXPECT_EQ(world.http.requests.size(), 3u);
    world.http.replies = {challenge("n1"), challenge("n2", ", stale=true"),
                          challenge("n3", ", stale=true")};
    EXPECT_EQ(world.run_once(), "! 401 communication at /do/0/h");
    EXPECT_EQ(world.http.requests.size(), 6u);
}

TEST(digest_calls, do_not_guess_again_when_they_are_refused) {
    proven_world world(digest);
    world.http.answer = {};
    world.http.replies = {challenge("n1"), challenge("n2")};
    EXPECT_EQ(world.run_once(), "! 401 communication at /do/0/h");
    EXPECT_EQ(world.http.requests.size(), 2u);
    world.http.replies = {client_response{401, {{"WWW-Authenticate", "Basic realm=x"}}, "", ""}};
    EXPECT_EQ(world.run_once(), "! 401 communication at /do/0/h");
    EXPECT_EQ(world.http.requests.size(), 3u);
}

TEST(named_secrets, are_objects_and_of_bearer_also_the_token) {
    const auto first_field = [](const std::string& proof, const json::value& secret) {
        proven_world world(proof);
        world.settings->secrets["hookSecret"] = secret;
        const std::string end = world.run_once();
        if (end != R"({"id":1})") return world.detail();
        return world.shown_to_resource().back();
    };
    const std::string pair = R"({"username":"ada","password":"s3cr3t-value"})";
    EXPECT_EQ(first_field("{ basic: { use: hookSecret } }", pair),
              "Basic " + base::to_base64("ada:s3cr3t-value"));
    EXPECT_EQ(first_field("{ basic: { use: hookSecret } }", json::parse(pair).value()),
              "Basic " + base::to_base64("ada:s3cr3t-value"));
    EXPECT_EQ(first_field("{ bearer: { use: hookSecret } }", "token-itself"),
              "Bearer token-itself");
    EXPECT_EQ(first_field("{ bearer: { use: hookSecret } }", R"({"token":"token-inside"})"),
              "Bearer token-inside");
    EXPECT_EQ(first_field("{ oauth2: { use: hookSecret } }",
                          R"({"authority":"http://auth.test","grant":"client_credentials",)"
                          R"("client":{"id":"i","secret":"s"}})"),
              "Bearer token-number-1");
    EXPECT_EQ(first_field("{ basic: { use: hookSecret } }", "no-object"),
              "the secret \"hookSecret\" is no JSON object with `username` and `password`");
    EXPECT_EQ(first_field("{ bearer: { use: hookSecret } }", R"({"tokens":"x"})"),
              "the secret \"hookSecret\" is no token, and no JSON object with one in `token`");
    EXPECT_EQ(first_field("{ oidc: { use: hookSecret } }", R"({"authority":"x"})"),
              "oidc: `authority` is no address (it begins with https:// or http://)");
    EXPECT_EQ(first_field("{ digest: { use: hookSecret } }", json::value()),
              "the secret \"hookSecret\" has no value here (give it one as a config variable, or "
              "to sluice run --plain with --secret hookSecret=@FILE)");
}

TEST(named_secrets, are_told_to_expressions_by_name_only) {
    engine_world world(flow_text(R"(      - h:
          call: http
          with: { method: get, endpoint: { uri: http://shop.test/, authentication: { basic: { use: hookSecret } } } }
          output: { as: "${ $authorization }" }
)"));
    world.settings->secrets["hookSecret"] = R"({"username":"ada","password":"s3cr3t-value"})";
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), R"({"scheme":"Basic","parameter":"{config.hookSecret}"})");
}

TEST(refused_addresses, are_errors_of_authorization_that_name_the_guard) {
    proven_world world("{ bearer: { token: x } }");
    world.resource = [](const client_request&) {
        base::error refusal = base::make_error(base::error_code::invalid_input,
                                               "connections to shop.test are not allowed");
        refusal.details_json = net::refused_by_guard;
        return answer(refusal);
    };
    EXPECT_EQ(world.run_once(), "! 403 authorization at /do/0/h");
    EXPECT_EQ(world.detail(),
              "the host's egress guard refused the request: connections to "
              "shop.test are not allowed");
}

TEST(refusals, show_the_address_without_a_port_that_goes_without_saying) {
    proven_world world("{ bearer: { token: x } }");
    world.resource = [](const client_request&) { return json_answer(404, ""); };
    EXPECT_EQ(world.run_once(), "! 404 communication at /do/0/h");
    EXPECT_EQ(world.detail(), "GET http://shop.test/x was answered with 404");
}

}  // namespace
}  // namespace sluice::engine
