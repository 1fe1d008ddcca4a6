// What a child wrote last, and what goes to the log.
#include "plugin/last_words.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

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
        last_words subject("acme 1.0.0");
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
