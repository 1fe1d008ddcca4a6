#include "base/log_format.hpp"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

log_entry make_entry(std::string message,
                     std::vector<std::pair<std::string, std::string>> fields = {}) {
    return {log_level::warning, 1'700'000'000'123, std::move(message), std::move(fields)};
}

TEST(log_format, json_is_one_object_a_line) {
    EXPECT_EQ(format_json(make_entry("slow reply", {{"ms", "1200"}, {"to", "a \"b\""}})),
              R"({"time":"2023-11-14T22:13:20.123Z","level":"warning","message":"slow reply",)"
              R"("ms":"1200","to":"a \"b\""})");
}

TEST(log_format, json_escapes_control_characters_and_backslashes) {
    EXPECT_EQ(format_json(make_entry(std::string("a\n\r\t\\\x01\x7f\0z", 9))),
              R"({"time":"2023-11-14T22:13:20.123Z","level":"warning",)"
              R"("message":"a\n\r\t\\\u0001\u007f\u0000z"})");
}

TEST(log_format, json_repairs_what_is_not_utf8) {
    EXPECT_EQ(format_json(make_entry("\xff"
                                     "a\xe2\x82"
                                     "\xe2\x82\xac\xc3")),
              "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"warning\",\"message\":\""
              "\xef\xbf\xbd"
              "a\xef\xbf\xbd\xef\xbf\xbd\xe2\x82\xac\xef\xbf\xbd\"}");
}

TEST(log_format, text_quotes_values_only_when_needed) {
    EXPECT_EQ(format_text(make_entry("two words", {{"id", "x1"}, {"path", "/a b"}, {"no", ""}})),
              "two words id=x1 path=\"/a b\" no=\"\"");
    EXPECT_EQ(format_text(make_entry("m", {{"a", "b=c"}, {"d", "\"e\\"}})),
              R"(m a="b=c" d="\"e\\")");
}

TEST(log_format, text_stays_on_one_line) {
    EXPECT_EQ(format_text(make_entry("a\nerror forged", {{"f", "x\ny"}, {"esc", "\x1b[31m"}})),
              R"(a\nerror forged f=x\ny esc=\u001b[31m)");
}

}  // namespace
}  // namespace sluice::base
