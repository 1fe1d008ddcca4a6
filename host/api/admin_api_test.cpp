// Every route through the router, on a real store, real deployments and a real engine.
#include "api/admin_api.hpp"

#include <gtest/gtest.h>

#include <set>

#include "api/api_testing.hpp"
#include "api/execution_json.hpp"
#include "base/file.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

class admin_api_test : public api_world, public testing::Test {
  protected:
    std::string path_of(store::event_id id, const std::string& more = {}) {
        return "/executions/" + base::execution_id_text(id) + more;
    }
    // The ids (or names) of a list's items.
    static std::vector<std::string> items(const answer& page, const char* member = "id") {
        std::vector<std::string> out;
        const json::value& list = page.body.get("items");
        if (!list.is_array()) return out;
        for (const json::value& item : list.items())
            out.push_back(item.string_or(member, ""));
        return out;
    }
};

// What the document says of an operation: "GET /health read".
std::set<std::string> described() {
    const std::string text = base::read_file(SLUICE_OPENAPI).value();
    const json::value document = json::parse(text).value();
    std::set<std::string> out;
    for (const auto& [path, operations] : document.get("paths").members()) {
        for (const auto& [method, operation] : operations.members()) {
            const json::value& needs = operation.get("security").at(0).get("token").at(0);
            std::string line = method + " " + path + " ";
            line += needs.is_string() ? needs.as_string() : "-";
            out.insert(line);
        }
    }
    return out;
}

TEST_F(admin_api_test, the_document_describes_every_route_with_its_scope_and_no_other) {
    std::set<std::string> there;
    for (const route& one : api->routes()) {
        std::string method = one.method;
        for (char& c : method)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        std::string line = method + " " + one.pattern + " ";
        line += one.needs ? to_string(*one.needs) : "-";
        there.insert(line);
    }
    EXPECT_EQ(described(), there);
    EXPECT_EQ(there.size(), api->routes().size());
}

TEST_F(admin_api_test, serves_its_document_to_everyone) {
    const answer told = ask("GET", "/openapi.json");
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.response.body, base::read_file(SLUICE_OPENAPI).value());
}

TEST_F(admin_api_test, without_a_valid_token_nothing_is_told_apart) {
    const store::event_id id = ended("acme-1");
    for (const std::string& wrong : {std::string(), std::string("slc_"), administrator + "x"}) {
        for (const std::string& path : {path_of(id), std::string("/nothing"),
                                        std::string("/tokens"), path_of(id, "/replay")}) {
            const answer told = ask("GET", path, wrong);
            EXPECT_EQ(told.status, 401) << path;
            EXPECT_EQ(told.response.headers.get("WWW-Authenticate"), "Bearer");
            EXPECT_EQ(told.response.headers.get("Content-Type"), "application/problem+json");
        }
    }
}

TEST_F(admin_api_test, tells_unknown_paths_and_other_methods_apart) {
    EXPECT_EQ(ask("GET", "/nothing", administrator).status, 404);
    EXPECT_EQ(ask("GET", "health", administrator).status, 404);  // /api/v1health
    EXPECT_EQ(ask("GET", "/tokens/", administrator).status, 404);
    EXPECT_EQ(ask("GET", "/executions/a/b/c", administrator).status, 404);
    const answer told = ask("PUT", "/tokens", administrator);
    EXPECT_EQ(told.status, 405);
    EXPECT_EQ(told.response.headers.get("Allow"), "GET, POST");
    EXPECT_EQ(ask("HEAD", "/health", administrator).status, 200);
}

// Every route, every scope, tokens of nobody, of the owner and of another tenant.
TEST_F(admin_api_test, lets_in_by_scope_and_tenant_alone) {
    struct binding {
        const char* instance;
        const char* customer;
        bool owner;
    };
    const std::vector<binding> bindings = {{"", "", true},
                                           {"acme-1", "", true},
                                           {"", "acme", true},
                                           {"acme-2", "", false},
                                           {"", "other", false}};
    for (const scope has :
         {scope::read, scope::operate, scope::deploy, scope::secrets, scope::admin}) {
        for (const binding& to : bindings) {
            const bool bound = *to.instance != 0 || *to.customer != 0;
            if (bound && has == scope::admin) continue;  // there is no such token
            const std::string with = token({has}, to.instance, to.customer);
            for (const route& one : api->routes()) {
                if (one.changes() && one.about == concerns::host) continue;  // have own tests
                std::string path = one.pattern;
                if (one.about == concerns::execution) {
                    path.replace(path.find("{id}"), 4, base::execution_id_text(ended("acme-1")));
                }
                if (one.about == concerns::instance) path.replace(path.find("{name}"), 6, "acme-1");
                if (one.about == concerns::customer) path.replace(path.find("{name}"), 6, "acme");
                if (const auto at = path.find("{connection}"); at != std::string::npos) {
                    path.replace(at, 12, "crm");
                }
                std::string body;
                if (path == "/apply") body = R"({"documents":[]})";
                if (path.ends_with("/config")) body = R"({"values":{}})";
                if (path == "/redrives") body = R"({"dead":true,"dryRun":true})";
                const bool one_object =
                    one.about == concerns::execution || one.about == concerns::instance;
                int expected = one.method == "GET" ? 200 : 202;
                if (path == "/apply") expected = 200;
                if (path.ends_with("/cancel")) expected = 409;                 // it is over
                if (one.pattern == "/executions/{id}/resume") expected = 409;  // it succeeded
                if (path.ends_with("/rollback")) expected = 409;               // to what?
                if (path.ends_with("/options")) {
                    body = R"({"variable":"region"})";
                    expected = 409;  // it is no picklist
                }
                if (path.find("/connections/") != std::string::npos) expected = 200;
                if (one.pattern.ends_with("/keys") && one.changes()) expected = 400;  // no name
                // There is none.
                if (one.pattern.ends_with("/keys/{id}")) expected = 404;
                if (one.pattern == "/redrives/{id}") expected = 404;
                if (one_object && !to.owner) expected = 404;
                // It has instances.
                if (one.about == concerns::customer && one.method == "DELETE") expected = 409;
                const bool has_customer = !bound || to.customer == std::string("acme");
                if (one.about == concerns::customer && !has_customer) expected = 404;
                if (one.about == concerns::organization && bound) expected = 404;
                if (one.about == concerns::host && bound) expected = 403;
                if (one.needs && !scope_set{has}.has(*one.needs)) expected = 403;
                if (!one.needs) expected = 200;
                // Who may remove it would remove it for the others.
                if (path.ends_with("/remove") && expected == 202) continue;
                const answer told = ask(one.method, path, with, body);
                EXPECT_EQ(told.status, expected)
                    << one.method << " " << one.pattern << " with " << to_string(has) << " of "
                    << to.instance << to.customer;
            }
        }
    }
}

TEST_F(admin_api_test, keys_of_an_instance_are_made_listed_and_revoked) {
    const std::string with = token({scope::secrets}, "acme-1");
    const std::string path = "/instances/acme-1/keys";
    const answer made = ask("POST", path, with, R"({"name":"the shop"})");
    ASSERT_EQ(made.status, 201) << json::to_text(made.body);
    const std::string key = made.body.string_or("key", "");
    const std::string id = made.body.string_or("id", "");
    EXPECT_EQ(keys->instance_of(key), "acme-1");
    EXPECT_FALSE(made.body.bool_or("askedFor", true)) << "its webhooks say keys: none";
    EXPECT_EQ(ask("POST", path, with, R"({"name":"x","scopes":[]})").status, 400);

    const answer listed = ask("GET", path, with);
    EXPECT_EQ(listed.status, 200);
    EXPECT_EQ(listed.body.get("items").size(), 1u);
    EXPECT_EQ(listed.body.get("items").at(0).string_or("name", ""), "the shop");
    EXPECT_EQ(listed.response.body.find(key), std::string::npos);

    const std::string of_other = token({scope::secrets}, "acme-2");
    EXPECT_EQ(ask("DELETE", "/instances/acme-2/keys/" + id, of_other).status, 404);
    EXPECT_EQ(ask("DELETE", path + "/" + id, with).status, 204);
    EXPECT_EQ(keys->instance_of(key), "");
    EXPECT_EQ(ask("DELETE", path + "/" + id, with).status, 404);
    const answer audit = ask("GET", "/audit", administrator);
    EXPECT_EQ(audit.response.body.find(key), std::string::npos);
    EXPECT_NE(audit.response.body.find(id), std::string::npos) << "which key it was";
}

TEST_F(admin_api_test, what_belongs_to_others_reads_as_what_is_not_there) {
    const store::event_id id = ended("other-1");
    const std::string with = token({scope::read, scope::operate}, "acme-1");
    for (const char* more : {"", "/cancel", "/replay"}) {
        const char* method = *more == 0 ? "GET" : "POST";
        const answer others = ask(method, path_of(id, more), with);
        const answer nobodys = ask(method, path_of(id + 1, more), with);
        const answer none = ask(method, std::string("/executions/xyz") + more, with);
        EXPECT_EQ(others.status, 404);
        EXPECT_EQ(others.response.body, nobodys.response.body);
        EXPECT_EQ(others.response.body, none.response.body);
    }
    EXPECT_EQ(ask("GET", "/instances/other-1", with).response.body,
              ask("GET", "/instances/nobody", with).response.body);
    EXPECT_EQ(execution(id).summary.state, store::event_state::succeeded);
}

TEST_F(admin_api_test, lists_show_a_bound_token_its_own_alone) {
    const std::string first = base::execution_id_text(ended("acme-1"));
    const std::string second = base::execution_id_text(ended("acme-2"));
    const std::string third = base::execution_id_text(ended("other-1"));
    using names = std::vector<std::string>;
    const std::string of_instance = token({scope::read}, "acme-1");
    const std::string of_customer = token({scope::read}, "", "acme");
    EXPECT_EQ(items(ask("GET", "/executions", of_instance)), names{first});
    EXPECT_EQ(items(ask("GET", "/executions?instance=other-1", of_instance)), names{});
    EXPECT_EQ(items(ask("GET", "/executions?customer=other", of_customer)), names{});
    EXPECT_EQ(items(ask("GET", "/executions", of_customer)), (names{second, first}));
    EXPECT_EQ(items(ask("GET", "/executions", administrator)), (names{third, second, first}));
    EXPECT_EQ(items(ask("GET", "/executions?customer=acme", administrator)),
              (names{second, first}));
    EXPECT_EQ(items(ask("GET", "/instances", of_customer), "name"), (names{"acme-1", "acme-2"}));
    EXPECT_EQ(items(ask("GET", "/instances?customer=other", administrator), "name"),
              names{"other-1"});
}

TEST_F(admin_api_test, executions_come_in_pages_and_through_filters) {
    calls.on("app.save", {{"", base::error_code::invalid_input}, {"{}"}});
    const std::string failed = base::execution_id_text(ended("acme-1"));
    clock.advance_ms(60'000);
    const std::string later = base::to_rfc3339(clock.unix_ms());
    const std::string good = base::execution_id_text(ended("acme-1"));
    using names = std::vector<std::string>;
    const answer first = ask("GET", "/executions?limit=1", administrator);
    EXPECT_EQ(items(first), names{good});
    const answer second =
        ask("GET", "/executions?limit=1&cursor=" + first.body.string_or("next", ""), administrator);
    EXPECT_EQ(items(second), names{failed});
    EXPECT_TRUE(second.body.get("next").is_null());
    EXPECT_EQ(items(ask("GET", "/executions?state=failed", administrator)), names{failed});
    EXPECT_EQ(items(ask("GET", "/executions?from=" + later, administrator)), names{good});
    EXPECT_EQ(items(ask("GET", "/executions?to=" + later, administrator)), names{failed});
    EXPECT_EQ(items(ask("GET", "/executions?text=ERRORS%2F", administrator)), names{failed});
    EXPECT_EQ(items(ask("GET", "/executions?flow=rest", administrator)), names{});
    for (const char* wrong : {"state=odd", "from=today", "limit=0", "limit=1001", "limit=x",
                              "cursor=x", "instanse=acme-1", "flow=a&flow=b"}) {
        EXPECT_EQ(ask("GET", std::string("/executions?") + wrong, administrator).status, 400)
            << wrong;
    }
}

TEST_F(admin_api_test, shows_each_step) {
    const answer told = ask("GET", path_of(ended("acme-1")), administrator);
    EXPECT_EQ(told.body.string_or("state", ""), "succeeded");
    EXPECT_EQ(told.body.get("steps").at(0).string_or("name", ""), "save");
    EXPECT_EQ(json::to_text(told.body.get("payload")), R"({"body":{"n":1}})");
    EXPECT_EQ(told.response.headers.get("Cache-Control"), "no-store");
}

TEST_F(admin_api_test, addresses_are_shown_for_the_scope_secrets_alone) {
    const answer reader = ask("GET", "/instances/acme-1", token({scope::read}, "acme-1"));
    EXPECT_EQ(reader.body.string_or("version", ""), "1.2.0");
    EXPECT_EQ(reader.body.find("endpoints"), nullptr);
    EXPECT_EQ(reader.response.body.find("/hooks/"), std::string::npos);
    const answer knower =
        ask("GET", "/instances/acme-1", token({scope::read, scope::secrets}, "acme-1"));
    ASSERT_EQ(knower.body.get("endpoints").size(), 2u);
    EXPECT_TRUE(knower.body.get("endpoints")
                    .at(0)
                    .string_or("url", "")
                    .starts_with("https://hooks.test/hooks/"));
}

TEST_F(admin_api_test, applies_documents_and_says_what_changed) {
    const std::string documents = R"({"documents":[{"name":"new.yaml","text":)" +
                                  json::to_text(json::value(document_of("new-1", "new"))) +
                                  R"(}],"dryRun":)";
    const answer planned = ask("POST", "/apply", administrator, documents + "true}");
    ASSERT_EQ(planned.status, 200);
    EXPECT_FALSE(planned.body.bool_or("applied", true));
    EXPECT_EQ(planned.body.get("plan").at(0).string_or("change", ""), "create");
    EXPECT_EQ(ask("GET", "/instances/new-1", administrator).status, 404);
    const answer applied = ask("POST", "/apply", administrator, documents + "false}");
    ASSERT_EQ(applied.status, 200);
    EXPECT_TRUE(applied.body.bool_or("applied", false));
    const answer shown = ask("GET", "/instances/new-1", administrator);
    ASSERT_EQ(shown.status, 200);
    EXPECT_EQ(shown.body.string_or("state", ""), "deployed");
    EXPECT_EQ(shown.body.string_or("version", ""), "1.2.0");
    EXPECT_EQ(shown.body.get("endpoints").size(), 2u);
    const answer list = ask("GET", "/integrations", administrator);
    EXPECT_EQ(list.body.get("items").at(0).string_or("name", ""), "test/hooks");
    EXPECT_EQ(list.body.get("items").at(0).get("instances").size(), 4u);
    const answer own = ask("GET", "/integrations", token({scope::read}, "acme-1"));
    EXPECT_EQ(own.body.get("items").at(0).get("instances").size(), 1u);
}

TEST_F(admin_api_test, each_problem_of_a_document_is_told_with_its_place) {
    const answer told = ask(
        "POST", "/apply", administrator,
        R"({"documents":[{"name":"a.yaml","text":"instance: a\ncustomer: A!\nintegration: test/hooks\nodd: 1\n"}]})");
    ASSERT_EQ(told.status, 422);
    EXPECT_EQ(told.response.headers.get("Content-Type"), "application/problem+json");
    ASSERT_EQ(told.body.get("problems").size(), 2u) << told.response.body;
    EXPECT_EQ(told.body.get("problems").at(0).string_or("file", ""), "a.yaml");
    EXPECT_EQ(told.body.get("problems").at(0).int_or("line", 0), 2);
    EXPECT_EQ(told.body.get("problems").at(1).int_or("line", 0), 4);
    for (const char* wrong :
         {"", "[]", "{}", R"({"documents":{}})", R"({"documents":[{"name":"a"}]})",
          R"({"documents":[],"dryrun":true})", "{"})
        EXPECT_EQ(ask("POST", "/apply", administrator, wrong).status, 400) << wrong;
}

TEST_F(admin_api_test, a_bound_token_applies_its_own_instances_alone) {
    const auto apply = [&](const std::string& text, const std::string& with) {
        return ask("POST", "/apply", with,
                   json::to_text(json::value::object(
                       {{"documents", json::value::array({json::value::object(
                                          {{"name", "x.yaml"}, {"text", text}})})}})));
    };
    for (const std::string& with :
         {token({scope::deploy}, "acme-1"), token({scope::deploy}, "", "acme")}) {
        EXPECT_EQ(apply(document_of("acme-1", "acme"), with).status, 200);
        const answer others = apply(document_of("other-1", "other"), with);
        EXPECT_EQ(others.status, 404);
        EXPECT_EQ(others.response.body, ask("GET", "/executions/xyz", administrator).response.body);
        EXPECT_EQ(apply(document_of("other-1", "acme"), with).status, 404);
        EXPECT_EQ(apply(document_of("nobody", "acme"), with).response.body, others.response.body);
        EXPECT_EQ(apply(document_of("acme-1", "other"), with).status, 404);
        EXPECT_EQ(apply(integration, with).status, 403);
        const std::string reference =
            document_of("acme-1", "acme") + "config: { region: { $file: /etc/hostname } }\n";
        const answer reading = apply(reference, with);
        EXPECT_EQ(reading.status, 403) << "it would read the host's files";
        EXPECT_EQ(ask("PATCH", "/instances/acme-1/config", with,
                      R"({"values":{"region":{"$env":"PATH"}}})")
                      .status,
                  403);
    }
    EXPECT_EQ(apply(document_of("acme-2", "acme"), token({scope::deploy}, "acme-1")).status, 404);
}

TEST_F(admin_api_test, changes_one_instance) {
    EXPECT_EQ(ask("POST", "/instances/acme-1/pause", administrator).status, 202);
    EXPECT_TRUE(ask("GET", "/instances/acme-1", administrator).body.bool_or("paused", false));
    EXPECT_EQ(ask("POST", "/instances/acme-1/resume", administrator).status, 202);
    EXPECT_FALSE(ask("GET", "/instances/acme-1", administrator).body.bool_or("paused", true));
    EXPECT_EQ(ask("POST", "/instances/acme-1/rollback", administrator).status, 409);
    EXPECT_EQ(
        ask("POST", "/instances/acme-1/upgrade", administrator, R"({"version":"9.9.9"})").status,
        409);
    const answer set =
        ask("PATCH", "/instances/acme-1/config", administrator, R"({"values":{"region":"south"}})");
    ASSERT_EQ(set.status, 202);
    const answer shown = ask("GET", "/instances/acme-1", administrator);
    EXPECT_EQ(shown.body.get("config").string_or("region", ""), "south");
    const answer wrong =
        ask("PATCH", "/instances/acme-1/config", administrator, R"({"values":{"region":5}})");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.string_or("detail", "").find("config.region"), std::string::npos);
    EXPECT_EQ(ask("POST", "/instances/acme-1/remove", administrator).status, 202);
    turn_until([&] { return !deployments->has("acme-1"); });
    EXPECT_EQ(ask("GET", "/instances/acme-1", administrator).status, 404);
}

TEST_F(admin_api_test, cancels_what_runs) {
    const store::event_id id = send("acme-1", "rest");
    EXPECT_EQ(ask("POST", path_of(id, "/replay"), administrator).status, 409);
    EXPECT_EQ(ask("POST", path_of(id, "/cancel"), administrator).status, 202);
    turn_until([&] { return execution(id).summary.state == store::event_state::cancelled; });
    EXPECT_EQ(ask("POST", path_of(id, "/cancel"), administrator).status, 409);
}

TEST_F(admin_api_test, replays_an_event_as_a_new_execution) {
    calls.on("app.save", {{"", base::error_code::invalid_input}, {"{}"}});
    const std::string payload = R"({"body":{"n":7,"id":"e1","lane":"l1"}})";
    const store::event_id id = send("acme-1", "accept", payload);
    turn_until([&] { return execution(id).summary.state == store::event_state::failed; });
    const answer told = ask("POST", path_of(id, "/replay"), administrator);
    ASSERT_EQ(told.status, 202);
    const auto again = base::parse_execution_id(told.body.string_or("execution", ""));
    ASSERT_TRUE(again);
    EXPECT_NE(*again, id);
    turn_until([&] { return store::is_terminal(execution(*again).summary.state); });
    const store::execution_detail repeated = execution(*again);
    EXPECT_EQ(repeated.summary.state, store::event_state::succeeded);
    EXPECT_EQ(repeated.summary.kind, replay_kind);
    EXPECT_EQ(repeated.summary.parent, id);
    EXPECT_EQ(repeated.summary.lane_key, "l1");
    EXPECT_EQ(repeated.payload_json, payload);
    EXPECT_EQ(execution(id).summary.state, store::event_state::failed);
    // Once more: what has the dedupe key of another is not taken for it.
    EXPECT_EQ(ask("POST", path_of(id, "/replay"), administrator).status, 202);
    EXPECT_EQ(ask("POST", path_of(*again, "/replay"), administrator).status, 202);
}

TEST_F(admin_api_test, a_payload_with_a_file_is_not_replayed) {
    const store::event_id id =
        send("acme-1", "accept", R"({"body":{"n":[{"$blob":"b1","size":3}]}})");
    turn_until([&] { return store::is_terminal(execution(id).summary.state); });
    EXPECT_EQ(ask("POST", path_of(id, "/replay"), administrator).status, 409);
}

TEST_F(admin_api_test, makes_and_revokes_tokens) {
    const answer made = ask("POST", "/tokens", administrator,
                            R"({"name":"ci","scopes":["read"],"expires":"2040-01-01T00:00:00Z"})");
    ASSERT_EQ(made.status, 201);
    const std::string text = made.body.string_or("token", "");
    EXPECT_EQ(ask("GET", "/health", text).status, 200);
    const answer all = ask("GET", "/tokens", administrator);
    EXPECT_EQ(items(all, "name"), (std::vector<std::string>{"first administrator", "ci"}));
    EXPECT_EQ(all.response.body.find("slc_"), std::string::npos);
    const std::string path = "/tokens/" + made.body.string_or("id", "");
    EXPECT_EQ(ask("DELETE", path, administrator).status, 204);
    EXPECT_EQ(ask("GET", "/health", text).status, 401);
    EXPECT_EQ(ask("DELETE", path, administrator).status, 404);
}

TEST_F(admin_api_test, refuses_tokens_that_make_no_sense) {
    for (const char* wrong :
         {"", "[]", "{}", R"({"name":"a"})", R"({"name":"","scopes":["read"]})",
          R"({"name":"a","scopes":[]})", R"({"name":"a","scopes":["root"]})",
          R"({"name":"a\n","scopes":["read"]})", R"({"name":"a","scopes":["read"],"more":1})",
          R"({"name":"a","scopes":["read"],"instance":"nobody"})",
          R"({"name":"a","scopes":["read"],"customer":"nobody"})",
          R"({"name":"a","scopes":["read"],"instance":"acme-1","customer":"acme"})",
          R"({"name":"a","scopes":["admin"],"customer":"acme"})",
          R"({"name":"a","scopes":["read"],"instance":""})",
          R"({"name":"a","scopes":["read"],"expires":"2001-01-01T00:00:00Z"})",
          R"({"name":"a","scopes":["read"],"expires":5})", "{"}) {
        EXPECT_EQ(ask("POST", "/tokens", administrator, wrong).status, 400) << wrong;
    }
    EXPECT_EQ(items(ask("GET", "/tokens", administrator)).size(), 1u);
}

TEST_F(admin_api_test, the_last_administrator_stays) {
    const std::string first = items(ask("GET", "/tokens", administrator))[0];
    EXPECT_EQ(ask("DELETE", "/tokens/" + first, administrator).status, 409);
    const std::string other = token({scope::admin});
    EXPECT_EQ(ask("DELETE", "/tokens/" + first, other).status, 204);
    EXPECT_EQ(ask("GET", "/tokens", administrator).status, 401);
}

TEST_F(admin_api_test, the_first_start_makes_one_administrator_and_the_next_none) {
    admin_api again({loop, clock, ids, *store, *deployments, *changes, *states, *host, *connections,
                     run_blocking, *keys},
                    random);
    const auto made = again.open();
    ASSERT_TRUE(made);
    EXPECT_FALSE(made->has_value());
}

TEST_F(admin_api_test, every_change_stands_in_the_audit_log) {
    const store::event_id id = ended("acme-1");
    const std::string with = token({scope::operate}, "acme-1");
    const answer replayed = ask("POST", path_of(id, "/replay"), with);
    ask("POST", path_of(ended("other-1"), "/replay"), with);
    const answer log = ask("GET", "/audit", administrator);
    const json::value& list = log.body.get("items");
    ASSERT_EQ(list.size(), 3u);
    EXPECT_EQ(list.at(0).int_or("status", 0), 404);
    EXPECT_EQ(list.at(1).int_or("status", 0), 202);
    EXPECT_EQ(list.at(1).string_or("action", ""), "POST /executions/{id}/replay");
    EXPECT_EQ(list.at(1).string_or("object", ""), base::execution_id_text(id));
    EXPECT_EQ(list.at(1).string_or("created", ""), replayed.body.string_or("execution", "-"));
    EXPECT_EQ(list.at(1).string_or("from", ""), "127.0.0.1");
    EXPECT_EQ(list.at(1).string_or("who", ""), list.at(2).string_or("created", "-"));
    EXPECT_EQ(list.at(2).string_or("action", ""), "POST /tokens");
    const answer first = ask("GET", "/audit?limit=2", administrator);
    const answer second =
        ask("GET", "/audit?limit=2&cursor=" + first.body.string_or("next", ""), administrator);
    EXPECT_EQ(items(second), std::vector<std::string>{items(log)[2]});
    EXPECT_TRUE(second.body.get("next").is_null());
}

TEST_F(admin_api_test, says_how_the_host_is) {
    const answer told = ask("GET", "/health", administrator);
    EXPECT_EQ(told.body.string_or("status", ""), "ok");
    EXPECT_TRUE(told.body.get("store").bool_or("admitting", false));
}

}  // namespace
}  // namespace sluice::api
