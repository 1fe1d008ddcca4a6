// Changes of what is deployed while a host runs.
#include "instance/changes.hpp"

#include <gtest/gtest.h>

#include "instance/changes_testing.hpp"
#include "instance/edits.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

class changes_test : public changes_world, public testing::Test {};

TEST_F(changes_test, what_is_applied_runs_at_once_and_after_a_restart) {
    const change_result told = apply({integration(), instance("acme", "region: south")});
    EXPECT_EQ(words(told),
              "create test/one\n  version 1.0.0 is new here\n"
              "create acme\n  customer \"of-acme\" gets test/one 1.0.0\n");
    EXPECT_EQ(region("acme"), "south");
    EXPECT_EQ(state("acme"), "deployed");
    EXPECT_EQ(followed_, texts{"acme"});
    ASSERT_EQ(host_->endpoints().size(), 1u);
    const std::string token = host_->endpoints()[0].token;
    ASSERT_NE(host_->find_endpoint(token), nullptr);
    EXPECT_EQ(host_->current("acme", "hook")->instance_info.get("webhooks").string_or("hook", ""),
              "https://hooks.test/hooks/" + token);
    restart();
    EXPECT_EQ(region("acme"), "south");
    EXPECT_EQ(state("acme"), "deployed");
    EXPECT_NE(host_->find_endpoint(token), nullptr);
}

TEST_F(changes_test, applying_the_same_again_changes_nothing) {
    ASSERT_TRUE(apply({integration(), instance("acme")}).ok());
    settle();
    const auto before = store_->config(instance_kind).value();
    const change_result again = apply({integration(), instance("acme")});
    EXPECT_EQ(words(again), "none test/one\nnone acme\n");
    EXPECT_EQ(store_->config(instance_kind)->front().version, before.front().version);
}

TEST_F(changes_test, one_wrong_document_refuses_all_and_leaves_nothing_behind) {
    const change_result told =
        apply({integration(), instance("acme"), instance("globex", "regoin: x"),
               instance("initech", "limit: many")});
    ASSERT_EQ(told.problems.size(), 2u) << words(told);
    EXPECT_EQ(told.problems[0].where->file, "globex.yaml");
    EXPECT_EQ(told.problems[0].where->line, 4);
    EXPECT_NE(told.problems[1].message.find("config.limit"), std::string::npos);
    for (const char* kind : {instance_kind, endpoint_kind, version_kind, release_kind, "data_key"})
        EXPECT_EQ(records(kind), 0u) << kind;
    EXPECT_TRUE(host_->instances().empty());
}

TEST_F(changes_test, a_dry_run_says_what_would_change_and_does_nothing) {
    const change_result told = apply({integration(), instance("acme")}, true);
    EXPECT_EQ(told.plan.size(), 2u);
    for (const char* kind : {instance_kind, endpoint_kind, version_kind, release_kind, "data_key"})
        EXPECT_EQ(records(kind), 0u) << kind;
    EXPECT_TRUE(host_->instances().empty());
}

TEST_F(changes_test, a_change_waits_for_the_one_before_it) {
    std::vector<std::size_t> problems;
    for (const document& one : {integration(), instance("acme"), instance("globex")}) {
        change_request request;
        request.documents = {one};
        changes_->make(std::move(request), [&](const change_result& told) {
            problems.push_back(told.problems.size());
        });
    }
    turn_until([&] { return problems.size() == 3; });
    EXPECT_EQ(problems, (std::vector<std::size_t>{0, 0, 0}));
    EXPECT_EQ(host_->instances().size(), 2u);
}

TEST_F(changes_test, very_many_instances_are_one_transaction) {
    std::vector<document> documents = {integration()};
    for (int i = 0; i < 500; ++i)
        documents.push_back(instance("customer-" + std::to_string(i)));
    const std::uint64_t before = store_->health()->transactions;
    ASSERT_TRUE(apply(std::move(documents)).ok());
    EXPECT_EQ(host_->instances().size(), 500u);
    // One for the keys, one for the change, and the states, which the loop gathers.
    EXPECT_LT(store_->health()->transactions - before, 10u);
}

TEST_F(changes_test, an_instance_alone_stays_on_its_version_and_a_new_one_gets_the_newest) {
    ASSERT_TRUE(apply({integration("1.0.0"), instance("acme")}).ok());
    ASSERT_TRUE(apply({integration("2.0.0")}).ok());
    EXPECT_EQ(version("acme"), "1.0.0") << "a manifest alone moves nothing";
    ASSERT_TRUE(apply({instance("acme", "region: south"), instance("globex")}).ok());
    EXPECT_EQ(version("acme"), "1.0.0");
    EXPECT_EQ(region("acme"), "south");
    EXPECT_EQ(version("globex"), "2.0.0");
    EXPECT_NE(words(apply({instance("odd"),
                           {"x.yaml",
                            "instance: x\ncustomer: x\n"
                            "integration: test/other\n"}}))
                  .find("neither among the applied files nor here"),
              std::string::npos);
}

TEST_F(changes_test, upgrades_and_rolls_back_also_after_a_restart) {
    ASSERT_TRUE(apply({integration("1.0.0"), instance("acme")}).ok());
    const std::string first = host_->current("acme", "hook")->integration->hash;
    EXPECT_EQ(words(change("acme", roll_back())),
              "! the instance \"acme\" has had no other version\n");
    ASSERT_TRUE(apply({integration("1.1.0")}).ok());
    ASSERT_TRUE(apply({integration("2.0.0")}).ok());
    restart();
    EXPECT_EQ(words(change("acme", upgrade({}))),
              "upgrade acme\n  it moves from test/one 1.0.0 to test/one 2.0.0\n");
    EXPECT_EQ(host_->find_instance("acme")->previous, "1.0.0");
    EXPECT_TRUE(host_->find("acme", "hook", first)) << "executions keep their version";
    restart();
    EXPECT_EQ(version("acme"), "2.0.0");
    ASSERT_TRUE(change("acme", roll_back()).ok());
    EXPECT_EQ(version("acme"), "1.0.0");
    ASSERT_TRUE(change("acme", upgrade("1.1.0")).ok());
    EXPECT_EQ(version("acme"), "1.1.0");
    const change_result odd = change("acme", upgrade("3.0.0"));
    EXPECT_EQ(odd.problems.at(0).hint, "there are 1.0.0, 1.1.0, 2.0.0");
    EXPECT_EQ(version("acme"), "1.1.0");
}

TEST_F(changes_test, a_pause_survives_restarts_and_needs_no_values) {
    ASSERT_TRUE(apply({integration("1.0.0"), instance("acme", "key: { $env: KEY }")}).ok());
    variable_.reset();
    EXPECT_EQ(words(change("acme", pause())),
              "update acme\n  it is paused: nothing of it starts\n");
    EXPECT_TRUE(host_->is_paused("acme"));
    EXPECT_TRUE(host_->flows().empty());
    EXPECT_TRUE(host_->current("acme", "hook")) << "what runs goes on";
    EXPECT_EQ(words(change("acme", pause())), "none acme\n");
    variable_ = "back";
    restart();
    EXPECT_TRUE(host_->is_paused("acme"));
    ASSERT_TRUE(change("acme", resume()).ok());
    EXPECT_FALSE(host_->is_paused("acme"));
    EXPECT_EQ(host_->flows().size(), 1u);
}

TEST_F(changes_test, values_are_checked_with_their_names_and_kept) {
    ASSERT_TRUE(apply({integration(), instance("acme", "region: south")}).ok());
    const auto set = [&](const char* values) {
        return words(change("acme", set_config(json::parse(values).value())));
    };
    EXPECT_NE(set(R"({"limit":"many"})").find("config.limit must be"), std::string::npos);
    EXPECT_NE(set(R"({"lmit":1})").find("\"lmit\""), std::string::npos);
    EXPECT_EQ(set(R"({"region":"east","limit":3})"),
              "update acme\n  config.limit is 3, not nothing\n"
              "  config.region is \"east\", not \"south\"\n");
    EXPECT_EQ(region("acme"), "east");
    EXPECT_EQ(set(R"({"key":{"$env":"KEY"}})"), "update acme\n  config.key changes\n");
    restart();
    EXPECT_EQ(region("acme"), "east");
    EXPECT_EQ(host_->current("acme", "hook")->secrets.at("key").as_string(), "value-of-key");
    ASSERT_EQ(set(R"({"region":null})"), "update acme\n  config.region is nothing, not \"east\"\n");
    EXPECT_EQ(region("acme"), "north");
}

TEST_F(changes_test, deploy_flows_run_and_what_failed_is_tried_again_when_it_is_applied) {
    const auto both = {integration("1.0.0", with_lifecycle), instance("acme")};
    EXPECT_NE(words(apply(both)).find("its deploy flows run: up"), std::string::npos);
    EXPECT_EQ(state("acme"), "deploying");
    end_run(false);
    EXPECT_EQ(state("acme"), "failed");
    EXPECT_NE(words(apply(both)).find("failed and is tried again"), std::string::npos);
    EXPECT_EQ(state("acme"), "deploying");
    end_run(true);
    EXPECT_EQ(state("acme"), "deployed");
    EXPECT_EQ(words(apply(both)), "none test/one\nnone acme\n");
}

TEST_F(changes_test, a_removed_instance_is_gone_when_its_undeploy_flows_have_ended) {
    ASSERT_TRUE(apply({integration("1.0.0", with_lifecycle), instance("acme")}).ok());
    end_run(true);
    const std::string token = host_->endpoints()[0].token;
    ASSERT_TRUE(change("acme", remove()).ok());
    EXPECT_EQ(state("acme"), "undeploying");
    EXPECT_EQ(host_->find_endpoint(token), nullptr);
    const change_result early = apply({instance("acme")});
    EXPECT_NE(words(early).find("is being removed"), std::string::npos);
    EXPECT_EQ(early.problems.at(0).code, base::error_code::conflict);
    end_run(false);
    EXPECT_EQ(state("acme"), "failed");
    ASSERT_TRUE(change("acme", remove()).ok()) << "once more";
    end_run(true);
    EXPECT_EQ(state("acme"), "removed");
    turn_until([this] { return !host_->has("acme"); });
    EXPECT_EQ(records(instance_kind), 0u);
    EXPECT_EQ(records(endpoint_kind), 0u);
    ASSERT_TRUE(apply({instance("acme")}).ok()) << "as a new one";
    end_run(true);
    EXPECT_EQ(state("acme"), "deployed");
    EXPECT_NE(host_->endpoints().at(0).token, token);
}

TEST_F(changes_test, a_removal_that_was_accepted_goes_on_after_a_kill) {
    ASSERT_TRUE(apply({integration("1.0.0", with_lifecycle), instance("acme")}).ok());
    end_run(true);
    ASSERT_TRUE(change("acme", remove()).ok());
    restart();
    EXPECT_EQ(state("acme"), "undeploying");
    EXPECT_TRUE(host_->endpoints().empty());
}

TEST_F(changes_test, one_that_could_not_run_comes_back_when_it_is_applied) {
    ASSERT_TRUE(apply({integration(), instance("acme", "key: { $env: KEY }")}).ok());
    variable_.reset();
    end();
    variable_.reset();
    start();
    EXPECT_FALSE(host_->runs("acme"));
    ASSERT_EQ(host_->instances().size(), 1u) << "it is known still";
    EXPECT_NE(host_->find_instance("acme")->problem.find("KEY is not set"), std::string::npos);
    EXPECT_EQ(host_->find_instance("acme")->version, "1.0.0");
    EXPECT_EQ(host_->instances_of("of-acme"), texts{"acme"});
    ASSERT_EQ(host_->endpoints().size(), 1u) << "its senders are told to come again";
    EXPECT_EQ(words(change("acme", resume())).substr(0, 2), "! ") << "it still cannot";
    variable_ = "back";
    EXPECT_EQ(words(change("acme", resume())), "none acme\n");
    EXPECT_EQ(host_->current("acme", "hook")->secrets.at("key").as_string(), "back");
    EXPECT_EQ(state("acme"), "deployed");
}

TEST_F(changes_test, relative_paths_are_refused_with_their_place) {
    const change_result told = apply({integration(), instance("acme", "key: { $file: key.txt }")});
    ASSERT_EQ(told.problems.size(), 1u);
    EXPECT_NE(told.problems[0].message.find("\"key.txt\" is relative"), std::string::npos);
    EXPECT_EQ(told.problems[0].where->line, 4);
}

TEST_F(changes_test, calls_that_cannot_work_are_warned_of) {
    const document calling = {"integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: 1.0.0 }
connectors: { app: "*" }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { call: app.creat } } ] }
)"};
    manifest::connector_facts app;
    app.id = "app";
    app.version = "1.0.0";
    app.actions["create"] = {};
    change_request request;
    request.documents = {calling};
    request.dry_run = true;
    const std::size_t others = make(request).warnings.size();
    request.connectors =
        std::make_shared<const manifest::connector_catalog>(manifest::connector_catalog{app});
    const change_result told = make(request);
    ASSERT_EQ(told.warnings.size(), others + 1) << "of connectors, now that they are known";
    EXPECT_EQ(told.warnings.front().to_text(),
              "integration.yaml:5:56: the connector \"app\" has no action \"creat\" (did you mean "
              "\"create\"?)");
    app.version = "0.0.1";
    request.documents[0].text.replace(request.documents[0].text.find("\"*\""), 3, "^1.0");
    request.connectors =
        std::make_shared<const manifest::connector_catalog>(manifest::connector_catalog{app});
    EXPECT_EQ(make(request).warnings.size(), others) << "another version may come";
}

TEST_F(changes_test, who_may_not_is_refused_before_anything_is_told) {
    ASSERT_TRUE(apply({integration(), instance("acme")}).ok());
    change_request request;
    request.documents = {instance("globex")};
    request.may = [](const manifest::instance_file&, const kept_instance* now) {
        return now != nullptr ? base::result<void>()
                              : base::make_error(base::error_code::not_found, "");
    };
    EXPECT_EQ(make(request).problems.at(0).code, base::error_code::not_found);
    request.documents = {instance("acme", "region: south")};
    EXPECT_TRUE(make(request).ok());
    request.may_bring_integrations = false;
    request.documents = {integration("2.0.0")};
    EXPECT_EQ(make(request).problems.at(0).code, base::error_code::auth);
}

}  // namespace
}  // namespace sluice::instance
