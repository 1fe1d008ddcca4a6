#include "instance/deployments.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::instance {
namespace {

class deployments_test : public testing::Test {
  protected:
    void SetUp() override { open(); }
    void TearDown() override { close(); }

    void open(secret_fields known = {}) {
        store::sqlite_options options;
        options.folder = folder_.path() / "data";
        options.clock = &clock_;
        options.disk.reserve_bytes = 0;
        auto opened = store::open_sqlite_store(std::move(options));
        ASSERT_TRUE(opened) << opened.error_value().to_text();
        store_ = std::move(*opened);
        host_ = std::make_unique<deployments>(
            *store_, random_,
            [](const std::string& name) {
                return name == "KEY" ? std::optional<std::string>("value-of-key") : std::nullopt;
            },
            std::move(known));
    }
    void close() {
        host_.reset();
        if (store_) store_->close();
        store_.reset();
    }

    std::filesystem::path integration(const std::string& set) {
        return write("integration.yaml", R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: test, name: one, version: 1.0.0 }
connectors: { app: "*" }
connections: { main: { connector: app, type: apiKey } }
config:
  region: { type: string, default: north }
  hookSecret: { type: secret, required: true }
flows:
  hook:
    trigger: { webhook: {} }
    do: [ { a: { set: )" + set + R"( } } ]
  inner:
    trigger: { call: {} }
    do: [ { b: { set: 2 } } ]
)");
    }
    std::filesystem::path instance(const std::string& extra = {}) {
        return write("instance.yaml",
                     R"(instance: acme
customer: acme
integration: test/one
config: { hookSecret: { $env: KEY } )" +
                         extra + R"(}
connections: { main: { type: apiKey, apiKey: { $env: KEY } } }
)");
    }
    std::filesystem::path write(const std::string& name, const std::string& content) {
        const std::filesystem::path file = folder_.path() / name;
        std::ofstream(file) << content;
        return file;
    }

    base::temporary_folder folder_;
    base::system_clock clock_;
    base::secure_random random_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<deployments> host_;
};

TEST_F(deployments_test, refuses_two_integrations_of_the_same_name) {
    const auto first = integration("1");
    const auto second = write("copy.yaml", base::read_file(first).value());
    const apply_report report = host_->apply({first, second, instance()});
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].message, "there are two integrations \"test/one\"");
    EXPECT_EQ(report.problems[0].where->file, second.string());
    EXPECT_TRUE(host_->endpoints().empty());
}

TEST_F(deployments_test, hides_from_records_what_is_secret_and_nothing_else) {
    const auto file = write("instance.yaml", R"(instance: acme
customer: acme
integration: test/one
config: { hookSecret: { $env: KEY } }
connections: { main: { type: apiKey, apiKey: the-key-of-acme, user: name-of-somebody, baseUrl: "https://app.example" } }
)");
    for (const bool there : {true, false}) {
        close();
        open([there](const std::string& connector, const auto*,
                     const std::string& type) -> std::optional<field_secrecy> {
            EXPECT_EQ(connector + '.' + type, "app.apiKey");
            if (!there) return std::nullopt;
            return field_secrecy{{"apiKey"}, {"user"}};
        });
        ASSERT_TRUE(host_->apply({integration("1"), file}).ok());
        const auto flow = host_->current("acme", "hook");
        ASSERT_TRUE(flow && flow->hidden);
        EXPECT_EQ(flow->hidden->replace("value-of-key the-key-of-acme https://app.example"),
                  "[redacted] [redacted] https://app.example");
        EXPECT_EQ(flow->hidden->found_in("name-of-somebody"), !there);
        EXPECT_FALSE(flow->hidden->found_in(host_->endpoints()[0].token))
            << "flows compare addresses of webhooks";
    }
}

TEST_F(deployments_test, hides_from_logs_all_but_what_is_called_harmless) {
    // No text here is in another test: what is hidden once stays so in this process.
    const auto file = write("instance.yaml", R"(instance: acme
customer: acme
integration: test/one
config: { hookSecret: { $env: KEY } }
connections:
  main:
    type: apiKey
    apiKey: logged-key
    user: logged-user
    host: { $env: KEY }
    list: [logged-item]
    unmarked: logged-unmarked
)");
    const field_secrecy said{{"apiKey"}, {"user", "host", "list"}};
    close();
    open([&](const auto&, const auto*, const auto&) { return std::optional(said); });
    ASSERT_TRUE(host_->apply({integration("1"), file}).ok());
    EXPECT_EQ(base::redact("logged-key logged-user value-of-key logged-item logged-unmarked"),
              "[redacted] logged-user [redacted] [redacted] [redacted]");
    close();
    open([](const auto&, const auto*, const auto&) { return std::optional<field_secrecy>(); });
    ASSERT_TRUE(host_->apply({integration("1"), file}).ok());
    EXPECT_EQ(base::redact("logged-user"), "[redacted]") << "nobody calls it harmless";
}

TEST_F(deployments_test, gives_each_webhook_flow_an_address_that_survives_restarts) {
    ASSERT_TRUE(host_->apply({integration("1"), instance()}).ok());
    ASSERT_EQ(host_->endpoints().size(), 1u);
    const endpoint first = host_->endpoints()[0];
    EXPECT_EQ(first.flow, "hook");
    EXPECT_EQ(first.token.size(), 43u);
    close();
    open();
    ASSERT_TRUE(host_->apply({integration("2"), instance()}).ok()) << "an upgrade";
    EXPECT_EQ(host_->endpoints()[0].token, first.token);
    ASSERT_NE(host_->find_endpoint(first.token), nullptr);
    EXPECT_EQ(host_->find_endpoint(first.token)->instance, "acme");
    EXPECT_EQ(host_->find_endpoint(first.token + "x"), nullptr);
    EXPECT_EQ(host_->find_endpoint(""), nullptr);
}

TEST_F(deployments_test, keeps_secrets_apart_from_what_expressions_see) {
    ASSERT_TRUE(host_->apply({integration("1"), instance()}).ok());
    const auto flow = host_->current("acme", "hook");
    ASSERT_TRUE(flow);
    EXPECT_EQ(flow->config.string_or("region", ""), "north");
    EXPECT_EQ(flow->config.find("hookSecret"), nullptr);
    EXPECT_EQ(flow->secrets.at("hookSecret").as_string(), "value-of-key");
    const base::result<json::value> connection = json::parse(flow->connections.at("main"));
    ASSERT_TRUE(connection);
    EXPECT_EQ(*connection, json::value::object({{"type", "apiKey"}, {"apiKey", "value-of-key"}}));
}

TEST_F(deployments_test, an_execution_finds_the_version_it_started_with_after_an_upgrade) {
    ASSERT_TRUE(host_->apply({integration("1"), instance()}).ok());
    const std::string old_version = host_->current("acme", "hook")->integration->hash;
    close();
    open();
    ASSERT_TRUE(host_->apply({integration("2"), instance()}).ok());
    EXPECT_NE(host_->current("acme", "hook")->integration->hash, old_version);
    const auto old = host_->find("acme", "hook", old_version);
    ASSERT_TRUE(old) << old.error_value().to_text();
    EXPECT_EQ((*old)->integration->hash, old_version);
    EXPECT_EQ((*old)->flow->tasks.size(), 1u);
    EXPECT_FALSE(host_->find("acme", "hook", "0000"));
    EXPECT_FALSE(host_->find("other", "hook", old_version));
}

TEST_F(deployments_test, finds_a_version_that_was_not_there_before_it_was_applied) {
    ASSERT_TRUE(host_->apply({integration("1"), instance()}).ok());
    const std::string first = host_->current("acme", "hook")->integration->hash;
    close();
    std::filesystem::remove_all(folder_.path() / "data");
    open();
    ASSERT_TRUE(host_->apply({integration("2"), instance()}).ok());
    for (int i = 0; i < 2; ++i)
        EXPECT_FALSE(host_->find("acme", "hook", first));
    ASSERT_TRUE(host_->apply({integration("1"), instance()}).ok());
    ASSERT_TRUE(host_->apply({integration("2"), instance()}).ok());
    EXPECT_TRUE(host_->find("acme", "hook", first));
}

TEST_F(deployments_test, tells_flows_their_addresses) {
    ASSERT_TRUE(host_->apply({integration("1"), instance()}).ok());
    host_->set_public_url("https://hooks.example.com");
    const auto flow = host_->current("acme", "inner");
    ASSERT_TRUE(flow);
    EXPECT_EQ(flow->instance_info.get("webhooks").string_or("hook", ""),
              "https://hooks.example.com/hooks/" + host_->endpoints()[0].token);
}

TEST_F(deployments_test, one_address_for_all_webhook_flows_when_the_manifest_says_so) {
    const auto file = write("integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: 1.0.0 }
connectors: { app: "*" }
connections: { main: { connector: app, type: apiKey } }
config: { hookSecret: { type: secret, required: true } }
endpoint: { scope: instance, preprocess: pick }
flows:
  pick: { trigger: { preprocess: {} }, do: [ { a: { set: { flow: left } } } ] }
  left: { trigger: { webhook: {} }, do: [ { b: { set: 1 } } ] }
  right: { trigger: { webhook: {} }, do: [ { c: { set: 2 } } ] }
)");
    ASSERT_TRUE(host_->apply({file, instance()}).ok());
    host_->set_public_url("https://hooks.example.com");
    ASSERT_EQ(host_->endpoints().size(), 1u);
    EXPECT_EQ(host_->endpoints()[0].flow, "pick");
    const json::value webhooks = host_->current("acme", "left")->instance_info.get("webhooks");
    const std::string address = "https://hooks.example.com/hooks/" + host_->endpoints()[0].token;
    for (const char* flow : {"pick", "left", "right"})
        EXPECT_EQ(webhooks.string_or(flow, ""), address);
}

TEST_F(deployments_test, refuses_the_whole_set_when_one_file_is_wrong) {
    const apply_report report = host_->apply({integration("1"), instance(", regoin: south")});
    EXPECT_FALSE(report.ok());
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_NE(report.problems[0].to_text().find("instance.yaml:4:"), std::string::npos)
        << report.problems[0].to_text();
    EXPECT_NE(report.problems[0].hint.find("region"), std::string::npos);
    EXPECT_TRUE(host_->endpoints().empty());
    EXPECT_FALSE(host_->current("acme", "hook"));
}

TEST_F(deployments_test, refuses_instances_without_integration_and_two_of_one_name) {
    EXPECT_FALSE(host_->apply({instance()}).ok());
    const auto copy = folder_.path() / "copy.yaml";
    const auto first = instance();
    std::filesystem::copy_file(first, copy);
    const apply_report twice = host_->apply({integration("1"), first, copy});
    ASSERT_EQ(twice.problems.size(), 1u);
    EXPECT_NE(twice.problems[0].message.find("two instances"), std::string::npos);
}

}  // namespace
}  // namespace sluice::instance
