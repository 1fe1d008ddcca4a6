#include <sluice/temporary_file.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace sluice {
namespace {

class sdk_temporary_file : public testing::Test {
  protected:
    void SetUp() override {
        const char* const there = std::getenv("TMPDIR");
        if (there != nullptr) before_ = there;
        std::string pattern = testing::TempDir() + "sluice-test-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        ::setenv("TMPDIR", folder_.c_str(), 1);
    }
    void TearDown() override {
        std::filesystem::remove_all(folder_);
        if (before_.empty()) {
            ::unsetenv("TMPDIR");
        } else {
            ::setenv("TMPDIR", before_.c_str(), 1);
        }
    }

    std::filesystem::path folder_;
    std::string before_;
};

TEST_F(sdk_temporary_file, lies_where_the_environment_says_and_has_no_name) {
    temporary_file file;
    ASSERT_TRUE(file.write("content", 7));
    file.flush();
    EXPECT_EQ(file.size(), 7u);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
    const auto place =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file.descriptor()));
    EXPECT_EQ(place.parent_path(), std::filesystem::canonical(folder_));
}

TEST_F(sdk_temporary_file, says_that_there_is_no_room_for_it) {
    std::filesystem::remove_all(folder_);
    try {
        const temporary_file file;
        FAIL() << "in a folder that is not there";
    } catch (const failure& why) {
        EXPECT_EQ(why.code(), SLUICE_UNAVAILABLE);
    }
}

}  // namespace
}  // namespace sluice
