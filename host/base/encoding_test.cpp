#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

using namespace std::string_literals;

TEST(hex, goes_there_and_back) {
    EXPECT_EQ(to_hex("\x00\x7f\xff"s), "007fff");
    EXPECT_EQ(from_hex("007fFF"), "\x00\x7f\xff"s);
    EXPECT_EQ(from_hex(""), "");
}

TEST(hex, refuses_odd_lengths_and_other_characters) {
    for (const char* text : {"0", "0g", "g0", " 00", "0x00", "00 "}) {
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
    }
}

// RFC 4648, section 10.
TEST(base64, goes_there_and_back) {
    const std::pair<std::string, std::string> pairs[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xfb\xff\xfe", "+//+"}};
    for (const auto& [bytes, text] : pairs) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
}

TEST(base64, refuses_what_is_not_the_one_spelling) {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zm9v ", "Zm 9v===", "Zm9-", "Zm9_",
                             "Zh==", "Zm9=", "=", "====", "Zg==Zg==", "Zm9v\n"}) {
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    }
}

TEST(base64url, has_its_own_alphabet_and_no_padding) {
    EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
    EXPECT_EQ(to_base64url("f"), "Zg");
    EXPECT_EQ(to_base64url(""), "");
}

TEST(digest, sha256_matches_fips_180) {
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(digest, hmac_sha256_matches_rfc_4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                                 "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(to_hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(constant_time_equal, is_equality) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("abc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "abd"));
    EXPECT_FALSE(constant_time_equal("abc", "Abc"));
    EXPECT_FALSE(constant_time_equal("abc", "ab"));
    EXPECT_FALSE(constant_time_equal("ab", "abc"));
    EXPECT_FALSE(constant_time_equal("", "a"));
    EXPECT_FALSE(constant_time_equal("a", ""));
    EXPECT_FALSE(constant_time_equal("a\0b"s, "a\0c"s));
}

struct utf8_case {
    std::string text;
    std::size_t valid;  // bytes from the start
};

TEST(utf8, finds_where_text_stops_being_valid) {
    const utf8_case cases[] = {
        {"", 0},
        {"plain ascii of some length", 26},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9},
        {"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"s, 17},
        {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8},
        {"0123456789abcde\xff", 15},
        {"\x80", 0},       // continuation alone
        {"a\xc0\x80", 1},  // longer than needed
        {"a\xc1\xbf", 1},
        {"a\xe0\x9f\xbf", 1},
        {"a\xf0\x8f\xbf\xbf", 1},
        {"a\xed\xa0\x80", 1},  // surrogates
        {"a\xed\xbf\xbf", 1},
        {"a\xf4\x90\x80\x80", 1},  // above U+10FFFF
        {"a\xf5\x80\x80\x80", 1},
        {"a\xe2\x82", 1},  // cut off
        {"a\xf0\x9f\x98", 1},
        {"a\xc3", 1},
        {"a\xc3z", 1},
        {"a\xe2\x82z", 1},
        {"a\xf0\x9f\x98z", 1},
        {"a\0b"s, 3},
    };
    for (const utf8_case& each : cases) {
        EXPECT_EQ(valid_utf8_length(each.text), each.valid) << to_hex(each.text);
        EXPECT_EQ(is_valid_utf8(each.text), each.valid == each.text.size()) << to_hex(each.text);
    }
}

}  // namespace
}  // namespace sluice::base
