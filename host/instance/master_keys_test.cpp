#include "instance/master_keys.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>

#include "base/base_testing.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"

namespace sluice::instance {
namespace {

constexpr const char* first_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr const char* second_key = "//////////////////////////////////////////8=";

base::result<master_keys> parsed(const std::string& text) {
    return master_keys::parse(base::secret::copy_of(text), "keys");
}
std::optional<std::string> no_variables(const std::string&) { return std::nullopt; }

TEST(master_keys, takes_the_first_line_as_the_newest) {
    const auto keys = parsed(std::string("# July\r\n") + first_key + "\r\n\n# May\n" + second_key);
    ASSERT_TRUE(keys) << keys.error_value().message;
    EXPECT_EQ(base::to_base64(keys->newest().reveal()), first_key);
    const std::string old = master_key_id(base::secret(base::from_base64(second_key).value()));
    ASSERT_NE(keys->find(old), nullptr);
    EXPECT_EQ(base::to_base64(keys->find(old)->reveal()), second_key);
    EXPECT_EQ(keys->ids(), keys->newest_id() + ", " + old);
    EXPECT_EQ(keys->find("0000000000000000"), nullptr);
}

TEST(master_keys, names_the_line_that_is_no_key_and_keeps_it_to_itself) {
    for (const std::string bad : {"c2hvcnQ=", "hunter2-hunter2", "AAEC AwQF"}) {
        const auto keys = parsed(std::string(first_key) + "\n" + bad + "\n");
        ASSERT_FALSE(keys) << bad;
        EXPECT_NE(keys.error_value().message.find("keys, line 2"), std::string::npos);
        EXPECT_EQ(keys.error_value().message.find(bad), std::string::npos);
    }
    EXPECT_FALSE(parsed(""));
    EXPECT_FALSE(parsed("# nothing\n"));
}

TEST(master_keys, a_new_file_is_readable_by_its_owner_alone_and_never_replaced) {
    const base::temporary_folder folder;
    const std::filesystem::path file = folder.path() / "master.key";
    base::seeded_random random(3);
    ASSERT_TRUE(create_master_key(file, random));
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms::owner_read);
    const auto keys = read_master_keys({file, "", {}}, no_variables);
    ASSERT_TRUE(keys) << keys.error_value().message;
    EXPECT_FALSE(create_master_key(file, random));
    EXPECT_EQ(read_master_keys({file, "", {}}, no_variables)->newest_id(), keys->newest_id());
}

TEST(master_keys, a_file_that_others_can_read_is_refused) {
    const base::temporary_folder folder;
    const std::filesystem::path file = folder.path() / "master.key";
    ASSERT_TRUE(base::write_file(file, first_key, 0440));
    const auto keys = read_master_keys({file, "", {}}, no_variables);
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error_value().code, base::error_code::auth);
    EXPECT_FALSE(read_master_keys({folder.path() / "none", "", {}}, no_variables));
}

TEST(master_keys, come_from_a_variable_or_a_command) {
    const auto lookup = [](const std::string& name) -> std::optional<std::string> {
        if (name == "KEY") return first_key;
        return std::nullopt;
    };
    const auto from_variable = read_master_keys({{}, "KEY", {}}, lookup);
    ASSERT_TRUE(from_variable);
    EXPECT_FALSE(read_master_keys({{}, "OTHER", {}}, lookup));
    const auto from_command = read_master_keys({{}, "", {"echo", first_key}}, lookup);
    ASSERT_TRUE(from_command) << from_command.error_value().message;
    EXPECT_EQ(from_command->newest_id(), from_variable->newest_id());
    const auto failed =
        read_master_keys({{}, "", {"sh", "-c", "echo sealed away >&2; exit 4"}}, lookup);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error_value().message.find("exit code 4: sealed away"), std::string::npos);
}

}  // namespace
}  // namespace sluice::instance
