#include "plugin/scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class scanning : public testing::Test {
  protected:
    void install(std::string_view name, std::string as = {}) {
        if (as.empty()) as = std::string(name) + ".so";
        fs::copy_file(fixture(name), folder.path() / as, fs::copy_options::overwrite_existing);
    }
    scan_result scan() {
        auto scanned = eye.scan(folder.path());
        EXPECT_TRUE(scanned);
        return scanned ? *scanned : scan_result{};
    }
    // The only refusal there is.
    refusal refused() {
        const scan_result result = scan();
        EXPECT_TRUE(result.found.empty());
        EXPECT_EQ(result.refused.size(), 1u);
        return result.refused.empty() ? refusal{} : result.refused.front();
    }
    refusal refused(std::string_view name) {
        install(name);
        return refused();
    }

    base::temporary_folder folder;
    base::system_clock time;
    scanner eye{time};
};

}  // namespace

TEST_F(scanning, finds_connectors_without_loading_them) {
    install("probe");
    install("open_crashes", "second.so");
    const scan_result result = scan();
    ASSERT_EQ(result.found.size(), 2u);
    EXPECT_EQ(result.found[0].description.id, "probe");
    EXPECT_EQ(result.found[0].sha256.size(), 64u);
    EXPECT_EQ(result.found[1].file.filename(), "second.so");
    EXPECT_TRUE(result.refused.empty());
}

TEST_F(scanning, looks_at_libraries_of_the_folder_itself_only) {
    fs::create_directory(folder.path() / "deeper.so");
    fs::create_directory(folder.path() / "deeper");
    install("probe", "deeper/probe.so");
    install("probe", "probe.so.bak");
    EXPECT_TRUE(scan().found.empty());
}

TEST_F(scanning, a_missing_folder_is_an_error_that_names_it) {
    const auto scanned = eye.scan(folder.path() / "nowhere");
    ASSERT_FALSE(scanned);
    EXPECT_THAT(scanned.error_value().message, HasSubstr("nowhere"));
}

TEST_F(scanning, says_in_one_sentence_why_a_file_is_refused) {
    const std::pair<const char*, const char*> cases[] = {
        {"no_descriptor", "no section `sluicemd`"},
        {"descriptor_json", "not valid JSON"},
        {"abi_major", "ABI 7.0, this host speaks 1.0"},
        {"abi_minor", "ABI 1.99"},
        {"service", "sluice.teleport/3"},
        {"no_entry", "does not export the function `sluice_connector_v1`"},
        {"entry_major", "exports `sluice_connector_v7`"},
    };
    for (const auto& [name, reason] : cases) {
        const refusal one = refused(name);
        EXPECT_THAT(one.reason, HasSubstr(reason));
        EXPECT_FALSE(one.next_step.empty()) << name;
        EXPECT_EQ(one.file.filename(), std::string(name) + ".so");
        fs::remove(folder.path() / (std::string(name) + ".so"));
    }
}

TEST_F(scanning, refuses_what_is_no_library) {
    std::ofstream(folder.path() / "text.so") << "hello";
    EXPECT_THAT(refused().reason, HasSubstr("not a shared library"));
    std::ofstream(folder.path() / "text.so") << "";
    EXPECT_THAT(refused().reason, HasSubstr("cut off"));
}

TEST_F(scanning, a_refusal_does_not_outlive_the_file_it_was_for) {
    EXPECT_THAT(refused("no_descriptor").reason, HasSubstr("no section"));
    install("probe", "no_descriptor.so");
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, a_file_that_is_still_being_copied_is_accepted_when_it_is_complete) {
    const auto bytes = base::read_file(fixture("probe"));
    ASSERT_TRUE(bytes);
    const auto target = folder.path() / "probe.so";
    for (std::size_t part = 1; part < 8; ++part) {
        std::ofstream(target) << bytes->substr(0, bytes->size() * part / 8);
        EXPECT_THAT(refused().reason, HasSubstr("cut off"));
    }
    std::ofstream(target) << *bytes;
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, content_that_changes_behind_the_same_size_and_time_is_seen_when_it_is_fresh) {
    // A copy that reserves its size first: same inode, same size, and a clock too coarse to tell.
    const auto bytes = base::read_file(fixture("probe"));
    ASSERT_TRUE(bytes);
    const auto target = folder.path() / "probe.so";
    std::ofstream(target) << std::string(bytes->size(), '\0');
    const auto stamp = fs::last_write_time(target);
    EXPECT_THAT(refused().reason, HasSubstr("not a shared library"));
    std::ofstream(target, std::ios::in | std::ios::out) << *bytes;
    fs::last_write_time(target, stamp);
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, of_two_files_with_one_id_and_version_the_first_is_taken) {
    install("probe", "a.so");
    install("probe_twin", "b.so");
    scan_result result = scan();
    ASSERT_EQ(result.found.size(), 1u);
    EXPECT_EQ(result.found[0].file.filename(), "a.so");
    ASSERT_EQ(result.refused.size(), 1u);
    EXPECT_THAT(result.refused[0].to_text(), HasSubstr("probe 0.1.0 is already there in a.so"));
    install("probe_next", "b.so");
    result = scan();
    EXPECT_EQ(result.found.size(), 2u);
    EXPECT_TRUE(result.refused.empty());
}

TEST_F(scanning, what_is_dropped_beside_a_connector_in_use_does_not_take_its_place) {
    install("probe", "m.so");
    ASSERT_EQ(scan().found.size(), 1u);
    install("probe_twin", "a.so");
    install("probe_next", "b.so");
    const scan_result result = scan();
    ASSERT_EQ(result.found.size(), 2u);
    EXPECT_EQ(result.found[0].file.filename(), "b.so");
    EXPECT_EQ(result.found[1].file.filename(), "m.so");
    ASSERT_EQ(result.refused.size(), 1u);
    EXPECT_EQ(result.refused[0].file.filename(), "a.so");
    EXPECT_THAT(result.refused[0].to_text(), HasSubstr("probe 0.1.0 is already there in m.so"));
}

TEST_F(scanning, a_trusted_connector_comes_before_another_with_its_name) {
    install("probe", "a.so");
    ASSERT_EQ(scan().found.size(), 1u);
    const std::string stranger = scan().found[0].sha256;
    install("probe_twin", "b.so");
    scanner careful(time, [&](const std::string& hash) { return hash != stranger; });
    const auto result = careful.scan(folder.path());
    ASSERT_TRUE(result);
    ASSERT_EQ(result->found.size(), 1u);
    EXPECT_EQ(result->found[0].file.filename(), "b.so");
    EXPECT_THAT(result->refused.at(0).to_text(), HasSubstr("is already there in b.so"));
}

TEST_F(scanning, links_may_not_leave_the_folder) {
    base::temporary_folder elsewhere;
    fs::copy_file(fixture("probe"), elsewhere.path() / "probe.so");
    fs::create_symlink(elsewhere.path() / "probe.so", folder.path() / "link.so");
    EXPECT_THAT(refused().reason, HasSubstr("leads out of the connectors folder"));
    fs::remove(folder.path() / "link.so");
    fs::create_symlink(folder.path() / "gone.so", folder.path() / "link.so");
    EXPECT_THAT(refused().reason, HasSubstr("leads nowhere"));
    fs::remove(folder.path() / "link.so");
    install("probe", "real.bin");
    fs::create_symlink("real.bin", folder.path() / "link.so");
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, root_does_not_load_what_others_may_write) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root is that careful";
    install("probe");
    const auto file = folder.path() / "probe.so";
    fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
    EXPECT_THAT(refused().reason, HasSubstr("others may write"));
    fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, root_does_not_load_what_belongs_to_others) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root is that careful";
    install("probe");
    const auto file = folder.path() / "probe.so";
    ASSERT_EQ(::chown(file.c_str(), 1000, 0), 0);
    EXPECT_THAT(refused().reason, HasSubstr("belongs to user 1000"));
    const auto alone = inspect_file(file);
    ASSERT_TRUE(std::holds_alternative<refusal>(alone));
    ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, root_does_not_load_what_others_may_put_in_another_place) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root is that careful";
    install("probe");
    ASSERT_EQ(scan().found.size(), 1u);
    fs::permissions(folder.path(), fs::perms::others_write, fs::perm_options::add);
    EXPECT_THAT(refused().reason, HasSubstr("others may write to the folder"))
        << "also of a file that was fine before";
    fs::permissions(folder.path(), fs::perms::sticky_bit, fs::perm_options::add);
    EXPECT_EQ(scan().found.size(), 1u) << "as in /tmp: nobody replaces what is others'";
    ASSERT_EQ(::chown(folder.path().c_str(), 1000, 0), 0);
    EXPECT_THAT(refused().reason, HasSubstr("belongs to user 1000"));
    ASSERT_EQ(::chown(folder.path().c_str(), 0, 0), 0);
    EXPECT_EQ(scan().found.size(), 1u);
}

TEST_F(scanning, root_does_not_load_from_below_a_folder_that_others_may_change) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root is that careful";
    install("probe");
    const fs::path above = folder.path() / "a";
    const fs::path inner = above / "b" / "connectors";
    fs::create_directories(inner);
    fs::rename(folder.path() / "probe.so", inner / "probe.so");
    const auto reason = [&] {
        const auto found = scan_folder(inner);
        return found && found->refused.size() == 1 ? found->refused[0].reason : "";
    };
    EXPECT_EQ(reason(), "");
    fs::permissions(above, fs::perms::group_write, fs::perm_options::add);
    EXPECT_THAT(reason(), HasSubstr("others may write to the folder " + above.string() + ","));
    fs::permissions(above, fs::perms::sticky_bit, fs::perm_options::add);
    EXPECT_EQ(reason(), "");
    ASSERT_EQ(::chown(above.c_str(), 1000, 0), 0);
    EXPECT_THAT(reason(), HasSubstr(above.string() + " belongs to user 1000"));
}

// Tests run with the address sanitizer or with the thread sanitizer or with none, never with both:
// one of the two is always foreign.
TEST_F(scanning, refuses_a_build_with_a_sanitizer_that_the_host_has_not) {
    install("probe");
    std::ofstream(folder.path() / "probe.so", std::ios::app | std::ios::binary) << "__asan_init"
                                                                                << "__tsan_init";
    EXPECT_THAT(refused().to_text(), HasSubstr("sanitizer, which would end this program. Build it "
                                               "for release"));
}

}  // namespace sluice::plugin
