#include "base/base_testing.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace sluice::base {
namespace {

TEST(temporary_folder, is_new_empty_and_removed_with_its_content) {
    std::filesystem::path path;
    {
        const temporary_folder folder;
        const temporary_folder other;
        path = folder.path();
        EXPECT_NE(path, other.path());
        EXPECT_TRUE(std::filesystem::is_empty(path));
        std::filesystem::create_directory(path / "inner");
        std::ofstream(path / "inner" / "file") << "text";
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(wait_until, ends_when_the_condition_holds_or_time_is_up) {
    int asked = 0;
    EXPECT_TRUE(wait_until([&asked] { return ++asked == 3; }));
    EXPECT_EQ(asked, 3);
    EXPECT_FALSE(wait_until([] { return false; }, 5));
}

}  // namespace
}  // namespace sluice::base
