#include "base/seal.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <type_traits>
#include <utility>

#include "base/encoding.hpp"

namespace sluice::base {
namespace {

class seal_test : public ::testing::Test {
  protected:
    seeded_random random_{7};
    secret key_ = make_seal_key(random_);
};

TEST_F(seal_test, opens_what_it_sealed) {
    for (const std::string text : {"", "x", "a longer text with \0 in it", "Zeichen: ä"}) {
        const result<secret> opened = open_seal(key_, seal(key_, text, "a/b", random_), "a/b");
        ASSERT_TRUE(opened) << opened.error_value().message;
        EXPECT_EQ(opened->reveal(), text);
    }
}

// Test case 16 of the GCM specification (McGrew, Viega): key, nonce, text, context, result.
TEST_F(seal_test, opens_what_others_sealed) {
    const auto hex = [](const char* text) { return from_hex(text).value(); };
    const secret key(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
    const std::string context = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const std::string sealed =
        hex("cafebabefacedbaddecaf888"
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b");
    const result<secret> opened = open_seal(key, sealed, context);
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(opened->reveal()),
              "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf"
              "0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST_F(seal_test, each_seal_is_another_one) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(seen.insert(seal(key_, "the same", "a", random_)).second);
    }
}

TEST_F(seal_test, another_place_or_key_does_not_open) {
    const std::string sealed = seal(key_, "token", "acme/app/apiKey", random_);
    const result<secret> elsewhere = open_seal(key_, sealed, "globex/app/apiKey");
    ASSERT_FALSE(elsewhere);
    EXPECT_EQ(elsewhere.error_value().code, error_code::auth);
    EXPECT_FALSE(open_seal(make_seal_key(random_), sealed, "acme/app/apiKey"));
}

TEST_F(seal_test, any_changed_bit_is_noticed) {
    const std::string sealed = seal(key_, "token", "a", random_);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(open_seal(key_, changed, "a")) << bit;
    }
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        EXPECT_FALSE(open_seal(key_, sealed.substr(0, length), "a")) << length;
    }
}

TEST(secret, wipes_what_it_took_over) {
    std::string text = "short";
    const char* const place = text.data();
    const secret taken(std::move(text));
    EXPECT_EQ(taken.reveal(), "short");
    EXPECT_EQ(std::string(place, 5), std::string(5, '\0'));
}

TEST(secret, moves_and_leaves_nothing) {
    secret from = secret::copy_of("0123456789");
    secret to(std::move(from));
    EXPECT_EQ(to.reveal(), "0123456789");
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): promised
    secret third = secret::copy_of("x");
    third = std::move(to);
    EXPECT_EQ(third.reveal(), "0123456789");
}

template <class T>
concept printable = requires(std::ostringstream& out, const T& value) {
    out << value;
};

TEST(secret, cannot_be_printed_or_copied) {
    static_assert(printable<std::string> && !printable<secret>);
    static_assert(!std::is_copy_constructible_v<secret>);
    static_assert(!std::is_convertible_v<secret, std::string>);
}

}  // namespace
}  // namespace sluice::base
