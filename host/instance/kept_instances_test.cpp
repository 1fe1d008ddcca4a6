// Instances that go on, and go, without their files.
#include "instance/kept_instances.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/seal.hpp"
#include "instance/deployment_record.hpp"
#include "instance/deployments.hpp"
#include "json/text.hpp"
#include "store/change_now.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::instance {
namespace {

class kept_instances_test : public testing::Test {
  protected:
    void SetUp() override { open(); }
    void TearDown() override { close(); }

    void open() {
        store::sqlite_options options;
        options.folder = data_;
        options.clock = &clock_;
        options.disk.reserve_bytes = 0;
        auto opened = store::open_sqlite_store(std::move(options));
        ASSERT_TRUE(opened) << opened.error_value().to_text();
        store_ = std::move(*opened);
        auto key = master_keys::parse(
            base::secret(base::to_base64(std::string(base::seal_key_size, 'k'))), "test");
        auto sealing = vault::open(*store_, std::move(*key), random_);
        ASSERT_TRUE(sealing) << sealing.error_value().to_text();
        vault_ = std::move(*sealing);
        host_ = std::make_unique<deployments>(
            *store_, random_,
            [this](const std::string& name) {
                return name == "KEY" ? variable_ : std::optional<std::string>();
            },
            secret_fields{}, vault_.get());
    }
    void close() {
        host_.reset();
        if (store_) store_->close();
        vault_.reset();
        store_.reset();
    }
    // What a new process with these arguments makes of it.
    apply_report serve(const std::vector<std::filesystem::path>& files,
                       const std::set<std::string>& remove = {}) {
        close();
        open();
        apply_report report = host_->apply(files, remove);
        host_->set_public_url("https://hooks.example.com");
        return report;
    }
    std::filesystem::path integration(const std::string& release = "1.0.0") {
        return write("integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: )" +
                                             release + R"( }
connectors: { app: "*" }
connections: { main: { connector: app, type: apiKey } }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: 1 } } ] }
  goodbye: { trigger: { undeploy: {} }, do: [ { b: { set: 2 } } ] }
)");
    }
    // `secret` is a reference, or the text itself.
    std::filesystem::path instance(const std::string& name, const std::string& secret) {
        return write(name + ".yaml", "instance: " + name +
                                         "\ncustomer: acme\nintegration: test/one\n"
                                         "connections: { main: { apiKey: " +
                                         secret + " } }\n");
    }
    std::filesystem::path write(const std::string& name, const std::string& content) {
        const std::filesystem::path file = folder_.path() / name;
        std::ofstream(file) << content;
        return file;
    }
    void forget(const std::string& name) {
        std::promise<base::result<void>> gone;
        deployment_record record;
        record.customer = host_->find_instance(name)->customer;
        record.state = deployment_record::state_kind::removed;
        forget_instance(*store_, *vault_, name,
                        {{deployment_kind, name, json::to_text(record.to_json()), 0}, false},
                        [&](base::result<void> how) { gone.set_value(std::move(how)); });
        ASSERT_TRUE(gone.get_future().get());
    }
    std::string secret_of(const std::string& name) {
        const auto flow = host_->current(name, "hook");
        if (!flow) return "not there";
        return json::parse(flow->connections.at("main"))->string_or("apiKey", "");
    }

    base::temporary_folder folder_;
    std::filesystem::path data_ = folder_.path() / "data";
    base::system_clock clock_;
    base::secure_random random_;
    std::optional<std::string> variable_ = "value-of-variable";
    std::unique_ptr<store::store> store_;
    std::unique_ptr<vault> vault_;
    std::unique_ptr<deployments> host_;
};

TEST_F(kept_instances_test, an_instance_goes_on_without_its_file) {
    write("secret.txt", "text-of-the-file\n");
    ASSERT_TRUE(serve({integration(), instance("acme", "{ $file: secret.txt }"),
                       instance("globex", "{ $env: KEY }"), instance("initech", "in-the-file")})
                    .ok());
    const auto before = host_->wanted({});
    const std::string token = host_->endpoints().at(0).token;
    for (const char* file : {"acme.yaml", "globex.yaml", "initech.yaml", "integration.yaml"})
        std::filesystem::remove(folder_.path() / file);
    ASSERT_TRUE(serve({}).ok());
    EXPECT_EQ(secret_of("acme"), "text-of-the-file");
    EXPECT_EQ(secret_of("globex"), "value-of-variable");
    EXPECT_EQ(secret_of("initech"), "in-the-file");
    EXPECT_EQ(host_->endpoints().at(0).token, token);
    const auto after = host_->wanted({});
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i)
        EXPECT_EQ(after[i].fingerprint, before[i].fingerprint);
}

TEST_F(kept_instances_test, what_is_kept_holds_no_secret_in_clear) {
    ASSERT_TRUE(serve({integration(), instance("acme", "canary-in-the-file")}).ok());
    ASSERT_TRUE(serve({}).ok());
    close();
    int looked_at = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator(data_)) {
        if (!each.is_regular_file()) continue;
        ++looked_at;
        const auto content = base::read_file(each.path());
        ASSERT_TRUE(content);
        EXPECT_EQ(content->find("canary-in-the-file"), std::string::npos) << each.path();
    }
    EXPECT_GT(looked_at, 0);
}

TEST_F(kept_instances_test, a_reference_is_read_anew_at_each_start) {
    ASSERT_TRUE(serve({integration(), instance("acme", "{ $env: KEY }")}).ok());
    variable_ = "another-value";
    ASSERT_TRUE(serve({}).ok());
    EXPECT_EQ(secret_of("acme"), "another-value");
}

TEST_F(kept_instances_test, one_that_cannot_run_holds_up_no_other) {
    ASSERT_TRUE(
        serve({integration(), instance("acme", "{ $env: KEY }"), instance("globex", "in-the-file")})
            .ok());
    variable_.reset();
    const apply_report report = serve({});
    ASSERT_TRUE(report.ok());
    ASSERT_EQ(report.warnings.size(), 1u);
    EXPECT_NE(report.warnings[0].message.find("\"acme\" does not run"), std::string::npos);
    EXPECT_EQ(secret_of("globex"), "in-the-file");
    EXPECT_EQ(host_->current("acme", "hook"), nullptr);
    EXPECT_EQ(host_->endpoints().size(), 2u) << "who sends to it is told to come again";
    variable_ = "back";
    ASSERT_TRUE(serve({}).ok());
    EXPECT_EQ(secret_of("acme"), "back");
}

TEST_F(kept_instances_test, it_stays_on_its_version_until_it_is_applied_with_another) {
    ASSERT_TRUE(serve({integration("1.0.0"), instance("acme", "text-of-acme")}).ok());
    ASSERT_TRUE(serve({integration("2.0.0"), instance("globex", "text-of-globex")}).ok());
    EXPECT_EQ(host_->current("acme", "hook")->integration->version, "1.0.0");
    EXPECT_EQ(host_->current("globex", "hook")->integration->version, "2.0.0");
    ASSERT_TRUE(serve({integration("2.0.0"), instance("acme", "text-of-acme")}).ok());
    EXPECT_EQ(host_->current("acme", "hook")->integration->version, "2.0.0");
}

TEST_F(kept_instances_test, one_that_is_removed_has_no_address_but_knows_the_one_it_had) {
    ASSERT_TRUE(serve({integration(), instance("acme", "in-the-file")}).ok());
    const std::string token = host_->endpoints().at(0).token;
    ASSERT_TRUE(serve({}, {"acme"}).ok());
    EXPECT_EQ(host_->find_endpoint(token), nullptr);
    EXPECT_TRUE(host_->endpoints().empty());
    EXPECT_TRUE(host_->flows().empty()) << "nothing of it starts by the clock";
    ASSERT_EQ(host_->wanted({}).size(), 1u);
    EXPECT_TRUE(host_->wanted({})[0].remove);
    const auto goodbye = host_->current("acme", "goodbye");
    ASSERT_TRUE(goodbye);
    EXPECT_EQ(goodbye->instance_info.get("webhooks").string_or("hook", ""),
              "https://hooks.example.com/hooks/" + token);
}

TEST_F(kept_instances_test, what_is_applied_is_not_removed_in_the_same_command) {
    const auto files = {integration(), instance("acme", "in-the-file")};
    ASSERT_TRUE(serve(files).ok());
    const apply_report report = serve(files, {"acme"});
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_NE(report.problems[0].message.find("applied and removed"), std::string::npos);
    ASSERT_TRUE(serve({}, {"acme"}).ok());
    ASSERT_TRUE(serve({}).ok());
    EXPECT_TRUE(host_->wanted({})[0].remove) << "it goes on without being asked again";
    ASSERT_TRUE(serve(files).ok()) << "a removal that had begun is called off";
    EXPECT_FALSE(host_->wanted({})[0].remove);
}

TEST_F(kept_instances_test, one_that_is_forgotten_comes_again_with_another_address) {
    const auto files = {integration(), instance("acme", "in-the-file"),
                        instance("acme-two", "in-the-file")};
    ASSERT_TRUE(serve(files).ok());
    const std::string first = host_->endpoints().at(0).token;
    const std::string second = host_->endpoints().at(1).token;
    forget("acme");
    EXPECT_EQ(store_->config("instance")->size(), 1u);
    EXPECT_EQ(store_->config("endpoint")->size(), 1u);
    EXPECT_EQ(store_->config("data_key")->size(), 1u);
    EXPECT_EQ(store_->config(deployment_kind)->size(), 1u);
    ASSERT_TRUE(serve({}).ok());
    EXPECT_EQ(host_->current("acme", "hook"), nullptr);
    ASSERT_TRUE(serve(files).ok());
    EXPECT_NE(host_->endpoints().at(0).token, first);
    EXPECT_EQ(host_->endpoints().at(1).token, second);
}

}  // namespace
}  // namespace sluice::instance
