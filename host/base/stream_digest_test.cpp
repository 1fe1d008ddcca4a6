#include "base/stream_digest.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace sluice::base {
namespace {

TEST(stream_digest, is_that_of_the_whole_however_it_is_cut) {
    const std::string text(10'000, 'x');
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{63}, std::size_t{4096}, text.size()}) {
        stream_digest digest;
        for (std::size_t at = 0; at < text.size(); at += piece)
            digest.add(std::string_view(text).substr(at, piece));
        EXPECT_EQ(digest.hex(), to_hex(sha256(text))) << piece;
    }
    EXPECT_EQ(stream_digest().hex(), to_hex(sha256("")));
}

}  // namespace
}  // namespace sluice::base
