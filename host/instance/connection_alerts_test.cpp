#include "instance/connection_alerts.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/manual_loop.hpp"
#include "json/text.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::instance {
namespace {

constexpr const char* integration = R"(manifest: "1"
integration: { namespace: test, name: one, version: 1.0.0 }
connectors: { app: "*" }
connections: { crm: { connector: app }, shop: { connector: app } }
config: { password: { type: secret }, to: { type: string, default: "http://ops" } }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: 1 } } ] }
alerts:
  login: { on: connection, connections: [ crm ], url: "${ $config.to }" }
)";
constexpr const char* acme = R"(instance: acme
customer: acme
integration: test/one
config: { password: { $env: KEY } }
connections: { crm: { type: key }, shop: { type: key } }
)";

class connection_alerts_test : public testing::Test {
  protected:
    void SetUp() override {
        store::sqlite_options options;
        options.folder = folder_.path() / "data";
        options.clock = &clock_;
        options.disk.reserve_bytes = 0;
        store_ = std::move(store::open_sqlite_store(std::move(options)).value());
        deployed_ = std::make_unique<deployments>(*store_, random_, [](const std::string&) {
            return std::optional<std::string>("a-known-secret");
        });
        begin();
    }
    void TearDown() override {
        store_->close();
        loop_.clear();
    }
    void deploy() {
        const auto report =
            deployed_->apply({write("integration.yaml", integration), write("acme.yaml", acme)});
        for (const base::error& one : report.problems)
            ADD_FAILURE() << one.to_text();
    }
    std::filesystem::path write(const std::string& name, const std::string& text) {
        std::ofstream(folder_.path() / name) << text;
        return folder_.path() / name;
    }
    // As after a start.
    void begin() {
        keys_ = {};
        keys_.start(store_->config(store::alert_kind).value());
        writer_ = std::make_unique<engine::alert_writer>(engine::alert_writer_ports{
            loop_, *store_, keys_,
            [this](const store::new_event& event, const json::value& payload) {
                const json::value& message = payload.get("message");
                told.push_back(event.flow + ' ' + message.string_or("connection", "?") + ' ' +
                               message.string_or("state", "?"));
                last = message;
            }});
        alerts_ = std::make_unique<connection_alerts>(
            connection_alert_ports{loop_, clock_, ids_, *deployed_, *writer_,
                                   [this](const connection_id&) { return given_up_; }});
        alerts_->start(raised());
    }
    std::vector<raised_alert> raised() { return read_alerts(*store_).value(); }
    void refuse(const char* name = "crm", const char* instance = "acme",
                const char* action = "app.read") {
        alerts_->refused(
            {instance, name}, action,
            engine::fault_of_call(
                base::make_error(base::error_code::auth, "401: that is not the key"), 0, {}));
        settle();
    }
    void drop_undeclared(const std::map<std::string, integration_ptr>& now) {
        drop(*writer_, undeclared(raised(), now));
    }
    // Until everything that was written is durable, and known here.
    void settle() {
        bool done = false;
        store_->append({}, [&](const auto&) { loop_.post([&] { done = true; }); });
        EXPECT_TRUE(base::wait_until([&] {
            loop_.run_ready();
            return done;
        }));
        loop_.run_ready();
    }

    base::temporary_folder folder_;
    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    base::seeded_random random_{3};
    base::id_generator ids_{clock_, random_};
    std::unique_ptr<store::store> store_;
    std::unique_ptr<deployments> deployed_;
    engine::raised_alerts keys_;
    bool given_up_ = false;  // by the provider
    std::unique_ptr<engine::alert_writer> writer_;
    std::unique_ptr<connection_alerts> alerts_;
    using texts = std::vector<std::string>;
    texts told;
    json::value last;
};

TEST_F(connection_alerts_test, refusals_are_one_alert_until_a_call_succeeds) {
    deploy();
    for (int i = 0; i < 3; ++i)
        refuse();
    clock_.advance_ms(60'000);
    refuse();
    EXPECT_EQ(told, texts{"login.alert crm raised"});
    EXPECT_EQ(last.string_or("kind", ""), "connection");
    EXPECT_EQ(last.string_or("customer", ""), "acme");
    EXPECT_EQ(last.get("error").int_or("status", 0), 401);
    EXPECT_EQ(last.get("error").string_or("detail", ""), "401: that is not the key");
    ASSERT_EQ(raised().size(), 1u);
    EXPECT_EQ(raised()[0].count, 2) << "once a minute";
    EXPECT_EQ(raised()[0].about, "crm");
    alerts_->works({"acme", "shop"}, "app.read");
    settle();
    EXPECT_EQ(raised().size(), 1u);
    alerts_->works({"acme", "crm"}, "app.read");
    alerts_->works({"acme", "crm"}, "app.read");
    settle();
    EXPECT_EQ(told, (texts{"login.alert crm raised", "login.alert crm cleared"}));
    EXPECT_TRUE(raised().empty());
    refuse();
    EXPECT_EQ(told.size(), 3u);
}

TEST_F(connection_alerts_test, a_restart_knows_what_is_raised) {
    deploy();
    refuse();
    begin();
    alerts_->broken({"acme", "crm"}, "still");
    settle();
    EXPECT_EQ(raised()[0].count, 1) << "it is known already";
    alerts_->works({"acme", "crm"}, "app.read");
    settle();
    EXPECT_EQ(told, (texts{"login.alert crm raised", "login.alert crm cleared"}));
}

TEST_F(connection_alerts_test, what_is_refused_is_cleared_by_its_own_success_or_the_test) {
    deploy();
    refuse("crm", "acme", "app.write");
    alerts_->works({"acme", "crm"}, "app.read");
    settle();
    EXPECT_EQ(raised().size(), 1u) << "it may read, and still not write";
    refuse("crm", "acme", "app.write");
    EXPECT_EQ(raised().at(0).count, 1) << "no transaction for each";
    begin();
    alerts_->works({"acme", "crm"}, "app.read");
    settle();
    EXPECT_EQ(raised().size(), 1u) << "a restart knows what was refused";
    refuse("crm", "acme", "app.list");
    alerts_->works({"acme", "crm"}, "app.write");
    settle();
    EXPECT_EQ(raised().size(), 1u);
    alerts_->works({"acme", "crm"}, "app.list");
    settle();
    EXPECT_EQ(told, (texts{"login.alert crm raised", "login.alert crm cleared"}));
    refuse("crm", "acme", "app.write");
    alerts_->restored({"acme", "crm"});
    settle();
    EXPECT_TRUE(raised().empty());
    refuse("crm", "acme", "app.write");
    alerts_->replace({"acme"});
    alerts_->works({"acme", "crm"}, "app.read");
    settle();
    EXPECT_TRUE(raised().empty()) << "it has other settings now";
}

TEST_F(connection_alerts_test, a_call_with_an_old_token_clears_nothing_that_the_provider_broke) {
    deploy();
    given_up_ = true;
    alerts_->broken({"acme", "crm"}, "the grant is gone");
    settle();
    alerts_->works({"acme", "crm"}, "app.read");
    settle();
    EXPECT_EQ(told, texts{"login.alert crm raised"});
    given_up_ = false;
    alerts_->restored({"acme", "crm"});
    settle();
    EXPECT_EQ(told, (texts{"login.alert crm raised", "login.alert crm cleared"}));
}

TEST_F(connection_alerts_test, of_an_instance_that_is_removed_nothing_stays) {
    deploy();
    refuse();
    drop_undeclared({{"acme", nullptr}});
    settle();
    EXPECT_TRUE(raised().empty());
    EXPECT_EQ(told, texts{"login.alert crm raised"}) << "nobody is told";
    alerts_->broken({"acme", "crm"}, "of the new one of that name");
    settle();
    EXPECT_EQ(told.size(), 2u);
}

TEST_F(connection_alerts_test, what_nobody_watches_is_told_to_nobody) {
    refuse();
    deploy();
    refuse("shop");
    refuse("crm", "globex");
    EXPECT_TRUE(told.empty());
    EXPECT_TRUE(raised().empty());
    alerts_->broken({"acme", "crm"}, "the provider refused");
    settle();
    EXPECT_EQ(told, texts{"login.alert crm raised"});
    EXPECT_EQ(
        last.get("error")
            .string_or("detail", "")
            .find(
                "the connection \"crm\" of instance \"acme\" does not work: the provider refused"),
        0u);
}

TEST_F(connection_alerts_test, an_alert_that_is_not_declared_any_more_is_dropped) {
    deploy();
    refuse();
    const auto now = deployed_->flows_of("acme").front()->integration;
    drop_undeclared({{"acme", now}, {"globex", nullptr}});
    settle();
    EXPECT_EQ(raised().size(), 1u);
    auto without = std::make_shared<manifest::integration>(*now);
    without->alerts.front().about = {"shop"};
    drop_undeclared({{"acme", without}});
    settle();
    EXPECT_TRUE(raised().empty());
    begin();
    refuse();
    ASSERT_EQ(raised().size(), 1u);
    drop_undeclared({{"acme", nullptr}});
    settle();
    EXPECT_TRUE(raised().empty());
}

}  // namespace
}  // namespace sluice::instance
