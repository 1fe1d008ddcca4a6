#include "plugin/opening_marker.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/base_testing.hpp"

namespace sluice::plugin {
namespace {

void die_while_opening(const std::filesystem::path& copy) {
    const pid_t child = ::fork();
    if (child == 0) {
        const opening_marker opening(copy);
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
}

TEST(opening_marker, counts_processes_that_died_in_it) {
    const base::temporary_folder folder;
    const std::filesystem::path copy = folder.path() / "bad-0123.so";
    die_while_opening(copy);
    die_while_opening(copy);
    die_while_opening(copy);
    EXPECT_EQ(opening_marker(copy).deaths(), opening_marker::limit);
    EXPECT_EQ(opening_marker(copy).deaths(), opening_marker::limit) << "for good";
    EXPECT_EQ(opening_marker(folder.path() / "bad-4567.so").deaths(), 0) << "another build";
}

TEST(opening_marker, forgets_them_when_an_opening_ends) {
    const base::temporary_folder folder;
    const std::filesystem::path copy = folder.path() / "good-0123.so";
    die_while_opening(copy);
    EXPECT_EQ(opening_marker(copy).deaths(), 1);
    EXPECT_EQ(opening_marker(copy).deaths(), 0);
}

}  // namespace
}  // namespace sluice::plugin
