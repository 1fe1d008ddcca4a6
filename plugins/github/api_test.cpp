#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const json octo_hello{{"repository", "octo/hello"}};

TEST(github_api, sends_the_headers_that_github_asks_for) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello).reply(200, R"({"full_name": "octo/hello"})");
    const call_result result = host.run("getRepository", octo_hello, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("full_name", ""), "octo/hello");
    const recorded_request& request = host.requests().at(0);
    EXPECT_EQ(request.header("Authorization"), "Bearer t0k3n");
    EXPECT_EQ(request.header("Accept"), "application/vnd.github+json");
    EXPECT_EQ(request.header("X-GitHub-Api-Version"), "2022-11-28");
    EXPECT_TRUE(request.header("User-Agent").starts_with("sluice-github/"));
}

TEST(github_api, uses_an_installation_token_and_an_enterprise_address) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://git.example.com/api/v3/repos/octo/hello").reply(200, "{}");
    const json connection{{"type", "app"},
                          {"installationToken", "ghs_1"},
                          {"baseUrl", "https://git.example.com/api/v3/"}};
    const call_result result = host.run("getRepository", octo_hello, connection);
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().at(0).header("Authorization"), "Bearer ghs_1");
}

TEST(github_api, uses_the_token_that_the_host_got) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/user").reply(200, R"({"login": "ada"})");
    const json connection{{"type", "oauth"}, {"clientId", "i"}, {"accessToken", "gho_1"}};
    const call_result result = host.run("getAuthenticatedUser", json::object(), connection);
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("login", ""), "ada");
    EXPECT_EQ(host.requests().at(0).header("Authorization"), "Bearer gho_1");
}

TEST(github_api, refuses_connections_that_cannot_work) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        json(),
        json{{"type", "token"}},
        json{{"type", "token"}, {"token", ""}},
        json{{"type", "app"}, {"token", "t"}},
        json{{"token", "t"}, {"baseUrl", "api.github.com"}},
        json{{"token", "t"}, {"baseUrl", "https://user@api.github.com"}},
        json{{"token", "t"}, {"baseUrl", "https://api.github.com?x=1"}},
        json{{"token", "t\r\nX-Evil: 1"}},
    };
    for (const json& connection : bad) {
        const call_result result = host.run("getRepository", octo_hello, connection);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << connection.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(github_api, refuses_names_that_are_no_repository) {
    mock_host host(sluice_connector_v1);
    for (const char* name : {"", "hello", "/", "octo/", "/hello", "octo/hello/issues", "../..",
                             "octo/..", "./hello"}) {
        const call_result result =
            host.run("getRepository", json{{"repository", name}}, token_connection());
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << name;
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(github_api, encodes_what_would_change_the_address) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "*").reply(200, "{}");
    host.run("getRepository", json{{"repository", "oc to/he?l#l%o"}}, token_connection());
    EXPECT_EQ(host.requests().at(0).url, base + "/repos/oc%20to/he%3Fl%23l%25o");
}

TEST(github_api, reports_a_broken_connection_as_it_is) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello)
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .fail(SLUICE_TIMEOUT, "late");
    EXPECT_EQ(host.run("getRepository", octo_hello, token_connection()).error.code,
              SLUICE_UNAVAILABLE);
    EXPECT_EQ(host.run("getRepository", octo_hello, token_connection()).error.code, SLUICE_TIMEOUT);
}

TEST(github_api, takes_an_answer_that_is_not_json_for_trouble_on_the_way) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello).reply(200, "<html>maintenance</html>").reply(200, "{\"id\": 1");
    for (int i = 0; i < 2; ++i) {
        const call_result result = host.run("getRepository", octo_hello, token_connection());
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
    }
}

}  // namespace
}  // namespace sluice::github::testing
