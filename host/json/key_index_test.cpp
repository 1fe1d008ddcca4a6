#include "json/key_index.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sluice::json {
namespace {

TEST(key_index, finds_what_was_inserted_while_it_grows) {
    std::vector<std::string> keys;
    key_index index(1);
    const auto key_at = [&keys](std::size_t i) -> std::string_view { return keys[i]; };
    for (std::size_t i = 0; i < 3'000; ++i) {
        const std::string key(i % 40, static_cast<char>('a' + i % 26));
        const std::string unique = key + std::to_string(i);
        ASSERT_EQ(index.find(unique, key_at), key_index::nowhere);
        keys.push_back(unique);
        index.insert(unique, i);
    }
    for (std::size_t i = 0; i < keys.size(); ++i)
        ASSERT_EQ(index.find(keys[i], key_at), i);
}

TEST(key_hash, depends_on_every_byte_and_the_length) {
    std::set<std::uint32_t> hashes;
    std::size_t texts = 0;
    for (std::size_t length = 0; length < 20; ++length) {
        const std::string zeros(length, '\0');
        hashes.insert(key_hash(zeros));
        ++texts;
        for (std::size_t at = 0; at < length; ++at) {
            std::string changed = zeros;
            changed[at] = 'x';
            hashes.insert(key_hash(changed));
            ++texts;
        }
    }
    EXPECT_GE(hashes.size(), texts - 1);  // 210 texts: even one collision of 32 bits is rare
    EXPECT_EQ(key_hash("same"), key_hash("same"));
}

}  // namespace
}  // namespace sluice::json
