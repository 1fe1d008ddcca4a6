// What a connector says about its failure reaches people, however it says it.
#include "plugin/abi_error.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.hpp"

namespace sluice::plugin {

namespace {

std::string received(std::string_view message) {
    sluice_error given = {};
    given.size = sizeof given;
    given.code = SLUICE_UNAVAILABLE;
    given.message = {message.data(), message.size()};
    return from_abi_error(&given, "it").failure.message;
}

}  // namespace

TEST(abi_error, a_long_message_is_cut_between_two_characters) {
    const std::string text(16'383, 'x');
    EXPECT_EQ(received(text + "\xe2\x82\xac and more"), text);
    EXPECT_EQ(received(text + "y and more"), text + "y");
}

TEST(abi_error, what_is_not_utf8_is_replaced_and_the_rest_kept) {
    EXPECT_EQ(received("Schl\xfcssel fehlt"), "Schl?ssel fehlt");
    EXPECT_EQ(received("\xe2\x82\xac \xe2\x82"), "\xe2\x82\xac ??");
    const std::string many(40'000, '\xff');
    EXPECT_EQ(received("x" + many), "x" + std::string((std::size_t{16} << 10) - 1, '?'));
    EXPECT_TRUE(base::is_valid_utf8(received(std::string(16'383, 'x') + "\xe2\x82")));
}

TEST(abi_error, without_a_message_it_says_so) {
    EXPECT_EQ(received(""), "it failed without saying why");
    EXPECT_EQ(received("\xff\xfe"), "it failed without saying why");
}

}  // namespace sluice::plugin
