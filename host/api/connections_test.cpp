// Connections through the admin API: their states, and the way of one from pending to active, to
// broken and back.
#include "api/connections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_testing.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

class connections_api_test : public api_world, public testing::Test {
  protected:
    std::string path(const std::string& more = {}) {
        return "/instances/acme-1/connections" + more;
    }
    json::value crm() {
        const answer page = ask("GET", path(), administrator);
        EXPECT_EQ(page.status, 200);
        for (const json::value& one : page.body.get("items").items()) {
            if (one.string_or("name", "") == "crm") return one;
        }
        return {};
    }
    // As a person who agrees: the provider answers the code with this.
    std::string authorize(const net::client_response& provider) {
        const answer begun = ask("POST", path("/crm/authorize"), administrator);
        EXPECT_EQ(begun.status, 200) << begun.response.body;
        EXPECT_EQ(begun.body.string_or("redirectUri", ""), "https://hooks.test/oauth/callback");
        const std::string url = begun.body.string_or("url", "");
        std::string state;
        for (const auto& [name, text] : net::parse_query(url.substr(url.find('?') + 1))) {
            if (name == "state") state = text;
        }
        http.replies = {provider};
        std::string told;
        connections->finish({state, "the-code", "", ""},
                            [&](const base::result<instance::connection_id>& outcome) {
                                told = outcome ? outcome->name : outcome.error_value().message;
                            });
        turn_until([&] { return !told.empty(); });
        return told;
    }
    static net::client_response provider_says(int status, const std::string& body) {
        return {status, {}, body, ""};
    }
    net::client_response tokens = provider_says(
        200, R"({"access_token":"access-text","refresh_token":"refresh-text","expires_in":3600})");
};

TEST_F(connections_api_test, lists_all_with_their_states) {
    const answer page = ask("GET", path(), administrator);
    EXPECT_EQ(
        json::to_text(page.body),
        R"({"items":[{"name":"crm","shared":null,"connector":"app","type":"oauth",)"
        R"("grant":"authorizationCode","state":"pending","authorized":null,"issued":null,)"
        R"("expires":null,"trouble":null,"testable":true},)"
        R"({"name":"plain","shared":null,"connector":"app","type":"key","grant":null,"state":"active",)"
        R"("authorized":null,"issued":null,"expires":null,"trouble":null,)"
        R"("testable":false}],"next":null})");
    EXPECT_EQ(ask("GET", path("?limit=1"), administrator).status, 400);
    app = nullptr;
    EXPECT_EQ(crm().string_or("state", ""), "error");
    EXPECT_THAT(crm().get("trouble").string_or("reason", ""), HasSubstr("is not here"));
}

TEST_F(connections_api_test, a_person_makes_one_active) {
    EXPECT_EQ(authorize(tokens), "crm");
    EXPECT_EQ(crm().string_or("state", ""), "active");
    EXPECT_EQ(crm().string_or("authorized", ""), base::to_rfc3339(clock.unix_ms()));
    EXPECT_EQ(crm().string_or("expires", ""), base::to_rfc3339(clock.unix_ms() + 3'600'000));
    EXPECT_EQ(ask("POST", path("/plain/authorize"), administrator).status, 409);
    EXPECT_EQ(ask("POST", path("/nothing/authorize"), administrator).status, 404);
}

TEST_F(connections_api_test, is_tested_without_showing_a_secret) {
    answer told = ask("POST", path("/crm/test"), administrator);
    EXPECT_EQ(told.status, 200);
    EXPECT_FALSE(told.body.bool_or("ok", true));
    EXPECT_THAT(told.body.string_or("error", ""), HasSubstr("not authorized yet"));
    authorize(tokens);
    calls.answer_with([](const std::string& function, const engine::connector_call& call) {
        EXPECT_EQ(function, "app.me");
        return engine::scripted_calls::reply{call.request.connection_json, base::error_code::ok, 0,
                                             0};
    });
    told = ask("POST", path("/crm/test"), administrator);
    EXPECT_EQ(json::to_text(told.body),
              R"({"ok":true,"output":{"clientId":"me","type":"oauth",)"
              R"("accessToken":"[redacted]","tokenType":"Bearer"},"error":null})");
    EXPECT_EQ(ask("POST", path("/plain/test"), administrator).status, 409);
    EXPECT_EQ(ask("POST", path("/nothing/test"), administrator).status, 404);
}

TEST_F(connections_api_test, disconnecting_revokes) {
    authorize(tokens);
    http.replies = {provider_says(200, "")};
    answer told = ask("POST", path("/crm/disconnect"), administrator);
    EXPECT_EQ(json::to_text(told.body), R"({"revoked":true})");
    EXPECT_EQ(http.requests.back().url, "https://auth.test/revoke");
    EXPECT_EQ(crm().string_or("state", ""), "pending");
    told = ask("POST", path("/crm/disconnect"), administrator);
    EXPECT_EQ(json::to_text(told.body), R"({"revoked":null})");
    EXPECT_EQ(ask("POST", path("/plain/disconnect"), administrator).status, 409);
}

TEST_F(connections_api_test, changes_stand_in_the_audit_log_with_the_connection) {
    ask("POST", path("/crm/disconnect"), administrator);
    const answer page = ask("GET", "/audit", administrator);
    EXPECT_EQ(page.body.get("items").at(0).string_or("object", ""), "acme-1/crm");
}

}  // namespace
}  // namespace sluice::api
