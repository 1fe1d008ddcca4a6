#include "base/log_secrets.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace sluice::base {
namespace {

TEST(log_secrets, replaces_every_occurrence_and_nothing_else) {
    log_secrets secrets;
    secrets.add("s3cret-value");
    EXPECT_EQ(secrets.replace("s3cret-value"), "[redacted]");
    EXPECT_EQ(secrets.replace("a s3cret-value, s3cret-values3cret-value."),
              "a [redacted], [redacted][redacted].");
    EXPECT_EQ(secrets.replace("s3cret-valu"), "s3cret-valu");
    EXPECT_EQ(secrets.replace("s3cret-vAlue"), "s3cret-vAlue");
    EXPECT_EQ(secrets.replace(""), "");
}

TEST(log_secrets, takes_the_longest_of_those_that_start_alike) {
    log_secrets secrets;
    secrets.add("12345678");
    secrets.add("12345678-longer");
    EXPECT_EQ(secrets.replace("x12345678-longer"), "x[redacted]");
    EXPECT_EQ(secrets.replace("x12345678-long"), "x[redacted]-long");
}

TEST(log_secrets, finds_each_of_very_many) {
    log_secrets secrets;
    const auto name = [](int i) { return "secret number " + std::to_string(i); };
    EXPECT_FALSE(secrets.found_in(name(0)));
    for (int i = 0; i < 3'000; ++i) {
        secrets.add(std::to_string(1'000'000 + i) + "-" + name(i));
        EXPECT_TRUE(secrets.found_in("the " + std::to_string(1'000'000 + i) + "-" + name(i)));
    }
    for (int i = 0; i < 3'000; ++i) {
        EXPECT_EQ(secrets.replace(std::to_string(1'000'000 + i) + "-" + name(i) + "!"),
                  "[redacted]!");
    }
    EXPECT_FALSE(secrets.found_in("999999-secret number 7"));
}

TEST(log_secrets, gives_back_text_without_a_secret_as_it_was) {
    log_secrets secrets;
    secrets.add("s3cret-value");
    std::string text(100, 'x');
    const char* bytes = text.data();
    text = secrets.replace(std::move(text));
    EXPECT_EQ(text, std::string(100, 'x'));
    EXPECT_EQ(text.data(), bytes) << "no copy";
}

TEST(log_secrets, knows_keys_of_several_lines_by_each_of_them) {
    const std::string first = std::string(63, 'A') + '1';
    const std::string second = std::string(60, 'b') + "/+9=";
    log_secrets secrets;
    secrets.add("-----BEGIN PRIVATE KEY-----\r\n" + first + "\r\n" + second +
                "\nc2hvcnQ=\n-----END PRIVATE KEY-----\n");
    EXPECT_EQ(secrets.replace("told: " + first), "told: [redacted]");
    EXPECT_EQ(secrets.replace(second + "\n"), "[redacted]\n");
    const std::string around = "expected -----BEGIN PRIVATE KEY-----";
    EXPECT_EQ(secrets.replace(around), around);
    secrets.add("[" + std::string(40, '=') + "\n" + std::string(40, '=') + "\n]");
    EXPECT_EQ(secrets.replace(std::string(40, '=')), std::string(40, '=')) << "a ruler";
}

TEST(log_secrets, ignores_what_is_too_short_to_be_one) {
    log_secrets secrets;
    secrets.add("1234567");
    secrets.add("");
    EXPECT_EQ(secrets.replace("1234567"), "1234567");
}

struct encoded_form {
    const char* name;
    std::string text;
};

TEST(log_secrets, covers_the_encodings_secrets_travel_in) {
    const std::string secret = "p\xc3\xa4ss \"w?rd\"/>~+!";
    log_secrets secrets;
    secrets.add(secret);
    const encoded_form forms[] = {
        {"hex", to_hex(secret)},
        {"base64", to_base64(secret)},
        {"base64url", to_base64url(secret)},
        {"percent", "p%C3%A4ss%20%22w%3Frd%22%2F%3E~%2B%21"},
        {"percent, lower case", "p%c3%a4ss%20%22w%3frd%22%2f%3e~%2b%21"},
        {"encodeURIComponent", "p%C3%A4ss%20%22w%3Frd%22%2F%3E~%2B!"},
        {"form", "p%C3%A4ss+%22w%3Frd%22%2F%3E%7E%2B%21"},
        {"json", "p\xc3\xa4ss \\\"w?rd\\\"/>~+!"},
    };
    for (const encoded_form& form : forms) {
        EXPECT_EQ(secrets.replace("<" + form.text + ">"), "<[redacted]>") << form.name;
    }
}

TEST(log_secrets, covers_base64_of_the_secret_among_other_bytes) {
    const std::string secret = "hunter2-hunter2?~";
    log_secrets secrets;
    secrets.add(secret);
    for (const std::string before : {"", "u", "us", "usr", "user:"}) {
        for (const std::string after : {"", "x", "xy", "xyz"}) {
            for (const bool url : {false, true}) {
                const std::string all = before + secret + after;
                const std::string text = url ? to_base64url(all) : to_base64(all);
                const std::string replaced = secrets.replace(text);
                // What may stay are characters that hold bits of the neighbours.
                EXPECT_NE(replaced.find("[redacted]"), std::string::npos) << text;
                EXPECT_LE(replaced.size(), 10 + (before.size() + after.size()) * 4 / 3 + 6) << text;
            }
        }
    }
}

}  // namespace
}  // namespace sluice::base
