// The expected values were computed by a program of its own (Python's hashlib).
#include "content_hash.hpp"

#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

constexpr std::size_t block = std::size_t{4} * 1024 * 1024;

TEST(dropbox_content_hash, is_the_hash_of_the_hashes_of_blocks) {
    const std::pair<std::size_t, const char*> known[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {5, "bc28a60c33a6f37c5bda604baa083a78afc1b70eb8ba19d779385c607c853ec6"},
        {block, "907a506cf5e706bda5c7a29b43c9c65d8344bd2fa2f22339b359c214812af5a1"},
        {block + 1, "5f858b62ccd88447586305aec6fd53c96747cfebf527cbba129a6dfed47d9624"},
        {2 * block, "941162ca0d3fcd4e4b5bcaf179e3a156ae2b66b39e87993a7e626e61938ab2c9"},
        {2 * block + 5, "71de3e55c54361d9bd11806037eab0a15b4a1876ccb9f52bd6a87e4a4badbf0d"},
    };
    for (const auto& [size, hash] : known) {
        EXPECT_EQ(content_hash_of(std::string(size, 'a')), hash) << size;
    }
}

TEST(dropbox_content_hash, does_not_depend_on_how_the_bytes_come) {
    const std::string bytes(2 * block + 5, 'a');
    for (const std::size_t step : {block - 1, block + 1, std::size_t{1'000'003}}) {
        content_hash hash;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            hash.add(std::string_view(bytes).substr(at, step));
        EXPECT_EQ(hash.finish(), content_hash_of(bytes)) << step;
    }
}

}  // namespace
}  // namespace sluice::dropbox::testing
