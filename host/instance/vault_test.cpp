#include "instance/vault.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/seal.hpp"
#include "store/sqlite_store.hpp"
#include "store/store_testing.hpp"

namespace sluice::instance {
namespace {

class vault_test : public ::testing::Test {
  protected:
    void SetUp() override { reopen_store(); }

    void reopen_store() {
        store_.reset();
        auto opened =
            store::open_sqlite_store(store::testing::small_options(folder_.path(), clock_));
        ASSERT_TRUE(opened) << opened.error_value().message;
        store_ = std::move(*opened);
    }
    // Keys of the numbers, newest first.
    static master_keys keys(std::initializer_list<char> numbers) {
        std::string text;
        for (const char number : numbers) {
            text += base::to_base64(std::string(base::seal_key_size, number)) + '\n';
        }
        return std::move(master_keys::parse(base::secret(std::move(text)), "test").value());
    }
    std::unique_ptr<vault> opened(std::initializer_list<char> numbers) {
        auto made = vault::open(*store_, keys(numbers), random_);
        EXPECT_TRUE(made) << made.error_value().message;
        return std::move(*made);
    }
    template <class F>
    static base::result<void> wait(F begin) {
        std::promise<base::result<void>> answer;
        begin([&answer](base::result<void> outcome) { answer.set_value(std::move(outcome)); });
        return answer.get_future().get();
    }
    static base::result<void> prepare(vault& in, const std::string& instance) {
        return wait([&](vault::done finished) { in.prepare({instance}, std::move(finished)); });
    }
    static std::string sealed(vault& in, const std::string& instance, std::string_view field) {
        return in.seal(instance, field, base::secret::copy_of("s3cret-of-" + instance)).value();
    }

    base::temporary_folder folder_;
    base::system_clock clock_;
    base::seeded_random random_{11};
    std::unique_ptr<store::store> store_;
};

TEST_F(vault_test, opens_after_a_restart_what_it_sealed) {
    std::string kept;
    {
        const auto first = opened({1});
        ASSERT_TRUE(prepare(*first, "acme"));
        kept = sealed(*first, "acme", "connections/app/apiKey");
    }
    reopen_store();
    const auto second = opened({1});
    const auto found = second->open("acme", "connections/app/apiKey", kept);
    ASSERT_TRUE(found) << found.error_value().message;
    EXPECT_EQ(found->reveal(), "s3cret-of-acme");
}

TEST_F(vault_test, what_belongs_to_one_place_opens_nowhere_else) {
    const auto it = opened({1});
    ASSERT_TRUE(prepare(*it, "acme"));
    ASSERT_TRUE(prepare(*it, "globex"));
    const std::string kept = sealed(*it, "acme", "config/hookSecret");
    EXPECT_FALSE(it->open("acme", "config/other", kept));
    EXPECT_FALSE(it->open("globex", "config/hookSecret", kept));
    EXPECT_FALSE(it->open("initech", "config/hookSecret", kept));
    EXPECT_FALSE(it->open("acme", "config/hookSecret", kept.substr(0, kept.size() - 4)));
    EXPECT_FALSE(it->open("acme", "config/hookSecret", "s3cret-of-acme"));
    EXPECT_FALSE(it->seal("initech", "x", base::secret::copy_of("y")));
}

TEST_F(vault_test, a_wrong_master_key_is_noticed_at_once) {
    {
        const auto first = opened({1});
        ASSERT_TRUE(prepare(*first, "acme"));
        ASSERT_TRUE(prepare(*first, "globex"));
    }
    const auto wrong = vault::open(*store_, keys({2}), random_);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error_value().code, base::error_code::auth);
    EXPECT_NE(wrong.error_value().message.find("2 of 2 instances"), std::string::npos);
    EXPECT_NE(wrong.error_value().message.find(keys({1}).newest_id()), std::string::npos);
}

TEST_F(vault_test, keys_of_one_instance_are_made_once) {
    const auto it = opened({1});
    std::promise<base::result<void>> first;
    std::promise<base::result<void>> second;
    it->prepare({"acme"}, [&](auto outcome) { first.set_value(std::move(outcome)); });
    it->prepare({"acme"}, [&](auto outcome) { second.set_value(std::move(outcome)); });
    EXPECT_TRUE(first.get_future().get());
    EXPECT_TRUE(second.get_future().get());
    const std::string kept = sealed(*it, "acme", "a");
    ASSERT_TRUE(prepare(*it, "acme"));
    EXPECT_TRUE(it->open("acme", "a", kept));
}

TEST_F(vault_test, a_rotated_master_key_leaves_the_secrets_as_they_are) {
    std::string kept;
    {
        const auto first = opened({1});
        for (const std::string instance : {"acme", "globex", "initech"}) {
            ASSERT_TRUE(prepare(*first, instance));
        }
        kept = sealed(*first, "globex", "a");
    }
    {
        const auto rotating = opened({2, 1});
        ASSERT_TRUE(prepare(*rotating, "umbrella"));
        EXPECT_EQ(rotating->wrapped().keys, 4u);
        EXPECT_EQ(rotating->wrapped().old, 3u);
        ASSERT_TRUE(wait([&](vault::done finished) { rotating->rewrap(std::move(finished)); }));
        EXPECT_EQ(rotating->wrapped().old, 0u);
        EXPECT_TRUE(rotating->open("globex", "a", kept));
    }
    EXPECT_FALSE(vault::open(*store_, keys({1}), random_));
    const auto after = opened({2});
    const auto found = after->open("globex", "a", kept);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->reveal(), "s3cret-of-globex");
}

TEST_F(vault_test, a_forgotten_key_is_gone_and_the_next_one_is_another) {
    const auto it = opened({1});
    ASSERT_TRUE(prepare(*it, "acme"));
    const std::string kept = sealed(*it, "acme", "a");
    ASSERT_TRUE(wait([&](vault::done finished) { it->forget("acme", {}, std::move(finished)); }));
    EXPECT_FALSE(it->open("acme", "a", kept));
    ASSERT_TRUE(prepare(*it, "acme"));
    EXPECT_FALSE(it->open("acme", "a", kept));
    EXPECT_FALSE(opened({1})->open("acme", "a", kept));
    EXPECT_TRUE(wait([&](vault::done finished) { it->forget("nobody", {}, std::move(finished)); }));
}

TEST_F(vault_test, a_key_stays_when_what_goes_with_it_cannot) {
    const auto it = opened({1});
    ASSERT_TRUE(prepare(*it, "customer:acme"));
    const std::string kept = sealed(*it, "customer:acme", "a");
    // Of a version that nobody has written.
    const store::config_change odd{{"value", "acme", "{}", 7}, false};
    EXPECT_FALSE(wait(
        [&](vault::done finished) { it->forget("customer:acme", {odd}, std::move(finished)); }));
    EXPECT_TRUE(it->open("customer:acme", "a", kept));
    EXPECT_TRUE(opened({1})->open("customer:acme", "a", kept));
}

TEST_F(vault_test, a_key_moved_to_another_instance_is_refused) {
    {
        const auto first = opened({1});
        ASSERT_TRUE(prepare(*first, "acme"));
    }
    const auto record = store_->config("data_key").value().at(0);
    ASSERT_TRUE(
        store::testing::put_config_and_wait(*store_, {"data_key", "globex", record.value_json, 0}));
    const auto moved = vault::open(*store_, keys({1}), random_);
    ASSERT_FALSE(moved);
    EXPECT_NE(moved.error_value().message.find("globex"), std::string::npos);
}

// No file of the store holds a secret or a key in any of the forms that a careless eye finds.
TEST_F(vault_test, nothing_readable_reaches_the_disk) {
    const auto it = opened({1});
    ASSERT_TRUE(prepare(*it, "acme"));
    ASSERT_TRUE(store::testing::put_config_and_wait(
        *store_, {"value", "acme", '"' + sealed(*it, "acme", "a") + '"', 0}));
    store_->close();
    const std::string plain = "s3cret-of-acme";
    const std::string master(base::seal_key_size, 1);
    std::size_t read = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
        if (!file.is_regular_file()) continue;
        const std::string content = base::read_file(file.path()).value();
        read += content.size();
        for (const std::string& canary : {plain, base::to_base64(plain), base::to_hex(plain),
                                          master, base::to_base64(master)}) {
            EXPECT_EQ(content.find(canary), std::string::npos) << file.path();
        }
    }
    EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace sluice::instance
