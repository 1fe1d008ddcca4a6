// Customers and the organization with connections that instances share: applied, changed and
// removed with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "instance/changes_testing.hpp"
#include "instance/connection_record.hpp"
#include "instance/edits.hpp"
#include "instance/kept_owners.hpp"
#include "json/text.hpp"
#include "store/store_testing.hpp"

namespace sluice::instance {
namespace {

using testing::HasSubstr;
using testing::Not;

class sharing_test : public changes_world, public testing::Test {
  protected:
    static document crm_integration(const std::string& release = "1.0.0",
                                    const std::string& connector = "crm",
                                    const std::string& flows = "") {
        return {"integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: )" +
                                        release + " }\nconnectors: { " + connector + R"(: "*" }
connections: { main: { connector: )" + connector +
                                        R"( } }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: 1 } } ] }
)" + flows};
    }
    static document customer(const std::string& connections, const std::string& name = "acme") {
        return {"customers/" + name + ".yaml",
                "customer: " + name + "\ntitle: Acme Inc.\nconnections:\n" + connections};
    }
    static document organization(const std::string& connections) {
        return {"organization.yaml",
                "organization: { title: Example }\nconnections:\n" + connections};
    }
    static document sharer(const std::string& name, const std::string& shared = "customer/crm",
                           const std::string& customer = "acme") {
        return {name + ".yaml",
                "instance: " + name + "\ncustomer: " + customer +
                    "\nintegration: test/one\nconnections:\n  main: { $shared: " + shared + " }\n"};
    }
    static constexpr const char* crm =
        "  crm: { connector: crm, type: basic, baseUrl: \"https://one.test\", key: { $env: KEY } "
        "}\n";

    json::value connection(const std::string& instance) {
        const flow_ptr flow = host_->current(instance, "hook");
        return flow ? json::parse(flow->connections.at("main")).value() : json::value();
    }
    std::string url(const std::string& instance) {
        return connection(instance).string_or("baseUrl", "none");
    }
    change_result remove_customer(const std::string& name) {
        change_request request;
        request.remove_customer = name;
        return make(std::move(request));
    }
    // With the fields that crm has.
    static document owner_of_its_own(const std::string& name) {
        return {name + ".yaml",
                "instance: " + name +
                    "\ncustomer: acme\nintegration: test/one\nconnections:\n  main: { type: "
                    "basic, baseUrl: \"https://one.test\", key: { $env: KEY } }\n"};
    }
    std::string sealed_tokens(const connection_id& id) {
        connection_record tokens;
        tokens.refresh = base::secret("refresh-token");
        return tokens.to_json(id, *vault_).value();
    }
    void keep_tokens(const connection_id& id, const std::string& sealed) {
        const std::string key = id.owner + '/' + id.name;
        std::uint64_t version = 0;
        const auto kept = store_->config(connection_kind).value();
        for (const store::config_record& one : kept) {
            if (one.key == key) version = one.version;
        }
        ASSERT_TRUE(
            store::testing::put_config_and_wait(*store_, {connection_kind, key, sealed, version}));
    }
    void keep_tokens(const connection_id& id) { keep_tokens(id, sealed_tokens(id)); }
    void start_with_two() {
        const change_result told =
            apply({sharer("one"), customer(crm), crm_integration(), sharer("two")});
        ASSERT_TRUE(told.ok()) << words(told);
    }
};

TEST_F(sharing_test, what_a_customer_shares_runs_at_once_and_after_a_restart) {
    const change_result told =
        apply({sharer("one"), customer(crm), crm_integration(), sharer("two")});
    EXPECT_EQ(words(told),
              "create test/one\n  version 1.0.0 is new here\n"
              "create acme\n  its title is \"Acme Inc.\"\n  the connection crm is new\n"
              "create one\n  customer \"acme\" gets test/one 1.0.0\n"
              "create two\n  customer \"acme\" gets test/one 1.0.0\n");
    for (const char* name : {"one", "two"}) {
        EXPECT_EQ(json::to_text(connection(name)),
                  R"({"baseUrl":"https://one.test","key":"value-of-key","type":"basic"})");
        const flow_ptr flow = host_->current(name, "hook");
        EXPECT_EQ(flow->origin_of("main").owner, "customer:acme");
        EXPECT_EQ(flow->origin_of("main").name, "crm");
        ASSERT_NE(flow->hidden, nullptr);
        EXPECT_EQ(flow->hidden->replace("a value-of-key b"), "a [redacted] b");
    }
    restart();
    EXPECT_EQ(connection("two").string_or("key", ""), "value-of-key");
    EXPECT_EQ(state("two"), "deployed");
    EXPECT_EQ(host_->find_owner("customer:acme")->file.title, "Acme Inc.");
    EXPECT_EQ(words(apply({customer(crm), sharer("one")})), "none acme\nnone one\n");
}

TEST_F(sharing_test, what_is_kept_is_sealed) {
    ASSERT_TRUE(apply({customer("  crm: { connector: crm, type: basic, key: k3y-in-the-file }\n"),
                       crm_integration(), sharer("one")})
                    .ok());
    const auto kept = store_->config(owner_kind).value();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].key, "customer:acme");
    EXPECT_THAT(kept[0].value_json, Not(HasSubstr("k3y-in-the-file")));
    EXPECT_THAT(kept[0].value_json, Not(HasSubstr("Acme")));
    // Under another owner's name it cannot be read.
    ASSERT_TRUE(vault_->prepare_now({"customer:other"}));
    const std::string sealed = json::parse(kept[0].value_json).value().string_or("document", "");
    EXPECT_TRUE(vault_->open("customer:acme", "document", sealed));
    EXPECT_FALSE(vault_->open("customer:other", "document", sealed));
}

TEST_F(sharing_test, what_is_not_there_or_does_not_fit_refuses_all) {
    const auto told = [&](std::vector<document> documents) {
        documents.push_back(crm_integration());
        const change_result result = apply(std::move(documents));
        EXPECT_EQ(records(owner_kind), 0u);
        EXPECT_EQ(records("data_key"), 0u);
        EXPECT_TRUE(host_->instances().empty());
        return words(result);
    };
    EXPECT_THAT(told({sharer("one")}),
                HasSubstr("one.yaml:5:20: customer \"acme\" has no connections here"));
    EXPECT_THAT(told({sharer("one", "customer/crmm"), customer(crm)}),
                HasSubstr("one.yaml:5:20: customer \"acme\" has no connection \"crmm\" (did you "
                          "mean \"crm\"?)"));
    EXPECT_THAT(told({sharer("one", "organization/crm"), customer(crm)}),
                HasSubstr("the organization has no connections here"));
    EXPECT_THAT(
        told({sharer("one"), customer("  crm: { connector: mail, type: basic }\n")}),
        HasSubstr("one.yaml:5:20: the connection \"crm\" of customer \"acme\" is one of mail"));
    EXPECT_THAT(
        told({sharer("one"), customer("  crm: { connector: crm, type: b, k: { $env: X } }\n")}),
        HasSubstr("customers/acme.yaml:4:38: the environment variable X is not set"));
    const std::string both =
        told({sharer("one", "customer/hub"),
              customer("  crm: { connector: crm, type: b, k: { $env: X } }\n")});
    EXPECT_THAT(both, HasSubstr("variable X is not set"));
    EXPECT_THAT(both, HasSubstr("has no connection \"hub\"")) << "all problems at once";
    EXPECT_THAT(told({customer(crm), customer(crm)}),
                HasSubstr("there are two files of customer \"acme\""));
    EXPECT_THAT(told({customer("  crm: { connector: crm, type: b, k: { $file: key.txt } }\n")}),
                HasSubstr("\"key.txt\" is relative"));
}

TEST_F(sharing_test, another_customers_connections_cannot_be_named) {
    start_with_two();
    const change_result told = apply({sharer("three", "customer/crm", "globex")});
    EXPECT_THAT(words(told), HasSubstr("customer \"globex\" has no connections here"));
    ASSERT_TRUE(apply({customer("  crm: { connector: crm, type: basic, baseUrl: "
                                "\"https://globex.test\" }\n",
                                "globex"),
                       sharer("three", "customer/crm", "globex")})
                    .ok());
    EXPECT_EQ(url("three"), "https://globex.test");
    EXPECT_EQ(url("one"), "https://one.test");
}

TEST_F(sharing_test, a_change_of_the_customer_changes_all_that_share) {
    const std::string up = "  up: { trigger: { deploy: {} }, do: [ { a: { set: 1 } } ] }\n";
    ASSERT_TRUE(
        apply({customer(crm), crm_integration("1.0.0", "crm", up), sharer("one"), sharer("two")})
            .ok());
    end_run(true);
    end_run(true);
    const std::string other =
        "  crm: { connector: crm, type: basic, baseUrl: \"https://two.test\" }\n";
    const std::string plan =
        "update acme\n  the connection crm changes\n"
        "update one\n  the connection main changes\n  its deploy flows run: up\n"
        "update two\n  the connection main changes\n  its deploy flows run: up\n";
    change_request dry;
    dry.documents = {customer(other)};
    dry.dry_run = true;
    EXPECT_EQ(words(make(dry)), plan);
    EXPECT_EQ(url("one"), "https://one.test");
    EXPECT_EQ(words(apply({customer(other)})), plan);
    EXPECT_EQ(url("one"), "https://two.test");
    EXPECT_EQ(url("two"), "https://two.test");
    EXPECT_EQ(state("two"), "deploying");
    EXPECT_EQ(followed_, (texts{"one", "two"}));
    end_run(true);
    end_run(true);
    EXPECT_EQ(state("two"), "deployed");
    restart();
    EXPECT_EQ(state("two"), "deployed") << "nothing is deployed again";
    EXPECT_EQ(url("two"), "https://two.test");
    EXPECT_EQ(words(apply({customer(other)})), "none acme\n");
    EXPECT_EQ(words(apply({organization("  mailer: { connector: mail, type: basic }\n")})),
              "create \n  its title is \"Example\"\n  the connection mailer is new\n");
}

TEST_F(sharing_test, what_is_in_use_stays) {
    start_with_two();
    const std::string other = "  other: { connector: crm, type: basic }\n";
    const std::string told = words(apply({customer(other)}));
    EXPECT_THAT(told, HasSubstr("customers/acme.yaml:4:3: the instance \"one\" uses it: customer "
                                "\"acme\" has no connection \"crm\""));
    EXPECT_THAT(told, HasSubstr("the instance \"two\" uses it"));
    EXPECT_THAT(words(apply({customer("  crm: { connector: mail, type: basic }\n")})),
                HasSubstr("customers/acme.yaml:4:8: the instance \"one\" uses it: the connection "
                          "\"crm\" of customer \"acme\" is one of mail"));
    EXPECT_EQ(url("one"), "https://one.test");
    restart();
    EXPECT_EQ(url("one"), "https://one.test");
    ASSERT_TRUE(
        apply({customer(other), sharer("one", "customer/other"), sharer("two", "customer/other")})
            .ok());
    EXPECT_EQ(url("one"), "none");
}

TEST_F(sharing_test, a_version_that_needs_another_connector_is_refused) {
    start_with_two();
    ASSERT_TRUE(apply({crm_integration("2.0.0", "mail")}).ok());
    EXPECT_THAT(words(change("one", upgrade({}))), HasSubstr("is one of crm, and \"main\""));
    EXPECT_EQ(version("one"), "1.0.0");
}

TEST_F(sharing_test, all_changes_or_none_wherever_the_process_dies) {
    const std::string renamed =
        "  sales: { connector: crm, type: basic, baseUrl: \"https://new.test\" }\n";
    start_with_two();
    // So that all keys are there, and the first write that fails is the change.
    ASSERT_TRUE(apply({organization("  old: { connector: mail, type: basic }\n")}).ok());
    settle();
    bool done = false;
    for (int writes = 0; writes < 10 && !done; ++writes) {
        writes_left_ = writes;
        done = apply({customer(renamed), sharer("one", "customer/sales"),
                      sharer("two", "customer/sales"),
                      organization("  mailer: { connector: mail, type: basic }\n")})
                   .ok();
        writes_left_ = -1;
        restart();
        ASSERT_TRUE(warnings_.empty()) << warnings_.front().to_text();
        EXPECT_EQ(url("one"), done ? "https://new.test" : "https://one.test") << writes;
        EXPECT_EQ(url("two"), url("one"));
        EXPECT_EQ(host_->find_owner(organization_owner)->file.connections.contains("mailer"), done);
    }
    EXPECT_TRUE(done);
}

TEST_F(sharing_test, one_that_cannot_be_read_comes_back_when_its_customer_is_applied) {
    start_with_two();
    end();
    variable_.reset();
    start();
    ASSERT_GE(warnings_.size(), 3u);
    EXPECT_THAT(warnings_[0].to_text(), HasSubstr("KEY is not set"));
    EXPECT_THAT(warnings_[0].to_text(), HasSubstr("apply the file of customer \"acme\" again"));
    EXPECT_FALSE(host_->runs("one"));
    EXPECT_THAT(words(apply({customer(crm)})), HasSubstr("KEY is not set"));
    const std::string told = words(apply({sharer("one")}));
    EXPECT_THAT(told,
                HasSubstr("one.yaml:5:9: the references in the connection \"crm\" of customer "
                          "\"acme\" could not be read"));
    EXPECT_THAT(told, Not(HasSubstr("KEY"))) << "who has the instance may not have its customer";
    variable_ = "back";
    ASSERT_TRUE(apply({customer(crm)}).ok());
    EXPECT_EQ(connection("one").string_or("key", ""), "back");
    EXPECT_EQ(state("one"), "deployed");
}

TEST_F(sharing_test, a_customer_goes_with_its_key_and_tokens_when_it_has_no_instances) {
    start_with_two();
    settle();
    connection_record tokens;
    tokens.refresh = base::secret("refresh-token");
    const std::string record = tokens.to_json({"customer:acme", "crm"}, *vault_).value();
    ASSERT_TRUE(store::testing::put_config_and_wait(
        *store_, {connection_kind, "customer:acme/crm", record, 0}));
    const change_result refused = remove_customer("acme");
    ASSERT_EQ(refused.problems.size(), 1u);
    EXPECT_EQ(refused.problems[0].code, base::error_code::conflict);
    EXPECT_EQ(refused.problems[0].message,
              "customer \"acme\" has the instances one, two and stays");
    EXPECT_EQ(remove_customer("nobody").problems.at(0).code, base::error_code::not_found);
    for (const char* name : {"one", "two"}) {
        ASSERT_TRUE(change(name, remove()).ok());
        turn_until([&] { return !host_->has(name); });
    }
    EXPECT_EQ(records(owner_kind), 1u) << "its record does not go with its instances";
    EXPECT_TRUE(host_->has_customer("acme"));
    connections_of_.clear();
    ASSERT_TRUE(remove_customer("acme").ok());
    for (const char* kind : {owner_kind, "data_key", connection_kind})
        EXPECT_EQ(records(kind), 0u) << kind;
    EXPECT_EQ(connections_of_.at("customer:acme"), std::set<std::string>());
    EXPECT_FALSE(host_->has_customer("acme"));
    EXPECT_FALSE(vault_->seal("customer:acme", "a", base::secret("b")));
    restart();
    EXPECT_TRUE(host_->customers().empty());
}

TEST_F(sharing_test, tokens_go_with_the_connection) {
    ASSERT_TRUE(
        apply({customer(std::string(crm) + "  hub: { connector: hub, type: basic }\n")}).ok());
    connection_record tokens;
    for (const char* name : {"crm", "hub"}) {
        const std::string record = tokens.to_json({"customer:acme", name}, *vault_).value();
        ASSERT_TRUE(store::testing::put_config_and_wait(
            *store_, {connection_kind, std::string("customer:acme/") + name, record, 0}));
    }
    ASSERT_TRUE(apply({customer(crm)}).ok());
    ASSERT_EQ(records(connection_kind), 1u);
    EXPECT_EQ(store_->config(connection_kind)->front().key, "customer:acme/crm");
    EXPECT_EQ(connections_of_.at("customer:acme"), std::set<std::string>{"crm"});
}

// A refresh that ends while the change is written makes a new version of its record.
TEST_F(sharing_test, tokens_that_are_refreshed_meanwhile_hold_up_no_change) {
    ASSERT_TRUE(
        apply({customer(std::string(crm) + "  hub: { connector: hub, type: basic }\n")}).ok());
    const auto refreshed_in_between = [this](const connection_id& id) {
        keep_tokens(id);
        settle();
        before_write_ = [this, id, next = sealed_tokens(id)] { keep_tokens(id, next); };
    };
    refreshed_in_between({"customer:acme", "hub"});
    change_result told = apply({customer(crm)});
    EXPECT_TRUE(told.ok()) << words(told);
    EXPECT_FALSE(before_write_);
    EXPECT_EQ(records(connection_kind), 0u);
    refreshed_in_between({"customer:acme", "crm"});
    told = remove_customer("acme");
    EXPECT_TRUE(told.ok()) << words(told);
    EXPECT_FALSE(before_write_);
    EXPECT_EQ(records(connection_kind), 0u);
    EXPECT_EQ(records(owner_kind), 0u);
}

TEST_F(sharing_test, a_customer_goes_whole_or_stays_wherever_the_process_dies) {
    ASSERT_TRUE(apply({customer(crm)}).ok());
    keep_tokens({"customer:acme", "crm"});
    settle();
    bool done = false;
    int failed = 0;
    for (int writes = 0; writes < 5 && !done; ++writes) {
        writes_left_ = writes;
        done = remove_customer("acme").ok();
        if (!done) {
            ++failed;
            EXPECT_TRUE(vault_->seal("customer:acme", "a", base::secret("b"))) << "its key is back";
        }
        writes_left_ = -1;
        restart();
        ASSERT_TRUE(warnings_.empty()) << warnings_.front().to_text();
        for (const char* kind : {owner_kind, "data_key", connection_kind})
            EXPECT_EQ(records(kind), done ? 0u : 1u) << kind << writes;
        EXPECT_EQ(host_->has_customer("acme"), !done);
    }
    EXPECT_TRUE(done);
    EXPECT_EQ(failed, 1) << "it is one transaction";
}

TEST_F(sharing_test, what_an_instance_shares_with_equal_fields_is_a_change) {
    ASSERT_TRUE(apply({crm_integration(), customer(crm), owner_of_its_own("one")}).ok());
    EXPECT_EQ(words(apply({sharer("one")}, true)),
              "update one\n  the connection main is shared: customer/crm\n");
    EXPECT_EQ(words(apply({sharer("one")})),
              "update one\n  the connection main is shared: customer/crm\n");
    EXPECT_EQ(host_->current("one", "hook")->origin_of("main").owner, "customer:acme");
    EXPECT_EQ(words(apply({sharer("one")})), "none one\n");
    EXPECT_EQ(words(apply({owner_of_its_own("one")})),
              "update one\n  the connection main is the instance's own again\n");
    EXPECT_EQ(host_->current("one", "hook")->origin_of("main").owner, "");
}

TEST_F(sharing_test, tokens_of_its_own_go_when_an_instance_shares) {
    ASSERT_TRUE(apply({crm_integration(), customer(crm), owner_of_its_own("one")}).ok());
    keep_tokens({"one", "main"});
    keep_tokens({"one", "another"});
    settle();
    writes_left_ = 0;
    EXPECT_FALSE(apply({sharer("one")}).ok());
    writes_left_ = -1;
    EXPECT_EQ(records(connection_kind), 2u) << "in the same transaction";
    EXPECT_TRUE(now_shared_.empty());
    ASSERT_TRUE(apply({sharer("one")}).ok());
    ASSERT_EQ(records(connection_kind), 1u);
    EXPECT_EQ(store_->config(connection_kind)->front().key, "one/another");
    EXPECT_EQ(now_shared_, (std::vector<connection_id>{{"one", "main"}}));
    ASSERT_TRUE(apply({sharer("one")}).ok());
    EXPECT_EQ(now_shared_.size(), 1u);
}

TEST_F(sharing_test, who_may_not_change_an_owner_is_refused_before_anything_is_told) {
    start_with_two();
    change_request request;
    request.documents = {customer("  crm: { connector: odd, type: basic }\n")};
    request.may_share = [](const manifest::owner_file& wanted, const manifest::owner_file* now) {
        EXPECT_EQ(wanted.customer, "acme");
        EXPECT_NE(now, nullptr);
        return base::result<void>(base::make_error(base::error_code::auth, "no"));
    };
    const change_result told = make(std::move(request));
    ASSERT_EQ(told.problems.size(), 1u);
    EXPECT_EQ(told.problems[0].message, "no");
}

}  // namespace
}  // namespace sluice::instance
