#include "api/token.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "api/api_testing.hpp"
#include "base/log.hpp"

namespace sluice::api {
namespace {

class token_test : public api_world, public testing::Test {
  protected:
    token_list list{{loop, clock, random, ids, *store, run_blocking}};

    base::result<created_token> create(token_facts wanted) {
        std::optional<base::result<created_token>> told;
        list.create(std::move(wanted),
                    [&](base::result<created_token> made) { told.emplace(std::move(made)); });
        turn_until([&] { return told.has_value(); });
        return std::move(*told);
    }
    base::result<void> revoke(const std::string& id) {
        std::optional<base::result<void>> told;
        list.revoke(id, [&](base::result<void> done) { told = std::move(done); });
        turn_until([&] { return told.has_value(); });
        return *told;
    }
    static token_facts wanted(scope_set scopes) {
        token_facts out;
        out.name = "test";
        out.scopes = scopes;
        return out;
    }
};

TEST_F(token_test, admin_includes_every_scope_and_no_other_includes_any) {
    for (const scope one : {scope::read, scope::operate, scope::deploy, scope::secrets}) {
        EXPECT_TRUE(scope_set{scope::admin}.has(one));
        EXPECT_TRUE(scope_set{one}.has(one));
        EXPECT_FALSE(scope_set{one}.has(scope::admin));
        for (const scope other : {scope::read, scope::operate, scope::deploy, scope::secrets}) {
            EXPECT_EQ(scope_set{one}.has(other), other == one) << to_string(other);
        }
    }
    EXPECT_EQ((scope_set{scope::secrets, scope::read}.names()),
              (std::vector<std::string>{"read", "secrets"}));
}

TEST_F(token_test, is_found_by_its_text_alone) {
    token_facts some = wanted({scope::read});
    some.customer = "acme";
    const created_token made = create(some).value();
    const std::string text(made.text.reveal());
    EXPECT_EQ(text.size(), token_prefix.size() + 43);
    EXPECT_TRUE(text.starts_with(token_prefix));
    ASSERT_NE(list.find(text), nullptr);
    EXPECT_EQ(list.find(text)->customer, "acme");
    EXPECT_EQ(list.find(text)->id, made.facts.id);
    EXPECT_EQ(list.find(""), nullptr);
    EXPECT_EQ(list.find(text.substr(0, text.size() - 1)), nullptr);
    EXPECT_EQ(list.find(text + "x"), nullptr);
    EXPECT_EQ(list.find(text.substr(token_prefix.size())), nullptr);
    EXPECT_EQ(list.find(made.facts.id), nullptr);
}

TEST_F(token_test, only_its_digest_is_kept_and_it_is_never_logged) {
    const created_token made = create(wanted({scope::admin})).value();
    const std::string text(made.text.reveal());
    const auto records = store->config("token").value();
    ASSERT_EQ(records.size(), 2u);  // that of the first start is the other
    EXPECT_EQ(records[1].key, made.facts.id);
    EXPECT_EQ(records[1].value_json.find(text.substr(token_prefix.size())), std::string::npos);
    EXPECT_EQ(base::redact("it is " + text), "it is [redacted]");
}

TEST_F(token_test, is_read_again_with_all_its_facts) {
    token_facts some = wanted({scope::read, scope::operate});
    some.instance = "one";
    some.expires_ms = clock.unix_ms() + 1'000;
    const created_token made = create(some).value();
    token_list again{{loop, clock, random, ids, *store, run_blocking}};
    ASSERT_TRUE(again.open());
    const token_facts* const found = again.find(made.text.reveal());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->name, "test");
    EXPECT_EQ(found->scopes.names(), (std::vector<std::string>{"read", "operate"}));
    EXPECT_EQ(found->instance, "one");
    EXPECT_EQ(found->created_ms, clock.unix_ms());
    EXPECT_EQ(found->expires_ms, some.expires_ms);
}

TEST_F(token_test, is_not_valid_from_its_expiry_on) {
    token_facts some = wanted({scope::admin});
    some.expires_ms = clock.unix_ms() + 1'000;
    const created_token made = create(some).value();
    clock.advance_ms(999);
    EXPECT_NE(list.find(made.text.reveal()), nullptr);
    EXPECT_TRUE(list.has_administrator());
    clock.advance_ms(1);
    EXPECT_EQ(list.find(made.text.reveal()), nullptr);
    EXPECT_FALSE(list.has_administrator());
    EXPECT_EQ(list.all().size(), 1u);
}

TEST_F(token_test, lets_nobody_in_once_it_is_revoked) {
    const created_token first = create(wanted({scope::admin})).value();
    const created_token second = create(wanted({scope::read})).value();
    EXPECT_FALSE(list.has_administrator(first.facts.id));
    ASSERT_TRUE(revoke(first.facts.id));
    EXPECT_EQ(list.find(first.text.reveal()), nullptr);
    EXPECT_NE(list.find(second.text.reveal()), nullptr);
    token_list again{{loop, clock, random, ids, *store, run_blocking}};
    ASSERT_TRUE(again.open());
    EXPECT_EQ(again.find(first.text.reveal()), nullptr);
    EXPECT_NE(again.find(second.text.reveal()), nullptr);
    EXPECT_EQ(revoke(first.facts.id).error_value().code, base::error_code::not_found);
}

TEST_F(token_test, a_damaged_record_stops_the_start) {
    store->put_config({"token", "t1", R"({"scopes":["admin"],"sha256":"00"})", 0},
                      [](const base::result<void>&) {});
    turn_until([&] { return store->config("token").value().size() == 2; });
    EXPECT_FALSE(list.open());
}

}  // namespace
}  // namespace sluice::api
