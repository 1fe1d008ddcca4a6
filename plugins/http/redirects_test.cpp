#include "http_testing.hpp"

namespace sluice::http::testing {
namespace {

const std::string elsewhere = "https://files.example.net/x";

header_list to(const std::string& where) { return {{"Location", where}}; }

bool has_credentials(const recorded_request& sent) {
    return !sent.header("Authorization").empty() || !sent.header("X-Api-Key").empty() ||
           sent.url.find("k3y") != sent.url.npos;
}

TEST(http_redirects, keep_the_credentials_below_the_base) {
    for (const std::string& where : {base + "/new", std::string("/v1/new"), std::string("new")}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + "/old").reply(302, "", to(where));
        host.on("GET", base + "/new").reply(200, "1", as_json);
        const json input{{"path", "/old"}, {"headers", json{{"X-Tenant", "5"}}}};
        const call_result result = host.run("request", input, with_bearer());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["body"], json(1));
        const recorded_request& last = host.requests().at(1);
        EXPECT_EQ(last.header("Authorization"), "Bearer t0ken");
        EXPECT_EQ(last.header("X-Tenant"), "5");
        EXPECT_EQ(last.flags & SLUICE_HTTP_FOLLOW_REDIRECTS, 0u);
    }
}

// Other customers of one server may be beside the base's path.
TEST(http_redirects, take_no_credentials_anywhere_else) {
    for (const std::string& where :
         {elsewhere, std::string("https://api.example.com/v2"), std::string("/v11/a"),
          std::string("http://api.example.com/v1/a"), std::string("//api.example.com:444/v1"),
          base + "/%2e%2e/v2"}) {
        for (const json& connection :
             {with_bearer(), with_key(), with_key(json{{"in", "query"}, {"name", "key"}})}) {
            mock_host host(sluice_connector_v1);
            host.on("GET", base + "/old*").reply(307, "", to(where));
            host.on("GET", "*").reply(200, "1", as_json);
            const json input{{"path", "/old"},
                             {"headers", json{{"X-Tenant", "5"}, {"Accept", "text/csv"}}}};
            const call_result result = host.run("request", input, connection);
            ASSERT_TRUE(result.ok) << where << result.explain();
            ASSERT_EQ(host.requests().size(), 2u);
            EXPECT_TRUE(has_credentials(host.requests()[0]));
            EXPECT_FALSE(has_credentials(host.requests()[1])) << where;
            EXPECT_EQ(host.requests()[1].header("X-Tenant"), "");
            EXPECT_EQ(host.requests()[1].header("Accept"), "text/csv");
        }
    }
}

TEST(http_redirects, give_the_credentials_to_nobody_who_sends_us_back) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/old").reply(302, "", to(elsewhere));
    host.on("GET", elsewhere).reply(302, "", to(base + "/new"));
    host.on("GET", base + "/new").reply(200, "1", as_json);
    ASSERT_TRUE(host.run("request", json{{"path", "/old"}}, with_bearer()).ok);
    EXPECT_FALSE(has_credentials(host.requests().at(2)));
}

TEST(http_redirects, send_no_body_anywhere_else) {
    for (const unsigned status : {301u, 302u, 307u, 308u}) {
        for (const char* method : {"PUT", "DELETE"}) {
            mock_host host(sluice_connector_v1);
            host.on(method, base).reply(status, "", to(elsewhere));
            const json input{{"method", method}, {"text", "secret"}, {"followRedirects", true}};
            const call_result result = host.run("request", input, with_bearer());
            EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
            EXPECT_EQ(host.requests().size(), 1u);
        }
    }
    mock_host host(sluice_connector_v1);
    host.on("POST", base).reply(303, "", to(elsewhere));
    host.on("GET", elsewhere).reply(200, "1", as_json);
    const json input{{"method", "POST"}, {"text", "secret"}, {"followRedirects", true}};
    ASSERT_TRUE(host.run("request", input, with_bearer()).ok);
    EXPECT_EQ(host.requests().at(1).body, "");
}

TEST(http_redirects, keep_method_and_body_below_the_base_as_their_status_says) {
    const auto followed = [](unsigned status, const char* method) {
        mock_host host(sluice_connector_v1);
        host.on("POST", base).reply(status, "", to(base + "/b"));
        host.on(method, base + "/b").reply(200, "1", as_json);
        const json input{{"method", "POST"}, {"text", "t"}, {"followRedirects", true}};
        EXPECT_TRUE(host.run("request", input, with_bearer()).ok) << status;
        if (host.requests().size() != 2) return std::string();
        const recorded_request& last = host.requests()[1];
        return last.method + " " + last.body + " " + std::string(last.header("Authorization"));
    };
    for (const unsigned status : {301u, 302u, 303u})
        EXPECT_EQ(followed(status, "GET"), "GET  Bearer t0ken");
    for (const unsigned status : {307u, 308u})
        EXPECT_EQ(followed(status, "POST"), "POST t Bearer t0ken");
}

TEST(http_redirects, are_followed_five_times_and_only_when_asked) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "*").reply(302, "", to("?again"));
    EXPECT_EQ(host.run("request", json::object(), with_bearer()).error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(host.requests().size(), 6u);
    const json stay{{"followRedirects", false}, {"expect", 302}};
    EXPECT_TRUE(host.run("request", stay, with_bearer()).ok);
    EXPECT_EQ(host.requests().size(), 7u);
    host.on("POST", base).reply(302, "", to("?again"));
    const json post{{"method", "POST"}, {"expect", 302}};
    EXPECT_TRUE(host.run("request", post, with_bearer()).ok) << "by default only what is read";
    EXPECT_EQ(host.requests().size(), 8u);
    mock_host bad(sluice_connector_v1);
    bad.on("GET", base).reply(302, "", to("ftp://x/"));
    EXPECT_EQ(bad.run("request", json::object(), with_bearer()).error.code, SLUICE_UNAVAILABLE);
}

TEST(http_redirects, of_downloads_lead_to_the_file) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/f").reply(302, "", to(elsewhere));
    host.on("GET", elsewhere).reply(200, "bytes");
    const call_result result = host.run("downloadFile", json{{"path", "/f"}}, with_bearer());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.blob_bytes(result.output["file"]), "bytes");
    EXPECT_FALSE(has_credentials(host.requests().at(1)));
}

}  // namespace
}  // namespace sluice::http::testing
