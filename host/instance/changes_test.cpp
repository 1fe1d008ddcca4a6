// Changes of what is deployed while a host runs, on a real store; "restart" is a new process.
#include "instance/changes.hpp"

#include <gtest/gtest.h>

#include "base/base_testing.hpp"
#include "base/encoding.hpp"
#include "base/manual_loop.hpp"
#include "base/seal.hpp"
#include "instance/edits.hpp"
#include "json/text.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::instance {
namespace {

using texts = std::vector<std::string>;

class changes_test : public testing::Test {
  protected:
    void SetUp() override { start(); }
    void TearDown() override { end(); }

    void start() {
        store::sqlite_options options;
        options.folder = folder_.path() / "data";
        options.clock = &clock_;
        options.disk.reserve_bytes = 0;
        store_ = std::move(store::open_sqlite_store(std::move(options)).value());
        auto keys = master_keys::parse(
            base::secret(base::to_base64(std::string(base::seal_key_size, 'k'))), "test");
        vault_ = std::move(vault::open(*store_, std::move(*keys), random_).value());
        host_ = std::make_unique<deployments>(
            *store_, random_,
            [this](const std::string& name) {
                return name == "KEY" ? variable_ : std::optional<std::string>();
            },
            secret_fields{}, vault_.get());
        const apply_report report = host_->apply({});
        ASSERT_TRUE(report.ok()) << report.problems.front().to_text();
        host_->set_public_url("https://hooks.test");
        const auto later = [this](std::function<void()> work) { loop_.post(std::move(work)); };
        states_ = std::make_unique<lifecycle>(lifecycle_ports{
            loop_, clock_, ids_, *store_, later,
            [this](const store::new_event& event, json::value) { begun_.push_back(event); },
            [this](const std::string& name, store::config_change record, auto finished) {
                forget_instance(*store_, *vault_, name, std::move(record), std::move(finished));
            },
            [this](const std::string& name, const deployment_record& now) {
                if (now.state == deployment_record::state_kind::removed) host_->forget(name);
            }});
        ASSERT_TRUE(states_->start(host_->wanted({})));
        changes_ = std::make_unique<changes>(
            change_ports{loop_,
                         *store_,
                         *host_,
                         *states_,
                         later,
                         {},
                         [this](const texts& names, std::function<void()> done) {
                             followed_ = names;
                             loop_.post(std::move(done));
                         }});
        settle();
    }
    void end() {
        changes_.reset();
        states_.reset();
        host_.reset();
        store_->close();
        loop_.clear();
        vault_.reset();
        store_.reset();
        begun_.clear();
    }
    void restart() {
        end();
        start();
    }
    // Until nothing has been written for a moment: records of the lifecycle included.
    void settle() {
        turn_until([this] { return store_->health()->queued == 0; });
        for (int quiet = 0; quiet < 3;) {
            const auto before = store_->health()->batches;
            loop_.run_ready();
            quiet = store_->health()->batches == before && loop_.run_ready() == 0 ? quiet + 1 : 0;
        }
    }
    void turn_until(const std::function<bool()>& condition) {
        ASSERT_TRUE(base::wait_until([&] {
            loop_.run_ready();
            return condition();
        }));
    }

    change_result make(change_request request) {
        std::optional<change_result> out;
        changes_->make(std::move(request), [&](change_result told) { out = std::move(told); });
        turn_until([&] { return out.has_value(); });
        return out.value_or(change_result{});
    }
    change_result apply(std::vector<document> documents, bool dry_run = false) {
        change_request request;
        request.documents = std::move(documents);
        request.dry_run = dry_run;
        return make(std::move(request));
    }
    change_result change(const std::string& name, edit how) {
        change_request request;
        request.edits.emplace(name, std::move(how));
        return make(std::move(request));
    }
    static document integration(const std::string& release = "1.0.0",
                                const std::string& flows = "") {
        return {"integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: )" +
                                        release + R"( }
config:
  region: { type: string, default: north }
  limit: { type: integer }
  key: { type: secret }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: ")" +
                                        release + R"(" } } ] }
)" + flows};
    }
    static document instance(const std::string& name, const std::string& config = "") {
        return {name + ".yaml", "instance: " + name + "\ncustomer: of-" + name +
                                    "\nintegration: test/one\nconfig: { " + config + " }\n"};
    }
    static constexpr const char* with_lifecycle =
        "  up: { trigger: { deploy: {} }, do: [ { a: { set: 1 } } ] }\n"
        "  down: { trigger: { undeploy: {} }, do: [ { a: { set: 1 } } ] }\n";
    // The execution that was begun last ends.
    void end_run(bool well) {
        turn_until([this] { return !begun_.empty(); });
        engine::end_of_execution how;
        how.how = well ? engine::end_of_execution::kind::succeeded
                       : engine::end_of_execution::kind::failed;
        const store::event_id id = begun_.back().id;
        begun_.pop_back();
        states_->on_end(id, how);
        settle();
    }
    std::string state(const std::string& name) {
        const deployment_record* const found = states_->record(name);
        return found == nullptr ? "unknown" : to_string(found->state);
    }
    std::string region(const std::string& name) {
        const flow_ptr flow = host_->current(name, "hook");
        return flow ? flow->config.string_or("region", "") : "not there";
    }
    std::string version(const std::string& name) {
        const auto found = host_->find_instance(name);
        return found ? found->version : "not there";
    }
    std::size_t records(const char* kind) { return store_->config(kind)->size(); }
    static std::string words(const change_result& of) {
        std::string out;
        for (const base::error& one : of.problems)
            out += "! " + one.to_text() + '\n';
        for (const planned& one : of.plan) {
            out += std::string(to_string(one.change)) + ' ' + one.object + '\n';
            for (const std::string& sentence : one.details)
                out += "  " + sentence + '\n';
        }
        return out;
    }

    base::temporary_folder folder_;
    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    base::seeded_random random_{11};
    base::id_generator ids_{clock_, random_};
    std::optional<std::string> variable_ = "value-of-key";
    std::unique_ptr<store::store> store_;
    std::unique_ptr<vault> vault_;
    std::unique_ptr<deployments> host_;
    std::unique_ptr<lifecycle> states_;
    std::unique_ptr<changes> changes_;
    std::vector<store::new_event> begun_;
    texts followed_;
};

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
    EXPECT_FALSE(host_->has("acme"));
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
