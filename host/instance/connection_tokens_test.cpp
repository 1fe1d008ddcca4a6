// Tokens of connections: fetched once for all who wait, on disk before they are used, and every end
// of a connection told with its reason.
#include "instance/connection_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instance/connection_testing.hpp"
#include "store/change_now.hpp"

namespace sluice::instance {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class connection_tokens_test : public connection_world, public testing::Test {
  protected:
    settings_ptr machine = settings("clientCredentials");
    settings_ptr person = settings("authorizationCode");

    // Authorized, with the access token "first" for 1000 s and the refresh token "refresh-1".
    void authorized() {
        http.replies = {token("first", R"(,"refresh_token":"refresh-1")")};
        ASSERT_TRUE(authorize(person));
        http.requests.clear();
    }
    // Its refresh is under way, and the provider says nothing yet. `told` outlives the request.
    void refresh_that_hangs(std::string& told) {
        authorized();
        clock.advance_ms(2'000'000);
        http.hanging = true;
        tokens->fetch(person, [&](const auto& token) {
            told = token ? *token : base::to_string(token.error_value().code);
        });
        turn();
    }
};

TEST_F(connection_tokens_test, client_credentials_fetch_one_token_for_all_who_wait) {
    http.replies = {token("first"), token("second")};
    EXPECT_EQ(state(machine), "pending");
    std::vector<std::string> told;
    for (int i = 0; i < 3; ++i) {
        tokens->fetch(machine, [&](const auto& token) { told.push_back(token.value()); });
    }
    EXPECT_TRUE(told.empty());
    turn();
    EXPECT_EQ(told, (std::vector<std::string>{"first", "first", "first"}));
    ASSERT_EQ(http.requests.size(), 1u);
    EXPECT_EQ(http.requests[0].url, "http://auth.test/token");
    EXPECT_EQ(sent(), "grant_type=client_credentials&scope=read");
    EXPECT_THAT(std::string(http.requests[0].headers.get("Authorization")), StartsWith("Basic "));
    EXPECT_EQ(fetch(machine), "known first");
    EXPECT_EQ(state(machine), "active");
    EXPECT_EQ(tokens->status(*machine).expires_ms, clock.unix_ms() + 1'000'000);
}

TEST_F(connection_tokens_test, live_in_the_store_sealed) {
    http.replies = {token("first-access-token")};
    EXPECT_EQ(fetch(machine), "token first-access-token");
    EXPECT_THAT(record(), HasSubstr(R"("state":"active")"));
    EXPECT_THAT(record(), Not(HasSubstr("first-access-token")));
    restart();
    EXPECT_EQ(fetch(machine), "known first-access-token");
    EXPECT_EQ(http.requests.size(), 1u);
}

// Also over a restart, and when a refresh is answered without them.
TEST_F(connection_tokens_test, keep_the_fields_that_came_with_them) {
    const std::string section = R"({"tokenUrl":"{baseUrl}/token","grant":"clientCredentials",
        "fromToken":{"subject":"instance_url"}})";
    const json::value fields = json::value::object({{"clientId", "i"}, {"clientSecret", "s"}});
    const settings_ptr of = oauth_settings::read({"acme", "app"}, type(section), fields).value();
    const auto address = [&] { return tokens->found(of).string_or("subject", ""); };
    EXPECT_EQ(address(), "");
    http.replies = {token("first", R"(,"instance_url":"https://eu9.test")"), token("second"),
                    token("third", R"(,"instance_url":"https://us1.test")")};
    fetch(of);
    EXPECT_EQ(address(), "https://eu9.test");
    restart();
    EXPECT_EQ(address(), "https://eu9.test");
    clock.advance_ms(2'000'000);
    EXPECT_EQ(fetch(of), "token second");
    EXPECT_EQ(address(), "https://eu9.test");
    clock.advance_ms(2'000'000);
    EXPECT_EQ(fetch(of), "token third");
    EXPECT_EQ(address(), "https://us1.test");
    // Of other settings, nothing.
    EXPECT_TRUE(tokens->found(settings("clientCredentials", "another")).is_null());
}

TEST_F(connection_tokens_test, do_not_open_for_another_connection) {
    http.replies = {token("first-access-token")};
    fetch(machine);
    const auto stored = store->config(connection_kind).value().front();
    EXPECT_TRUE(connection_record::parse({"acme", "app"}, stored.value_json, *keys));
    EXPECT_FALSE(connection_record::parse({"acme", "other"}, stored.value_json, *keys));
    EXPECT_FALSE(connection_record::parse({"globex", "app"}, stored.value_json, *keys));
}

TEST_F(connection_tokens_test, a_new_one_is_fetched_ahead_while_the_old_one_is_used) {
    http.replies = {token("first"), token("second")};
    fetch(machine);
    clock.advance_ms(799'000);
    EXPECT_EQ(fetch(machine), "known first");
    turn();
    EXPECT_EQ(http.requests.size(), 1u);
    clock.advance_ms(2'000);  // 200 s before the end: a fifth of its life
    EXPECT_EQ(fetch(machine), "known first");
    EXPECT_EQ(fetch(machine), "known first");
    turn();
    EXPECT_EQ(http.requests.size(), 2u);
    EXPECT_EQ(fetch(machine), "known second");
}

TEST_F(connection_tokens_test, one_that_ends_is_not_given_any_more) {
    http.replies = {token("first"), token("second")};
    fetch(machine);
    clock.advance_ms(970'001);
    EXPECT_EQ(fetch(machine), "token second");
}

TEST_F(connection_tokens_test, a_pending_connection_says_how_to_authorize_it) {
    EXPECT_EQ(fetch(person),
              "auth: the connection \"app\" of instance \"acme\" is not authorized yet");
    EXPECT_TRUE(http.requests.empty());
    std::string hint;
    tokens->fetch(person, [&](const auto& token) { hint = token.error_value().hint; });
    turn();
    EXPECT_THAT(hint, HasSubstr("sluice connection authorize acme app"));
}

TEST_F(connection_tokens_test, a_code_becomes_tokens) {
    http.replies = {token("first", R"(,"refresh_token":"refresh-1")")};
    ASSERT_TRUE(authorize(person));
    EXPECT_EQ(sent(),
              "grant_type=authorization_code&code=the-code&redirect_uri=https%3A%2F%2Fme.test%2F"
              "oauth%2Fcallback&code_verifier=the-verifier");
    EXPECT_EQ(fetch(person), "known first");
    EXPECT_EQ(state(person), "active");
    EXPECT_EQ(tokens->status(*person).authorized_ms, clock.unix_ms());
}

TEST_F(connection_tokens_test, a_refused_code_leaves_the_connection_as_it_was) {
    http.replies = {refusal("invalid_grant")};
    const auto pending = authorize(person);
    ASSERT_FALSE(pending);
    EXPECT_THAT(pending.error_value().message, HasSubstr("invalid_grant"));
    EXPECT_EQ(state(person), "pending");
    authorized();
    http.replies = {refusal("invalid_grant")};
    EXPECT_FALSE(authorize(person));
    EXPECT_EQ(state(person), "active");
    EXPECT_EQ(fetch(person), "known first");
}

// At the moment the first caller has the new access token, the store has the new refresh token.
TEST_F(connection_tokens_test, a_rotated_refresh_token_is_on_disk_before_the_access_token_is_used) {
    authorized();
    clock.advance_ms(2'000'000);
    http.replies = {token("second", R"(,"refresh_token":"refresh-2")")};
    std::string stored = "nothing";
    tokens->fetch(person, [&](const auto& token) {
        EXPECT_EQ(token.value(), "second");
        const auto read = connection_record::parse({"acme", "app"}, record(), *keys);
        stored = std::string(read.value().refresh.reveal());
    });
    turn();
    EXPECT_EQ(stored, "refresh-2");
    EXPECT_EQ(sent(), "grant_type=refresh_token&refresh_token=refresh-1");
    clock.advance_ms(2'000'000);
    http.replies = {token("third")};
    EXPECT_EQ(fetch(person), "token third");
    EXPECT_EQ(sent(), "grant_type=refresh_token&refresh_token=refresh-2");
    clock.advance_ms(2'000'000);  // the provider gave no new one: the old one stays
    EXPECT_EQ(fetch(person), "token third");
    EXPECT_EQ(sent(), "grant_type=refresh_token&refresh_token=refresh-2");
}

TEST_F(connection_tokens_test, are_refreshed_although_nobody_asks) {
    authorized();
    http.replies = {token("second", R"(,"refresh_token":"refresh-2")")};
    tokens->refresh_ahead([&](const connection_id& id) {
        EXPECT_EQ(id, (connection_id{"acme", "app"}));
        return person;
    });
    loop.advance_ms(700'000);
    EXPECT_TRUE(http.requests.empty());
    loop.advance_ms(200'000);
    turn();
    EXPECT_EQ(http.requests.size(), 1u);
    EXPECT_EQ(fetch(person), "known second");
}

// The process dies at every turn between the decision to refresh and the new tokens on disk.
TEST_F(connection_tokens_test, whatever_a_kill_loses_is_said) {
    for (int turns = 0; turns < 40; ++turns) {
        ASSERT_NO_FATAL_FAILURE(authorized());
        clock.advance_ms(2'000'000);
        // A provider that takes each refresh token once.
        std::string good = "refresh-1";
        int made = 1;
        http.answer = [&](const net::client_request& request) {
            if (!request.body.ends_with("refresh_token=" + good)) return refusal("invalid_grant");
            good = "refresh-" + std::to_string(++made);
            return token("access-" + good, R"(,"refresh_token":")" + good + "\"");
        };
        bool told = false;
        tokens->fetch(person, [&](const auto& token) { told = token.has_value(); });
        for (int i = 0; i < turns; ++i)
            loop.run_one();
        const bool asked = !http.requests.empty();
        restart();
        const std::string after = fetch(person);
        if (told) {
            EXPECT_EQ(after, "known access-refresh-2");
        } else if (after == "token access-refresh-2") {
            EXPECT_FALSE(asked);
        } else if (after != "known access-refresh-2") {
            EXPECT_TRUE(asked);
            EXPECT_THAT(after, StartsWith("auth: the connection \"app\" of instance \"acme\" does "
                                          "not work: the answer to the refresh of "));
            EXPECT_EQ(state(person), "error");
            EXPECT_THAT(reason(person), HasSubstr("was lost"));
        }
        http.answer = {};
        restart();
        EXPECT_EQ(state(person), after.starts_with("auth") ? "error" : "active");
        std::optional<bool> revoked = true;
        http.replies = {net::client_response{200, {}, "", ""}};
        tokens->disconnect(person, [&](const auto& outcome) { revoked = outcome.value(); });
        turn();
        EXPECT_EQ(record(), "");
    }
}

TEST_F(connection_tokens_test, a_lost_answer_shows_before_anybody_asks_again) {
    authorized();
    clock.advance_ms(2'000'000);
    http.hanging = true;
    tokens->fetch(person, [](const auto&) { ADD_FAILURE() << "nobody is there any more"; });
    turn();
    EXPECT_EQ(http.requests.size(), 1u);
    http.hanging = false;
    restart();
    EXPECT_EQ(state(person), "active");
    EXPECT_THAT(reason(person), HasSubstr("whose answer was lost"));
}

TEST_F(connection_tokens_test, a_revoked_connection_tells_why_until_it_is_authorized_again) {
    authorized();
    clock.advance_ms(2'000'000);
    http.replies = {refusal("invalid_grant")};
    const std::string why = fetch(person);
    EXPECT_THAT(why, StartsWith("auth: "));
    EXPECT_THAT(why, HasSubstr("invalid_grant"));
    EXPECT_THAT(why, HasSubstr("authorize it again"));
    EXPECT_EQ(state(person), "error");
    restart();
    EXPECT_EQ(fetch(person), why);
    EXPECT_EQ(http.requests.size(), 1u) << "a token that is refused is not sent again";
    authorized();
    EXPECT_EQ(state(person), "active");
    EXPECT_EQ(reason(person), "");
    EXPECT_EQ(fetch(person), "known first");
}

TEST_F(connection_tokens_test, a_provider_that_is_down_breaks_nothing) {
    authorized();
    clock.advance_ms(2'000'000);
    http.replies = {net::client_response{503, {}, "", ""}};
    EXPECT_THAT(fetch(person), StartsWith("unavailable: "));
    EXPECT_EQ(state(person), "error");
    EXPECT_THAT(fetch(person), StartsWith("unavailable: "));
    EXPECT_EQ(http.requests.size(), 1u) << "it is not asked again at once";
    clock.advance_ms(5'000);
    http.replies = {base::make_error(base::error_code::timeout, "no answer")};
    EXPECT_THAT(fetch(person), StartsWith("timeout: "));
    clock.advance_ms(5'000);
    http.replies = {token("second")};
    EXPECT_EQ(fetch(person), "token second");
    EXPECT_EQ(state(person), "active");
    EXPECT_EQ(reason(person), "");
}

TEST_F(connection_tokens_test, a_wrong_client_secret_costs_no_refresh_token) {
    authorized();
    clock.advance_ms(2'000'000);
    http.replies = {refusal("invalid_client", 401)};
    EXPECT_THAT(fetch(person), HasSubstr("invalid_client"));
    EXPECT_EQ(state(person), "error");
    restart();
    http.replies = {token("second")};
    EXPECT_EQ(fetch(person), "token second");
    EXPECT_EQ(sent(), "grant_type=refresh_token&refresh_token=refresh-1");
    EXPECT_EQ(state(person), "active");
}

TEST_F(connection_tokens_test, a_refused_token_is_replaced_once) {
    http.replies = {token("first"), token("second"), token("third")};
    fetch(machine);
    EXPECT_TRUE(tokens->refused(machine, "first"));
    EXPECT_EQ(fetch(machine), "token second");
    EXPECT_TRUE(tokens->refused(machine, "first")) << "who was late uses the second";
    EXPECT_EQ(fetch(machine), "known second");
    // A new token does not help: the third party means something else.
    EXPECT_FALSE(tokens->refused(machine, "second"));
    EXPECT_FALSE(tokens->refused(machine, "second"));
    EXPECT_EQ(fetch(machine), "known second");
    clock.advance_ms(60'000);
    EXPECT_TRUE(tokens->refused(machine, "second"));
    EXPECT_EQ(fetch(machine), "token third");
}

TEST_F(connection_tokens_test, one_without_a_refresh_token_ends_in_words) {
    http.replies = {token("first")};
    ASSERT_TRUE(authorize(person));
    EXPECT_TRUE(tokens->refused(person, "first"));
    EXPECT_THAT(fetch(person), HasSubstr("the provider gave no refresh token"));
    EXPECT_EQ(state(person), "error");
    restart();
    EXPECT_EQ(state(person), "error");
    ASSERT_TRUE(authorize(person));
    clock.advance_ms(2'000'000);
    EXPECT_THAT(fetch(person), HasSubstr("the provider gave no refresh token"));
    EXPECT_EQ(state(person), "error");
}

TEST_F(connection_tokens_test, count_for_the_settings_they_were_made_with) {
    http.replies = {token("first"), token("second")};
    fetch(machine);
    EXPECT_EQ(fetch(settings("clientCredentials", "another")), "token second");
    http.replies = {refusal("invalid_client", 401)};
    const settings_ptr third = settings("clientCredentials", "a third");
    EXPECT_THAT(fetch(third), HasSubstr("invalid_client"));
    clock.advance_ms(5'000);
    EXPECT_THAT(fetch(third), HasSubstr("invalid_client")) << "not the token of another";
    authorized();
    const settings_ptr other = settings("authorizationCode", "another");
    EXPECT_THAT(fetch(other), HasSubstr("has other settings than when it was authorized"));
    EXPECT_EQ(state(other), "pending");
    EXPECT_TRUE(http.requests.empty()) << "no token goes to a provider that did not make it";
}

// A host that ends in order loses no answer.
TEST_F(connection_tokens_test, settle_when_all_answers_are_on_disk) {
    bool settled = false;
    tokens->settle(2'000, [&] { settled = true; });
    loop.advance_ms(0);
    EXPECT_TRUE(settled) << "nothing is under way";
    http.hanging = true;
    tokens->fetch(machine, [](const auto&) {});
    turn();
    settled = false;
    tokens->settle(2'000, [&] { settled = true; });
    loop.advance_ms(1'000);
    EXPECT_FALSE(settled);
    http.release(token("first"));
    turn();
    EXPECT_TRUE(settled);
    EXPECT_THAT(record(), HasSubstr(R"("state":"active")"));
    http.hanging = true;
    tokens->refused(machine, "first");
    tokens->fetch(machine, [](const auto&) {});
    settled = false;
    tokens->settle(2'000, [&] { settled = true; });
    loop.advance_ms(2'000);
    EXPECT_TRUE(settled) << "a provider that does not answer holds up no end";
}

TEST_F(connection_tokens_test, who_gives_up_waiting_is_told) {
    http.hanging = true;
    std::string first = "nothing";
    std::string second = "nothing";
    const auto operation = tokens->fetch(machine, [&](const auto& token) {
        first = token ? *token : base::to_string(token.error_value().code);
    });
    tokens->fetch(machine, [&](const auto& token) { second = token.value(); });
    turn();
    tokens->cancel(operation);
    turn();
    EXPECT_EQ(first, "cancelled");
    http.release(token("first"));
    turn();
    EXPECT_EQ(second, "first");
}

TEST_F(connection_tokens_test, are_revoked_and_dropped) {
    authorized();
    http.replies = {net::client_response{200, {}, "", ""}};
    std::optional<bool> revoked;
    tokens->disconnect(person, [&](const auto& outcome) { revoked = outcome.value(); });
    turn();
    EXPECT_EQ(revoked, true);
    EXPECT_EQ(http.requests.back().url, "http://auth.test/revoke");
    EXPECT_EQ(sent(), "token=refresh-1&token_type_hint=refresh_token");
    EXPECT_EQ(record(), "");
    EXPECT_EQ(state(person), "pending");
    EXPECT_THAT(fetch(person), HasSubstr("is not authorized yet"));
    authorized();
    http.replies = {net::client_response{500, {}, "", ""}};
    tokens->disconnect(person, [&](const auto& outcome) { revoked = outcome.value(); });
    turn();
    EXPECT_EQ(revoked, false);
    EXPECT_EQ(record(), "");
}

// The answer of a refresh that comes after the instance's removal brings no token back.
TEST_F(connection_tokens_test, nothing_is_kept_of_an_instance_that_is_gone) {
    std::string told;
    refresh_that_hangs(told);
    const auto stored = store->config(connection_kind).value().front();
    keys->forget("acme", {{stored, true}}, [](const auto&) {});
    tokens->forget("acme");
    turn();
    EXPECT_EQ(record(), "");
    http.release(token("second", R"(,"refresh_token":"refresh-2")"));
    turn();
    EXPECT_EQ(told, "unavailable");
    EXPECT_EQ(record(), "");
    EXPECT_EQ(state(person), "pending");
}

// The key stays: another instance's file, or the customer's, has dropped the connection alone.
TEST_F(connection_tokens_test, nothing_is_kept_of_a_connection_that_is_gone) {
    std::string told;
    refresh_that_hangs(told);
    tokens->keep_only("acme", {"other"});
    turn();
    EXPECT_EQ(record(), "") << "that a refresh begins had been written";
    http.release(token("second", R"(,"refresh_token":"refresh-2")"));
    turn();
    EXPECT_EQ(told, "unavailable");
    EXPECT_EQ(record(), "");
    EXPECT_EQ(state(person), "pending");
    http.hanging = false;
    authorized();
    restart();
    EXPECT_EQ(fetch(person), "known first") << "it may come again";
}

TEST_F(connection_tokens_test, what_is_on_its_way_to_the_disk_is_removed_again) {
    for (int steps = 0; steps < 8; ++steps) {
        http.replies = {token("first", R"(,"refresh_token":"refresh-1")")};
        tokens->exchange(person, "the-code", "the-verifier", "https://me.test/oauth/callback",
                         [](const base::result<void>&) {});
        for (int i = 0; i < steps; ++i)
            loop.run_ready();
        tokens->drop(person->id());
        turn();
        EXPECT_EQ(record(), "") << steps;
        EXPECT_EQ(state(person), "pending") << steps;
        // What comes after has a record of its own, whoever was first.
        tokens->drop(person->id());
        authorized();
        EXPECT_NE(record(), "") << steps;
        restart();
        EXPECT_EQ(state(person), "active") << steps;
        tokens->drop(person->id());
        turn();
    }
}

// An execution that began before the owner's file changed has the settings of then.
TEST_F(connection_tokens_test, old_settings_do_not_take_the_record_of_those_who_share) {
    const connection_id crm{"customer:acme", "crm"};
    const settings_ptr old = settings("clientCredentials", "me", crm);
    settings_ptr now = settings("clientCredentials", "another", crm);
    tokens->refresh_ahead([&](const connection_id&) { return now; });
    http.replies = {token("of-another"), token("of-me")};
    EXPECT_EQ(fetch(now), "token of-another");
    EXPECT_THAT(fetch(old), HasSubstr("has other settings since this execution began"));
    EXPECT_EQ(fetch(now), "known of-another");
    EXPECT_EQ(http.requests.size(), 1u);
    now = nullptr;
    tokens->drop(crm);
    turn();
    EXPECT_THAT(fetch(old), HasSubstr("is not there any more"));
    EXPECT_EQ(record(), "");
}

TEST_F(connection_tokens_test, a_damaged_record_is_an_error_that_authorizing_heals) {
    authorized();
    auto stored = store->config(connection_kind).value().front();
    stored.value_json = R"({"state":"active","accessToken":"v1.none.AAAA"})";
    bool changed = false;
    store->put_config(stored, [&](const auto& outcome) { changed = outcome.has_value(); });
    turn();
    ASSERT_TRUE(changed);
    restart();
    EXPECT_EQ(state(person), "error");
    EXPECT_THAT(fetch(person), HasSubstr("cannot be read"));
    authorized();
    EXPECT_EQ(fetch(person), "known first");
}

TEST_F(connection_tokens_test, whoever_watches_hears_of_each_change_once_it_is_on_disk) {
    std::vector<std::string> seen;
    tokens->observe([&](const connection_id& id, const connection_record& now) {
        EXPECT_THAT(record(), HasSubstr(to_string(now.state)));
        seen.push_back(id.name + ' ' + to_string(now.state));
    });
    using texts = std::vector<std::string>;
    http.replies = {token("first", R"(,"refresh_token":"r1")")};
    ASSERT_TRUE(authorize(person));
    EXPECT_EQ(seen, texts{"app active"});
    clock.advance_ms(2'000'000);
    http.replies = {token("second", R"(,"refresh_token":"r2")")};
    fetch(person);
    EXPECT_EQ(seen.size(), 1u) << "a new token is nothing new";
    clock.advance_ms(2'000'000);
    http.replies = {refusal("invalid_grant")};
    fetch(person);
    EXPECT_EQ(seen, (texts{"app active", "app error"}));
    http.replies = {token("third", R"(,"refresh_token":"r3")")};
    ASSERT_TRUE(authorize(person));
    clock.advance_ms(1000);
    ASSERT_TRUE(authorize(person));
    EXPECT_EQ(seen, (texts{"app active", "app error", "app active", "app active"}))
        << "who authorizes it again has a reason";
}

}  // namespace
}  // namespace sluice::instance
