// What a child wrote last, and what goes to the log.
#include "plugin/last_words.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/file_descriptor.hpp"
#include "base/log.hpp"

namespace sluice::plugin {
namespace {

// What was taken, and what stood in the log, after somebody wrote `text`.
struct heard {
    std::string last;
    std::string log;
};
heard hear(const std::string& text, bool stays_open = false) {
    heard out;
    testing::internal::CaptureStderr();
    {
        base::manual_clock clock;
        last_words subject("acme 1.0.0", std::make_shared<log_budget>(clock, "acme 1.0.0"));
        const auto opened = subject.open();
        EXPECT_TRUE(opened);
        base::file_descriptor end(::dup(*opened));
        subject.child_started();
        EXPECT_EQ(::write(end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
        if (!stays_open) end.close();
        out.last = subject.take();
    }
    out.log = testing::internal::GetCapturedStderr();
    return out;
}

TEST(last_words, all_of_a_short_text_is_told_and_each_line_logged) {
    const heard got = hear("one\ntwo\n");
    EXPECT_EQ(got.last, "one\ntwo");
    EXPECT_NE(got.log.find("one"), std::string::npos);
    EXPECT_NE(got.log.find("two"), std::string::npos);
}

TEST(last_words, a_last_line_without_an_end_is_logged_too) {
    EXPECT_NE(hear("whole\nunfinished").log.find("unfinished"), std::string::npos);
}

TEST(last_words, no_byte_of_a_long_line_is_lost) {
    const std::string text(40'000, 'q');
    EXPECT_EQ(std::ranges::count(hear(text).log, 'q'), 40'000);
}

TEST(last_words, no_part_of_a_secret_is_told) {
    const std::string secret = "s3cr3t-of-this-test-0123456789";
    base::add_log_secret(secret);
    // Its last ten bytes are within what is told.
    const std::string text = secret + std::string(last_words::limit - 10, '.');
    const heard got = hear(text);
    EXPECT_EQ(got.last.find("0123456789"), std::string::npos) << got.last.substr(0, 40);
    EXPECT_EQ(got.log.find("0123456789"), std::string::npos);
}

TEST(last_words, a_secret_is_found_in_a_text_that_is_no_text) {
    base::add_log_secret("p\u00e4ssw\u00f6rt-of-this-test-98765");
    const heard got = hear("\xff p\u00e4ssw\u00f6rt-of-this-test-98765 \xff\n");
    EXPECT_EQ(got.last, "? [redacted] ?");
    EXPECT_NE(got.log.find("? [redacted] ?"), std::string::npos) << got.log;
}

TEST(last_words, a_secret_is_found_wherever_a_long_line_is_cut) {
    base::add_log_secret("front-of-it-and-back-of-it");
    for (const std::size_t before : {0u, 1u, 13u, 25u}) {
        // One at every KiB, beginning so many bytes before it: some lie where the line is cut.
        std::string text(1'024 - before, '.');
        for (int count = 0; count < 100; ++count)
            text += "front-of-it-and-back-of-it" + std::string(1'024 - 26, '.');
        const heard got = hear(text);
        EXPECT_EQ(got.log.find("front-of-it"), std::string::npos) << before;
        EXPECT_EQ(got.log.find("back-of-it"), std::string::npos) << before;
        EXPECT_NE(got.log.find("[redacted]"), std::string::npos) << before;
    }
}

TEST(last_words, no_part_of_a_long_secret_is_told_when_there_is_little_else) {
    std::string secret = "long-one-";
    while (secret.size() < 3'000)
        secret += "part-" + std::to_string(secret.size()) + "-";
    base::add_log_secret(secret);
    std::string text;
    for (int count = 0; count < 70; ++count)
        text += secret;
    const heard got = hear(text);
    EXPECT_EQ(got.last.find("part-"), std::string::npos) << got.last.substr(0, 60);
    EXPECT_EQ(got.log.find("part-"), std::string::npos);
}

TEST(last_words, one_that_writes_without_end_does_not_fill_the_log) {
    std::string text;
    for (int count = 0; count < 5'000; ++count)
        text += "again\n";
    const heard got = hear(text + "the last");
    std::size_t logged = 0;
    for (std::size_t at = got.log.find("again"); at != std::string::npos;
         at = got.log.find("again", at + 1))
        ++logged;
    EXPECT_EQ(logged, log_budget::lines);
    EXPECT_NE(got.log.find("4001 lines of a connector were left out"), std::string::npos);
    EXPECT_TRUE(got.last.ends_with("again\nthe last")) << got.last;
}

TEST(last_words, only_the_end_is_told_from_a_whole_character_on) {
    std::string text;
    for (int count = 0; count < 20'000; ++count)
        text += "\u00e9";
    const std::string last = hear(text + "a").last;
    EXPECT_LE(last.size(), last_words::limit);
    EXPECT_GE(last.size(), last_words::limit - 1);
    EXPECT_EQ(last.substr(0, 2), "\u00e9");
}

TEST(last_words, nobody_waits_for_a_helper_that_holds_the_pipe) {
    EXPECT_EQ(hear(std::string(30'000, 'x') + "end", true).last.substr(last_words::limit - 3),
              "end");
}

}  // namespace
}  // namespace sluice::plugin
