#include "sluice/encoding.hpp"

#include <gtest/gtest.h>

namespace {

TEST(sdk_base64, follows_the_examples_of_rfc_4648) {
    const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : examples) {
        EXPECT_EQ(sluice::base64_encode(plain), encoded);
        EXPECT_EQ(sluice::base64_decode(encoded), plain);
    }
}

TEST(sdk_base64, carries_every_byte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes.push_back(static_cast<char>(i));
    EXPECT_EQ(sluice::base64_decode(sluice::base64_encode(bytes)), bytes);
}

TEST(sdk_base64, refuses_other_text) {
    for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zm9v!A==", "Zg==Zg==", "Z g="}) {
        EXPECT_EQ(sluice::base64_decode(text), std::nullopt) << text;
    }
}

TEST(sdk_hex, reads_pairs_of_digits_and_nothing_else) {
    EXPECT_EQ(sluice::hex_decode(""), "");
    EXPECT_EQ(sluice::hex_decode("00fFA9"), std::string("\0\xFF\xA9", 3));
    for (const char* text : {"0", "0g", "g0", "0x", " 0", "000"})
        EXPECT_EQ(sluice::hex_decode(text), std::nullopt) << text;
}

TEST(sdk_text, lower_case_is_that_of_ascii) {
    EXPECT_EQ(sluice::lower_ascii("AZaz09[@\xC3\x84"), "azaz09[@\xC3\x84");
}

}  // namespace
