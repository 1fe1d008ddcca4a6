// Customers with records, and connections that their instances share, through the admin API: one
// authorization and one refresh for all, operated by the owner alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_testing.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

constexpr const char* sharing = R"(manifest: "1"
integration: { namespace: test, name: sharing, version: 1.0.0 }
connectors: { app: "*" }
connections: { main: { connector: app, type: oauth } }
flows:
  ask:
    trigger: { webhook: {} }
    do: [ { ask: { call: app.me, with: { connection: main } } } ]
)";

class shared_connections_test : public api_world, public testing::Test {
  protected:
    answer apply(const std::vector<std::string>& texts, const std::string& with) {
        json::value documents = json::value::array();
        for (const std::string& text : texts)
            documents.push(json::value::object({{"name", "x.yaml"}, {"text", text}}));
        return ask("POST", "/apply", with,
                   json::to_text(json::value::object({{"documents", std::move(documents)}})));
    }
    static std::string sharer(const std::string& name, const std::string& shared = "customer/crm",
                              const std::string& customer = "acme") {
        return "instance: " + name + "\ncustomer: " + customer +
               "\nintegration: test/sharing\nconnections: { main: { $shared: " + shared + " } }\n";
    }
    void share() {
        const answer told = apply({sharing, sharer("s-1"), sharer("s-2")}, administrator);
        ASSERT_EQ(told.status, 200) << told.response.body;
    }
    // As a person who agrees.
    void authorize(const std::string& path, const std::string& access) {
        const answer begun = ask("POST", path + "/authorize", administrator);
        ASSERT_EQ(begun.status, 200) << begun.response.body;
        const std::string url = begun.body.string_or("url", "");
        std::string state;
        for (const auto& [name, text] : net::parse_query(url.substr(url.find('?') + 1))) {
            if (name == "state") state = text;
        }
        http.replies = {tokens(access)};
        std::string told;
        connections->finish({state, "the-code", "", ""},
                            [&](const base::result<instance::connection_id>& outcome) {
                                told = outcome ? outcome->to_text() : "failed";
                            });
        turn_until([&] { return !told.empty(); });
        EXPECT_NE(told, "failed");
    }
    static net::client_response tokens(const std::string& access) {
        return {200,
                {},
                R"({"access_token":")" + access +
                    R"(","refresh_token":"refresh-text","expires_in":3600})",
                ""};
    }
    std::string state(const std::string& path, const std::string& name, const std::string& with) {
        const answer page = ask("GET", path + "/connections", with);
        if (page.status != 200) return std::to_string(page.status);
        for (const json::value& one : page.body.get("items").items()) {
            if (one.string_or("name", "") == name) return one.string_or("state", "");
        }
        return "not there";
    }
    // The access tokens that calls were given, in their order.
    std::vector<std::string> given() const {
        std::vector<std::string> out;
        for (const auto& [function, call] : calls.calls()) {
            const json::value connection = json::parse(call.request.connection_json).value();
            out.push_back(connection.string_or("accessToken", "none"));
        }
        return out;
    }
    const std::string crm = "/customers/acme/connections/crm";
};

TEST_F(shared_connections_test, one_authorization_and_one_refresh_serve_all) {
    share();
    authorize(crm, "access-one");
    ended("s-1", "ask");
    ended("s-2", "ask");
    EXPECT_EQ(given(), (std::vector<std::string>{"access-one", "access-one"}));
    EXPECT_EQ(state("/instances/s-2", "main", administrator), "active");
    clock.advance_ms(4'000'000);
    const std::size_t before = http.requests.size();
    http.replies = {tokens("access-two")};
    const store::event_id first = send("s-1", "ask");
    const store::event_id second = send("s-2", "ask");
    for (const store::event_id id : {first, second}) {
        turn_until([&] { return store::is_terminal(execution(id).summary.state); });
        EXPECT_EQ(execution(id).summary.state, store::event_state::succeeded);
    }
    EXPECT_EQ(http.requests.size() - before, 1u);
    EXPECT_EQ(given(),
              (std::vector<std::string>{"access-one", "access-one", "access-two", "access-two"}));
}

TEST_F(shared_connections_test, no_record_of_any_instance_holds_a_secret_of_it) {
    share();
    authorize(crm, "access-one");
    calls.answer_with([](const std::string&, const engine::connector_call& call) {
        return engine::scripted_calls::reply{call.request.connection_json, base::error_code::ok, 0,
                                             0};
    });
    for (const char* name : {"s-1", "s-2"}) {
        const store::execution_detail one = execution(ended(name, "ask"));
        ASSERT_EQ(one.steps.size(), 1u);
        EXPECT_THAT(one.steps[0].output_json, HasSubstr(R"("accessToken":"[redacted]")"));
    }
    const answer tested = ask("POST", crm + "/test", administrator);
    EXPECT_TRUE(tested.body.bool_or("ok", false));
    EXPECT_EQ(tested.body.get("output").string_or("accessToken", ""), "[redacted]");
    EXPECT_EQ(tested.response.body.find("the-secret"), std::string::npos);
}

TEST_F(shared_connections_test, the_owner_operates_it_and_its_users_see_how_it_is) {
    share();
    ASSERT_EQ(apply({sharer("o-1", "organization/crm")}, administrator).status, 200);
    const scope_set all = {scope::read, scope::operate, scope::deploy};
    const std::string of_instance = token(all, "s-1");
    const std::string of_customer = token(all, "", "acme");
    const std::string of_other = token(all, "", "other");
    const std::string nobodys = ask("GET", "/executions/xyz", administrator).response.body;

    EXPECT_EQ(state("/instances/s-1", "main", of_instance), "pending");
    const answer shown = ask("GET", "/instances/s-1/connections", of_instance);
    EXPECT_EQ(shown.body.get("items").at(0).string_or("shared", ""), "customer/crm");
    EXPECT_EQ(ask("GET", "/instances/o-1", of_customer)
                  .body.get("connections")
                  .at(0)
                  .string_or("shared", ""),
              "organization/crm");
    EXPECT_EQ(state("/instances/o-1", "main", of_customer), "pending");
    for (const std::string& with : {of_instance, of_customer, administrator}) {
        for (const char* verb : {"/authorize", "/disconnect"}) {
            const answer told =
                ask("POST", std::string("/instances/s-1/connections/main") + verb, with);
            EXPECT_EQ(told.status, 409);
            EXPECT_THAT(told.body.string_or("detail", ""), HasSubstr("--customer acme crm"));
        }
        EXPECT_EQ(ask("POST", "/instances/s-1/connections/main/test", with).status, 200);
    }
    for (const char* verb : {"/authorize", "/test", "/disconnect"}) {
        EXPECT_EQ(ask("POST", crm + verb, of_customer).status, 200) << verb;
        for (const std::string& with : {of_instance, of_other}) {
            const answer told = ask("POST", crm + verb, with);
            EXPECT_EQ(told.status, 404) << verb;
            EXPECT_EQ(told.response.body, nobodys);
        }
        const answer told =
            ask("POST", std::string("/organization/connections/crm") + verb, of_customer);
        EXPECT_EQ(told.status, 404) << verb;
        EXPECT_EQ(told.response.body, nobodys);
    }
    EXPECT_EQ(state("/customers/acme", "crm", of_customer), "pending");
    EXPECT_EQ(state("/customers/acme", "crm", of_instance), "404");
    EXPECT_EQ(state("/organization", "crm", of_customer), "404");
    EXPECT_EQ(state("/organization", "crm", administrator), "pending");
    EXPECT_EQ(ask("POST", "/customers/acme/connections/nothing/test", administrator).status, 404);
    const answer audit = ask("GET", "/audit?limit=20", administrator);
    EXPECT_THAT(
        audit.response.body,
        HasSubstr(R"("action":"POST /customers/{name}/connections/{connection}/disconnect",)"
                  R"("object":"acme/crm")"));
}

TEST_F(shared_connections_test, a_bound_token_begins_to_share_only_what_it_reaches) {
    share();
    const std::string of_instance = token({scope::deploy}, "s-1");
    const std::string of_customer = token({scope::deploy}, "", "acme");
    ASSERT_EQ(apply({sharer("s-1", "organization/crm")}, administrator).status, 200);
    EXPECT_EQ(apply({sharer("s-1", "organization/crm")}, of_instance).status, 200) << "as it is";
    answer told = apply({sharer("s-1", "customer/crm")}, of_instance);
    EXPECT_EQ(told.status, 403);
    EXPECT_THAT(told.body.string_or("detail", ""), HasSubstr("does not reach customer/crm"));
    told = apply({sharer("s-1", "customer/nothing")}, of_instance);
    EXPECT_EQ(told.status, 403) << "what is there is not told";
    EXPECT_EQ(apply({sharer("s-2", "organization/crm")}, of_customer).status, 403);
    EXPECT_EQ(apply({sharer("s-1", "customer/crm")}, of_customer).status, 200);
    const std::string own =
        "instance: s-1\ncustomer: acme\nintegration: test/sharing\nconnections: { main: { "
        "clientId: "
        "me, clientSecret: text } }\n";
    EXPECT_EQ(apply({own}, of_instance).status, 200) << "its own";
    EXPECT_EQ(apply({sharer("s-1", "customer/crm")}, of_instance).status, 403);
}

TEST_F(shared_connections_test, a_bound_token_changes_the_record_of_its_customer_alone) {
    share();
    const std::string of_customer = token({scope::deploy}, "", "acme");
    const std::string of_instance = token({scope::deploy}, "s-1");
    const std::string of_other = token({scope::deploy}, "", "other");
    const std::string start =
        "customer: acme\ntitle: New\nconnections:\n  crm: { connector: app, "
        "type: oauth, clientId: ";
    const std::string renamed = start + "shared, clientSecret: { $env: S } }\n";
    EXPECT_EQ(apply({renamed}, of_customer).status, 200);
    EXPECT_EQ(ask("GET", "/customers/acme", administrator).body.string_or("title", ""), "New");
    EXPECT_EQ(apply({start + "{ $env: PATH }, clientSecret: { $env: S } }\n"}, of_customer).status,
              403);
    EXPECT_EQ(apply({renamed}, of_instance).status, 403);
    const answer others = apply({renamed}, of_other);
    EXPECT_EQ(others.status, 404);
    EXPECT_EQ(others.response.body, ask("GET", "/executions/xyz", administrator).response.body);
    EXPECT_EQ(apply({"customer: other\n"}, of_other).status, 404) << "it brings none";
    EXPECT_EQ(apply({"organization: {}\n"}, of_customer).status, 403);
    const answer in_use = apply({"customer: acme\n"}, of_customer);
    EXPECT_EQ(in_use.status, 422);
    ASSERT_EQ(in_use.body.get("problems").size(), 2u) << in_use.response.body;
    EXPECT_THAT(in_use.body.get("problems").at(0).string_or("message", ""),
                HasSubstr("the instance \"s-1\" uses it"));
}

TEST_F(shared_connections_test, customers_are_listed_shown_and_removed) {
    share();
    ASSERT_EQ(apply({"customer: new\nlabels: { tier: gold }\n"}, administrator).status, 200);
    const answer list = ask("GET", "/customers", administrator);
    EXPECT_EQ(json::to_text(list.body),
              R"({"items":[{"name":"acme","title":"Acme Inc.","labels":{},"recorded":true,)"
              R"("instances":["acme-1","acme-2","s-1","s-2"]},)"
              R"({"name":"new","title":null,"labels":{"tier":"gold"},"recorded":true,)"
              R"("instances":[]},)"
              R"({"name":"other","title":null,"labels":{},"recorded":false,)"
              R"("instances":["other-1"]}],"next":null})");
    const answer page = ask("GET", "/customers?limit=1", administrator);
    EXPECT_EQ(page.body.string_or("next", ""), "acme");
    EXPECT_EQ(ask("GET", "/customers?limit=1&cursor=acme", administrator)
                  .body.get("items")
                  .at(0)
                  .string_or("name", ""),
              "new");
    const std::string of_customer = token({scope::read, scope::deploy}, "", "acme");
    EXPECT_EQ(ask("GET", "/customers", of_customer).body.get("items").size(), 1u);
    EXPECT_EQ(ask("GET", "/customers", token({scope::read}, "s-1")).body.get("items").size(), 0u);
    const answer shown = ask("GET", "/customers/acme", of_customer);
    EXPECT_EQ(json::to_text(shown.body.get("connections")),
              R"([{"name":"crm","connector":"app","type":"oauth","usedBy":["s-1","s-2"]}])");
    EXPECT_EQ(ask("GET", "/customers/new", of_customer).response.body,
              ask("GET", "/customers/nobody", of_customer).response.body);

    const answer refused = ask("DELETE", "/customers/acme", administrator);
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body.string_or("detail", ""), HasSubstr("has the instances acme-1"));
    EXPECT_EQ(ask("DELETE", "/customers/other", administrator).status, 409);
    const std::string of_new = token({scope::read}, "", "new");
    EXPECT_EQ(ask("GET", "/customers/new", of_new).status, 200);
    EXPECT_EQ(ask("DELETE", "/customers/acme", administrator).status, 409);
    EXPECT_EQ(ask("GET", "/customers/acme", of_customer).status, 200) << "nothing is revoked";
    EXPECT_EQ(ask("DELETE", "/customers/new", administrator).status, 204);
    EXPECT_EQ(ask("GET", "/customers", of_new).status, 401);
    const auto kept = store->config("token").value();
    for (const store::config_record& one : kept)
        EXPECT_EQ(one.value_json.find("\"customer\":\"new\""), std::string::npos);
    EXPECT_EQ(ask("GET", "/customers/acme", of_customer).status, 200);
    EXPECT_EQ(ask("GET", "/customers/new", administrator).status, 404);
    EXPECT_EQ(ask("DELETE", "/customers/new", administrator).status, 404);
}

}  // namespace
}  // namespace sluice::api
