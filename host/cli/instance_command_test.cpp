// `sluice instance` on a data folder as a host leaves it.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "instance/deployment_record.hpp"
#include "json/text.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

class instance_command : public testing::Test {
  protected:
    void SetUp() override {
        instance::deployment_record record;
        record.customer = "customer-of-acme";
        record.integration = "test/one";
        record.release = "1.2.0";
        record.state = instance::deployment_record::state_kind::failed;
        record.attempt = 2;
        record.reason = "retry";
        record.error = "onDeploy: Forbidden";
        record.runs = {{"onDeploy", 77, "failed"}};
        store::sqlite_options options;
        options.folder = folder_.path();
        options.clock = &clock_;
        options.disk.reserve_bytes = 0;
        auto opened = store::open_sqlite_store(std::move(options));
        ASSERT_TRUE(opened) << opened.error_value().to_text();
        std::promise<base::result<void>> written;
        (*opened)->put_config(
            {instance::deployment_kind, "acme", json::to_text(record.to_json()), 0},
            [&](base::result<void> how) { written.set_value(std::move(how)); });
        ASSERT_TRUE(written.get_future().get());
        (*opened)->close();
    }
    int run(std::vector<std::string> words) {
        words.insert(words.begin(), {"sluice", "instance"});
        words.insert(words.end(), {"--data", folder_.path().string()});
        std::vector<const char*> argv;
        for (const std::string& word : words)
            argv.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = run_command_line(static_cast<int>(argv.size()), argv.data());
        std::fflush(stdout);
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
        return code;
    }
    bool says(const std::string& text) const { return out_.find(text) != std::string::npos; }

    base::temporary_folder folder_;
    base::system_clock clock_;
    std::string out_, err_;
};

TEST_F(instance_command, tells_what_has_become_of_each) {
    EXPECT_EQ(run({"list"}), exit_ok);
    for (const char* text :
         {"acme", "customer-of-acme", "test/one", "1.2.0", "failed", "Forbidden"})
        EXPECT_TRUE(says(text)) << text << " in " << out_;
    EXPECT_EQ(run({"list", "--json"}), exit_ok);
    const auto all = json::parse(out_);
    ASSERT_TRUE(all) << out_;
    EXPECT_EQ(all->get("instances").at(0).string_or("state", ""), "failed");
}

TEST_F(instance_command, shows_the_executions_of_one) {
    EXPECT_EQ(run({"show", "acme"}), exit_ok);
    EXPECT_TRUE(says("onDeploy") && says(base::execution_id_text(77))) << out_;
    EXPECT_TRUE(says("2 (retry)")) << out_;
    EXPECT_EQ(run({"show", "acme", "--json"}), exit_ok);
    const auto one = json::parse(out_);
    ASSERT_TRUE(one) << out_;
    EXPECT_EQ(one->get("flows").at(0).string_or("execution", ""), base::execution_id_text(77));
}

TEST_F(instance_command, one_that_is_not_there_is_refused) {
    EXPECT_EQ(run({"show", "nobody"}), exit_refused);
    EXPECT_NE(err_.find("\"nobody\""), std::string::npos) << err_;
}

}  // namespace
}  // namespace sluice::cli
