// The promise of the ABI, kept: a connector that was built with the SDK of ABI 1.0 and not since
// (tests/connectors/released) loads in this host, and all of it works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "json/text.hpp"
#include "plugin/check.hpp"
#include "plugin/plugin_testing.hpp"
#include "store/store_testing.hpp"

namespace sluice::plugin {

namespace {

using testing::HasSubstr;

std::filesystem::path kept_file() { return fixture("probe-1.0-x86_64"); }

class released_connector : public testing::Test {
  protected:
    void SetUp() override {
#if !defined(__x86_64__) || !defined(__linux__)
        GTEST_SKIP() << kept_file() << " is for Linux on x86_64; this is another machine";
#endif
        auto opened =
            store::open_sqlite_store(store::testing::small_options(disk_.path() / "data", time_));
        ASSERT_TRUE(opened) << opened.error_value().to_text();
        durable_ = std::move(*opened);
        world_.emplace(plugin_world_options{.state = durable_.get()});
        std::filesystem::copy_file(kept_file(), world_->folder() / "released-probe.so");
        const auto scanned = world_->connectors->rescan();
        ASSERT_TRUE(scanned) << scanned.error_value().to_text();
        subject_ = world_->connectors->find("released-probe");
        ASSERT_TRUE(subject_);
    }
    void TearDown() override {
        subject_.reset();
        world_.reset();
        if (durable_) durable_->close();
    }

    call_request request(std::string action, std::string input = "{}") {
        call_request made;
        made.action = std::move(action);
        made.input_json = std::move(input);
        made.connection_json = R"({"type":"token","token":"t0p"})";
        made.idempotency_key = "step-7";
        made.attempt = 3;
        made.scope.instance = "acme";
        made.scope.flow = "orders";
        made.scope.execution = 1;
        made.scope.partition = store::partition_of(made.scope.instance);
        made.scope.epoch = *durable_->acquire(made.scope.partition);
        return made;
    }
    json::value run(std::string action, std::string input = "{}") {
        return output(world_->call(*subject_, request(std::move(action), std::move(input))));
    }
    static json::value output(const call_outcome& outcome) {
        EXPECT_TRUE(outcome.output_json) << output_of(outcome);
        return outcome.output;
    }
    // Answers `count` requests of the call as they come.
    call_outcome run_online(call_request call, std::vector<net::client_response> answers) {
        std::optional<call_outcome> ended;
        subject_->start(std::move(call), [&](call_outcome got) { ended = std::move(got); });
        for (net::client_response& each : answers) {
            EXPECT_TRUE(world_->run_until([&] { return !world_->http.requests.empty(); }));
            sent_.push_back(world_->http.requests.front().request);
            world_->http.answer(std::move(each));
        }
        EXPECT_TRUE(world_->run_until([&] { return ended.has_value(); }));
        return ended.value_or(call_outcome{});
    }
    static net::client_response answer(int status, std::string body) {
        net::client_response made;
        made.status = status;
        made.headers.add("content-type", "text/plain");
        made.body = std::move(body);
        return made;
    }

    std::vector<net::client_request> sent_;
    std::optional<plugin_world> world_;
    std::shared_ptr<connector> subject_;

  private:
    base::temporary_folder disk_;
    base::manual_clock time_;
    std::unique_ptr<store::store> durable_;
};

}  // namespace

TEST_F(released_connector, is_the_file_that_was_released) {
    const auto bytes = base::read_file(kept_file(), 1u << 20);
    ASSERT_TRUE(bytes);

    const auto noted = base::read_file(kept_file().string() + ".sha256", 1'000);
    ASSERT_TRUE(noted);
    EXPECT_EQ(noted->substr(0, 64), base::to_hex(base::sha256(*bytes)));
}

TEST_F(released_connector, passes_the_check) {
    const check_report report = check_connector(kept_file(), SLUICE_CHECK_CHILD, 60'000);
    EXPECT_TRUE(report.accepted) << report.reason;
}

TEST_F(released_connector, is_told_about_its_call_and_writes_to_the_log) {
    call_request call = request("describe", R"({"x":1})");
    call.deadline_unix_ms = world_->clock.unix_ms() + 60'000;
    const json::value told = output(world_->call(*subject_, call));
    EXPECT_EQ(told.string_or("key", ""), "step-7");
    EXPECT_EQ(told.string_or("token", ""), "t0p");
    EXPECT_EQ(told.get("attempt").as_int64(), 3);
    EXPECT_EQ(told.get("deadline").as_int64(), call.deadline_unix_ms);
    const std::lock_guard lock(world_->log_mutex);
    ASSERT_EQ(world_->log_lines.size(), 1u);
    EXPECT_EQ(world_->log_lines[0].message, "described");
    EXPECT_EQ(world_->log_lines[0].fields_json, R"({"input":{"x":1}})");
}

TEST_F(released_connector, sends_requests) {
    const call_outcome outcome =
        run_online(request("http", R"({"url":"https://example.com/a"})"), {answer(201, "made")});
    EXPECT_EQ(output_of(outcome), R"({"status":201,"body":"made","type":"text/plain"})");
    ASSERT_EQ(sent_.size(), 1u);
    EXPECT_EQ(sent_[0].body, R"({"hello":"world"})");
    EXPECT_EQ(sent_[0].headers.get("authorization"), "Bearer secret");
    EXPECT_EQ(sent_[0].timeout_ms, 5'000);
}

TEST_F(released_connector, writes_reads_and_sends_files) {
    const call_outcome outcome =
        run_online(request("blob", R"({"url":"https://example.com/f","text":"hello"})"),
                   {answer(200, "thanks")});
    const json::value& told = output(outcome);
    EXPECT_EQ(told.string_or("back", ""), "hello");
    EXPECT_EQ(world_->http.last_source_body, "hello");
    EXPECT_EQ(told.get("copy").get("size").as_int64(), 5);
    EXPECT_EQ(told.get("answer").get("size").as_int64(), 6);
    EXPECT_EQ(json::to_text(run("blobBlocking", R"({"text":"hi"})")), R"({"back":"hi","size":2})");
}

TEST_F(released_connector, keeps_values) {
    EXPECT_EQ(json::to_text(run("state")), R"({"won":true,"lost":true,"page":2,"gone":true})");
}

TEST_F(released_connector, works_on_the_pool_and_uses_sessions_again) {
    EXPECT_EQ(json::to_text(run("work")), R"({"sum":5050})");
    EXPECT_EQ(json::to_text(run("session")), R"({"uses":1})");
    EXPECT_EQ(json::to_text(run("session")), R"({"uses":2})");
}

TEST_F(released_connector, waits_and_can_be_cancelled) {
    EXPECT_EQ(json::to_text(run("timer")), R"({"cancelled":false,"asked":false})");
    std::optional<call_outcome> ended;
    const auto call = subject_->start(request("timer", R"({"ms":3600000})"),
                                      [&](call_outcome got) { ended = std::move(got); });
    world_->loop.run_ready();
    subject_->cancel(call);
    ASSERT_TRUE(world_->run_until([&] { return ended.has_value(); }));
    EXPECT_EQ(output_of(*ended), R"({"cancelled":true,"asked":true})");
}

TEST_F(released_connector, tells_the_hosts_time) {
    EXPECT_EQ(json::to_text(run("clock")),
              R"({"unixMs":)" + std::to_string(world_->clock.unix_ms()) + "}");
}

TEST_F(released_connector, says_why_it_failed) {
    const call_outcome outcome = world_->call(*subject_, request("fail"));
    EXPECT_EQ(code_of(outcome), base::error_code::rate_limited);
    const base::error& why = outcome.output_json.error_value();
    EXPECT_EQ(why.message, "slow down");
    EXPECT_EQ(why.retry_after_ms, 1'500);
    EXPECT_EQ(why.details_json, R"({"limit":10})");
    EXPECT_EQ(outcome.http_status, 429);
}

}  // namespace sluice::plugin
