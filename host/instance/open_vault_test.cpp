#include "instance/open_vault.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <future>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "store/sqlite_store.hpp"
#include "store/store_testing.hpp"

namespace sluice::instance {
namespace {

class open_vault_test : public testing::Test {
  protected:
    void SetUp() override {
        auto opened =
            store::open_sqlite_store(store::testing::small_options(folder_.path(), clock_));
        ASSERT_TRUE(opened) << opened.error_value().message;
        store_ = std::move(*opened);
    }
    base::result<std::unique_ptr<vault>> open() {
        return open_vault(
            *store_, {file_, {}, {}},
            [](const std::string&) { return std::optional<std::string>(); }, random_);
    }
    void seal_something() {
        auto it = open();
        ASSERT_TRUE(it) << it.error_value().to_text();
        std::promise<base::result<void>> made;
        (*it)->prepare({"acme"}, [&](base::result<void> how) { made.set_value(std::move(how)); });
        ASSERT_TRUE(made.get_future().get());
    }

    base::temporary_folder folder_;
    base::temporary_folder keys_;
    std::filesystem::path file_ = keys_.path() / "master.key";
    base::system_clock clock_;
    base::secure_random random_;
    std::unique_ptr<store::store> store_;
};

TEST_F(open_vault_test, makes_a_key_that_only_its_owner_reads_and_keeps_it) {
    seal_something();
    struct stat found {};
    ASSERT_EQ(::stat(file_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0400u);
    EXPECT_TRUE(open());
}

TEST_F(open_vault_test, refuses_to_start_without_the_key_it_had) {
    seal_something();
    std::filesystem::remove(file_);
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error_value().to_text().find("bring the file back"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(file_)) << "a new key would open nothing";
}

TEST_F(open_vault_test, refuses_to_start_with_another_key) {
    seal_something();
    std::filesystem::remove(file_);
    ASSERT_TRUE(create_master_key(file_, random_));
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error_value().message.find("sealed under the master key"), std::string::npos);
}

}  // namespace
}  // namespace sluice::instance
