// Calls with a token of the host's: given before they start, once more when it is refused, and gone
// with the call that is cancelled.
#include "instance/connected_calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instance/connection_testing.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using testing::HasSubstr;

class connected_calls_test : public connection_world, public testing::Test {
  protected:
    connected_calls_test() {
        calls = std::make_unique<connected_calls>(
            loop, clock, inner, *tokens,
            [this](const connection_id& id, const std::string&, const auto* version,
                   const std::string&) -> base::result<connection_tokens::settings_ptr> {
                asked.push_back(id.owner + "/" + id.name + (version == nullptr ? "" : " ^1.0"));
                if (wrong) return *wrong;
                return found;
            });
    }

    engine::call_port::operation start(const std::string& connection = "app",
                                       const engine::shared_connection& shared = {},
                                       const std::string& instance = "acme") {
        engine::connector_call call;
        call.shared = shared;
        call.wanted = &wanted;
        call.connector = "shop";
        call.connection = connection;
        call.fetched = fetched;
        call.flow = flow;
        call.request.action = "buy";
        call.request.idempotency_key = "the-key";
        call.request.scope.instance = instance;
        call.request.deadline_unix_ms = deadline_ms;
        call.request.connection_json = R"({"type":"oauth","as":"given"})";
        told = "nothing";
        return calls->start(std::move(call), [this](const engine::connector_reply& reply) {
            const auto& output = reply.outcome.output_json;
            told = output ? *output
                          : std::string(base::to_string(output.error_value().code)) + ": " +
                                output.error_value().message;
        });
    }
    // The caller's version has an alert about this connection.
    void watch(const std::string& connection) {
        auto integration = std::make_shared<manifest::integration>();
        manifest::alert rule;
        rule.on = manifest::alert::condition::connection;
        rule.about = {connection};
        integration->alerts.push_back(std::move(rule));
        flow = std::make_shared<engine::bound_flow>();
        flow->integration = integration;
    }
    std::string run(const std::string& connection = "app") {
        start(connection);
        turn();
        return told;
    }
    // The access tokens that calls were given.
    std::vector<std::string> given() const {
        std::vector<std::string> out;
        for (const auto& [function, call] : inner.calls()) {
            out.push_back(
                json::parse(call.request.connection_json).value().string_or("accessToken", "none"));
        }
        return out;
    }
    using strings = std::vector<std::string>;

    engine::scripted_calls inner{loop, clock};
    std::shared_ptr<engine::fetched_secrets> fetched = std::make_shared<engine::fetched_secrets>();
    std::shared_ptr<engine::bound_flow> flow;  // of the caller
    settings_ptr found = settings("clientCredentials");
    const manifest::version_constraint wanted;
    strings asked;  // whose settings calls were for
    std::optional<base::error> wrong;
    std::int64_t deadline_ms = 0;
    std::unique_ptr<connected_calls> calls;
    std::string told;
};

TEST_F(connected_calls_test, of_instances_that_share_a_connection_wait_for_one_token) {
    const engine::shared_connection crm{"customer:acme", "crm"};
    http.replies = {token("shared-token")};
    start("app", crm, "one");
    start("sales", crm, "two");
    turn();
    EXPECT_EQ(asked, (strings{"customer:acme/crm", "customer:acme/crm"}))
        << "of the owner, whatever version the instance wants";
    EXPECT_EQ(http.requests.size(), 1u);
    EXPECT_EQ(given(), (strings{"shared-token", "shared-token"}));
    run();
    EXPECT_EQ(asked.back(), "acme/app ^1.0");
}

TEST_F(connected_calls_test, get_a_token_and_their_records_hide_it) {
    http.replies = {token("first-token")};
    EXPECT_EQ(run(), "{}");
    EXPECT_EQ(given(), strings{"first-token"});
    EXPECT_EQ(run(), "{}");
    EXPECT_EQ(http.requests.size(), 1u);
    ASSERT_NE(fetched->hidden(), nullptr);
    EXPECT_EQ(fetched->hidden()->replace("a first-token b"), "a [redacted] b");
}

TEST_F(connected_calls_test, without_oauth_pass_as_they_are) {
    EXPECT_EQ(run(""), "{}");
    found = nullptr;
    EXPECT_EQ(run(), "{}");
    EXPECT_EQ(given(), (strings{"none", "none"}));
    EXPECT_EQ(inner.calls()[1].second.request.connection_json, R"({"type":"oauth","as":"given"})");
    EXPECT_TRUE(http.requests.empty());
}

TEST_F(connected_calls_test, go_once_more_with_a_new_token_when_it_is_refused) {
    http.replies = {token("first-token"), token("second-token"), token("third-token")};
    inner.on("shop.buy", {{"", base::error_code::auth, 401, 0}, {R"({"bought":1})"}});
    EXPECT_EQ(run(), R"({"bought":1})");
    EXPECT_EQ(given(), (strings{"first-token", "second-token"}));
    EXPECT_EQ(inner.calls()[1].second.request.idempotency_key, "the-key");
    // Refused with each token: the connector's own words, and no storm of requests.
    inner.on("shop.buy", {{"", base::error_code::auth, 401, 0}});
    EXPECT_THAT(run(), HasSubstr("auth"));
    EXPECT_EQ(given().size(), 3u);
    EXPECT_THAT(run(), HasSubstr("auth"));
    EXPECT_LE(http.requests.size(), 3u);
}

TEST_F(connected_calls_test, a_403_is_no_word_about_the_token) {
    http.replies = {token("first-token")};
    inner.on("shop.buy", {{"", base::error_code::auth, 403, 0}, {R"({"bought":1})"}});
    EXPECT_THAT(run(), HasSubstr("auth"));
    EXPECT_EQ(run(), R"({"bought":1})");
    EXPECT_EQ(given(), (strings{"first-token", "first-token"}));
    EXPECT_EQ(http.requests.size(), 1u);
}

// Two instances share one connection, and the third party refuses what one of them asks for.
TEST_F(connected_calls_test, one_that_is_refused_ends_nothing_for_those_who_share) {
    const engine::shared_connection crm{"customer:acme", "crm"};
    const auto how = [&](const std::string& instance) {
        start("app", crm, instance);
        turn();
        return told;
    };
    int status = 403;
    inner.answer_with([&](const std::string&, const engine::connector_call& call) {
        if (call.request.scope.instance == "one") {
            return engine::scripted_calls::reply{"", base::error_code::auth, status, 0};
        }
        return engine::scripted_calls::reply{"{}"};
    });
    for (const char* more : {"", R"(,"refresh_token":"refresh-1")"}) {
        found = settings("authorizationCode", "me", {"customer:acme", "crm"});
        http.replies = {token("first-token", more)};
        ASSERT_TRUE(authorize(found));
        const std::size_t requests = http.requests.size();
        status = 403;
        EXPECT_THAT(how("one"), HasSubstr("auth"));
        EXPECT_EQ(how("two"), "{}");
        EXPECT_EQ(http.requests.size(), requests);
        EXPECT_EQ(state(found), "active");
    }
    // A 401, and there is no way to another token.
    http.replies = {token("last-token")};
    ASSERT_TRUE(authorize(found));
    status = 401;
    EXPECT_THAT(how("one"), HasSubstr("auth"));
    EXPECT_EQ(how("two"), "{}");
    EXPECT_EQ(given().back(), "last-token");
    EXPECT_EQ(state(found), "active");
}

TEST_F(connected_calls_test, other_failures_are_no_reason_to_ask_again) {
    http.replies = {token("first-token")};
    inner.on("shop.buy", {{"", base::error_code::not_found, 404, 0}});
    EXPECT_THAT(run(), HasSubstr("not_found"));
    EXPECT_EQ(given(), strings{"first-token"});
}

TEST_F(connected_calls_test, fail_with_the_reason_when_there_is_no_token) {
    http.replies = {refusal("invalid_client", 401)};
    EXPECT_THAT(run(), HasSubstr("invalid_client"));
    EXPECT_TRUE(inner.calls().empty());
    wrong = base::make_error(base::error_code::unsupported, "`clientId` is missing");
    EXPECT_EQ(run(), "unsupported: `clientId` is missing");
}

TEST_F(connected_calls_test, wait_for_a_token_until_their_deadline) {
    http.hanging = true;
    deadline_ms = clock.unix_ms() + 3'000;
    start();
    loop.advance_ms(2'999);
    EXPECT_EQ(told, "nothing");
    loop.advance_ms(1);
    turn();
    EXPECT_THAT(told, HasSubstr("timeout: "));
    http.release(token("first-token"));
    turn();
    EXPECT_TRUE(inner.calls().empty());
}

TEST_F(connected_calls_test, end_when_they_are_cancelled) {
    // While a token is fetched, ...
    http.hanging = true;
    const auto waiting = start();
    turn();
    EXPECT_EQ(told, "nothing");
    calls->cancel(waiting);
    turn();
    EXPECT_EQ(told, "cancelled: cancelled");
    http.release(token("first-token"));
    turn();
    EXPECT_TRUE(inner.calls().empty());
    // ... while they run, ...
    http.hanging = false;
    inner.hang("shop.buy");
    const auto running = start();
    turn();
    EXPECT_EQ(told, "nothing");
    calls->cancel(running);
    turn();
    EXPECT_THAT(told, HasSubstr("cancelled"));
    // ... and others are none of theirs.
    const auto plain = start("");
    turn();
    calls->cancel(plain);
    turn();
    EXPECT_EQ(inner.cancelled().back(), plain);
    calls->cancel(waiting);
}

TEST_F(connected_calls_test, tell_how_they_end_where_that_says_something_of_the_connection) {
    strings seen;
    calls->observe(
        [&](const connection_id& id, const std::string& action, const engine::fault* refused) {
            seen.push_back(id.owner + '/' + id.name + ' ' + action + ' ' +
                           (refused != nullptr ? refused->detail : "works"));
        });
    found = nullptr;  // no OAuth: its fields are all there is
    run();
    EXPECT_TRUE(seen.empty()) << "no alert looks at it";
    watch("other");
    run();
    EXPECT_TRUE(seen.empty()) << "no alert looks at it";
    watch("app");
    inner.on("shop.buy",
             {{"{}"}, {"", base::error_code::auth}, {"", base::error_code::unavailable}, {"{}"}});
    EXPECT_EQ(run(), "{}");
    run();
    run();
    run("");
    EXPECT_EQ(seen, (strings{"acme/app shop.buy works", "acme/app shop.buy scripted failure"}));
    seen.clear();
    found = settings("authorizationCode");
    run();
    ASSERT_EQ(seen.size(), 1u) << "for want of a token it was not even made";
    EXPECT_THAT(seen[0], HasSubstr("is not authorized yet"));
}

TEST_F(connected_calls_test, tell_no_secret_of_the_version_that_made_the_call) {
    strings seen;
    calls->observe([&](const connection_id&, const std::string&, const engine::fault* refused) {
        seen.push_back(refused != nullptr ? refused->detail : "works");
    });
    found = nullptr;
    watch("app");
    auto hidden = std::make_shared<base::log_secrets>();
    hidden->add("scripted");
    flow->hidden = hidden;
    inner.on("shop.buy", {{"", base::error_code::auth}});
    start();
    flow = std::make_shared<engine::bound_flow>();  // its key is another one by now
    turn();
    EXPECT_EQ(seen, strings{"[redacted] failure"});
}

}  // namespace
}  // namespace sluice::instance
