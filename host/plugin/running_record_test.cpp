#include "plugin/running_record.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include <gtest/gtest.h>

#include "base/base_testing.hpp"

namespace sluice::plugin {
namespace {

// What a process leaves behind that ends, in one way or another, inside these executions.
std::vector<store::death> left_by(const std::filesystem::path& file, void (*end)()) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (!open_running_record(file)) ::_exit(9);
        { const running_scope over(5); }
        const running_scope outer(6);
        const running_scope inner(7);
        end();
        ::_exit(8);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto died = open_running_record(file);
    EXPECT_TRUE(died);
    return died ? *died : std::vector<store::death>();
}

std::vector<store::event_id> events(const std::vector<store::death>& all, store::death::kind how) {
    std::vector<store::event_id> found;
    for (const store::death& one : all)
        if (one.how == how) found.push_back(one.event);
    return found;
}

TEST(running_record, names_the_execution_that_the_process_died_in) {
    const base::temporary_folder folder;
    const std::filesystem::path file = folder.path() / "running";
    for (void (*end)() : {+[] { ::kill(::getpid(), SIGKILL); }, +[] { ::_exit(0); }}) {
        const std::vector<store::death> left = left_by(file, end);
        EXPECT_EQ(left.size(), 1u);
        EXPECT_EQ(events(left, store::death::unexplained), std::vector<store::event_id>{7});
    }
}

TEST(running_record, names_only_the_execution_whose_thread_crashed) {
    const base::temporary_folder folder;
    const auto left = left_by(folder.path() / "running", [] {
        std::thread([] {
            const running_scope other(8);
            note_crash_inside();
            ::kill(::getpid(), SIGKILL);
        }).join();
    });
    EXPECT_EQ(left.size(), 1u);
    EXPECT_EQ(events(left, store::death::crash), std::vector<store::event_id>{8});
}

TEST(running_record, names_all_that_were_inside_when_a_thread_outside_crashed) {
    const base::temporary_folder folder;
    const auto left = left_by(folder.path() / "running", [] {
        std::thread([] {
            note_crash_inside();
            ::kill(::getpid(), SIGKILL);
        }).join();
    });
    EXPECT_EQ(left.size(), 1u);
    EXPECT_EQ(events(left, store::death::unexplained), std::vector<store::event_id>{7});
}

TEST(running_record, is_empty_after_scopes_have_ended_and_after_it_was_read) {
    const base::temporary_folder folder;
    const std::filesystem::path file = folder.path() / "running";
    ASSERT_TRUE(open_running_record(file));
    { const running_scope over(5); }
    const auto again = open_running_record(file);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->empty());
}

TEST(running_record, says_why_a_file_cannot_be_used) {
    const auto died = open_running_record("/nowhere/running");
    ASSERT_FALSE(died);
    EXPECT_NE(died.error_value().message.find("/nowhere/running"), std::string::npos);
}

}  // namespace
}  // namespace sluice::plugin
