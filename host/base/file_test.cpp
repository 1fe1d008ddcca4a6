#include "base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "base/base_testing.hpp"

namespace sluice::base {
namespace {

namespace fs = std::filesystem;

class file_test : public testing::Test {
  protected:
    std::size_t files_in_folder() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
    }
    temporary_folder folder_;
    fs::path path_ = folder_.path() / "a file";
};

TEST_F(file_test, reads_what_was_written) {
    const std::string content("line\n\0binary\xff", 13);
    ASSERT_TRUE(write_file(path_, content));
    const auto read = read_file(path_);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, content);
    EXPECT_EQ(files_in_folder(), 1u);
}

TEST_F(file_test, reads_the_empty_file) {
    ASSERT_TRUE(write_file(path_, ""));
    EXPECT_EQ(*read_file(path_), "");
}

TEST_F(file_test, reads_files_whose_size_the_system_does_not_know) {
    const auto read = read_file("/proc/self/status");
    ASSERT_TRUE(read);
    EXPECT_NE(read->find("Name:"), std::string::npos);
}

TEST_F(file_test, the_limit_is_inclusive) {
    ASSERT_TRUE(write_file(path_, std::string(100, 'x')));
    EXPECT_TRUE(read_file(path_, 100));
    const auto refused = read_file(path_, 99);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error_value().code, error_code::invalid_input);
    EXPECT_NE(refused.error_value().message.find("larger than 99 bytes"), std::string::npos);
    EXPECT_FALSE(read_file("/proc/self/status", 10));
}

TEST_F(file_test, a_missing_file_is_named_with_the_reason) {
    const auto missing = read_file(path_);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error_value().code, error_code::not_found);
    EXPECT_EQ(missing.error_value().message,
              "cannot read " + path_.string() + ": No such file or directory");
}

TEST_F(file_test, folders_and_pipes_are_refused_without_waiting) {
    const auto folder = read_file(folder_.path());
    ASSERT_FALSE(folder);
    EXPECT_NE(folder.error_value().message.find("it is a folder"), std::string::npos);
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_FALSE(read_file(path_));
}

TEST_F(file_test, replaces_a_file_in_one_step) {
    ASSERT_TRUE(write_file(path_, "old"));
    std::ifstream reader(path_);  // holds on to the old file
    ASSERT_TRUE(write_file(path_, "new"));
    std::string seen;
    reader >> seen;
    EXPECT_EQ(seen, "old");
    EXPECT_EQ(*read_file(path_), "new");
}

TEST_F(file_test, sets_the_permissions_whatever_the_umask) {
    const mode_t before = ::umask(0077);
    EXPECT_TRUE(write_file(path_, "key", 0640));
    ::umask(before);
    struct stat about {};
    ASSERT_EQ(::stat(path_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0640u);
}

TEST_F(file_test, a_failed_write_leaves_the_old_content_and_nothing_else) {
    fs::create_directory(path_);  // cannot be replaced by a file
    const auto failed = write_file(path_, "text");
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error_value().message.find(path_.string()), std::string::npos);
    EXPECT_EQ(files_in_folder(), 1u);
    const auto no_folder = write_file(folder_.path() / "missing" / "file", "text");
    ASSERT_FALSE(no_folder);
    EXPECT_EQ(no_folder.error_value().code, error_code::not_found);
}

}  // namespace
}  // namespace sluice::base
