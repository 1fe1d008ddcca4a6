#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/encoding.hpp"
#include "base/recent_secrets.hpp"
#include "base/thread.hpp"

namespace sluice::base {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class log_test : public testing::Test {
  protected:
    log_test() { testing::internal::CaptureStderr(); }
    ~log_test() override {
        take();
        set_log_level(log_level::info);
        set_log_json(false);
    }
    std::string take() {
        if (taken_) return {};
        taken_ = true;
        return testing::internal::GetCapturedStderr();
    }

  private:
    bool taken_ = false;
};

TEST_F(log_test, writes_text_with_time_level_and_fields) {
    log(log_level::warning, "slow {} reply %v", {{"ms", "1200"}});
    EXPECT_THAT(take(), MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z warning "
                                     "slow \\{\\} reply %v ms=1200\n"));
}

TEST_F(log_test, writes_json_when_asked) {
    set_log_json(true);
    log(log_level::error, "broken", {{"ms", "1200"}});
    EXPECT_THAT(take(), MatchesRegex("\\{\"time\":\"[-0-9T:.]+Z\",\"level\":\"error\","
                                     "\"message\":\"broken\",\"ms\":\"1200\"\\}\n"));
}

TEST_F(log_test, leaves_out_what_is_below_the_level) {
    log(log_level::debug, "quiet-1");
    set_log_level(log_level::error);
    log(log_level::warning, "quiet-2");
    log(log_level::error, "loud-1");
    set_log_level(log_level::off);
    log(log_level::error, "quiet-3");
    set_log_level(log_level::debug);
    log(log_level::debug, "loud-2");
    log(log_level::off, "quiet-4");
    const std::string written = take();
    EXPECT_THAT(written, Not(HasSubstr("quiet")));
    EXPECT_THAT(written, HasSubstr("loud-1"));
    EXPECT_THAT(written, HasSubstr("loud-2"));
}

TEST_F(log_test, never_writes_a_secret) {
    add_log_secret("log-test-secret");
    for (const bool json : {false, true}) {
        set_log_json(json);
        log(log_level::error, "got log-test-secret",
            {{"header", "Bearer log-test-secret"}, {"hex", to_hex("log-test-secret")}});
    }
    const std::string written = take();
    EXPECT_THAT(written, Not(HasSubstr("log-test-secret")));
    EXPECT_THAT(written, Not(HasSubstr(to_hex("log-test-secret"))));
    EXPECT_THAT(written, HasSubstr("header=\"Bearer [redacted]\" hex=[redacted]"));
    EXPECT_EQ(redact("log-test-secret!"), "[redacted]!");
}

TEST_F(log_test, never_writes_a_secret_that_came_lately) {
    add_recent_log_secret("token-of-this-hour");
    EXPECT_TRUE(holds_secret("x token-of-this-hour"));
    log(log_level::info, "sent token-of-this-hour", {{"in", to_base64("token-of-this-hour")}});
    EXPECT_THAT(take(), HasSubstr("sent [redacted] in=[redacted]"));
}

TEST_F(log_test, lines_of_several_threads_stay_whole) {
    set_log_json(true);
    constexpr int each = 50;
    {
        std::vector<thread> threads;
        for (int number = 0; number < 4; ++number) {
            threads.emplace_back("logger", [number] {
                for (int i = 0; i < each; ++i) {
                    add_log_secret("secret-of-thread-" + std::to_string(number * each + i));
                    log(log_level::info, "line", {{"filler", std::string(500, 'x')}});
                }
            });
        }
    }
    const std::string written = take();
    const std::string end = "\"filler\":\"" + std::string(500, 'x') + "\"}\n";
    std::size_t lines = 0;
    for (std::size_t at = 0; at < written.size(); ++lines) {
        const std::size_t next = written.find('\n', at);
        ASSERT_NE(next, std::string::npos);
        const std::string line = written.substr(at, next + 1 - at);
        ASSERT_TRUE(line.starts_with("{\"time\":") && line.ends_with(end)) << line;
        at = next + 1;
    }
    EXPECT_EQ(lines, 4u * each);
}

}  // namespace
}  // namespace sluice::base
