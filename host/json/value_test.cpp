#include "json/value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/thread.hpp"
#include "json/text.hpp"

namespace sluice::json {
namespace {

TEST(json_value, kinds_of_everything_it_is_made_from) {
    EXPECT_EQ(value().kind(), kind::null);
    EXPECT_EQ(value(nullptr).kind(), kind::null);
    EXPECT_EQ(value(true).kind(), kind::boolean);
    EXPECT_EQ(value(1).kind(), kind::number);
    EXPECT_EQ(value(1.5).kind(), kind::number);
    EXPECT_EQ(value("text").kind(), kind::string);
    EXPECT_EQ(value::array().kind(), kind::array);
    EXPECT_EQ(value::object().kind(), kind::object);
    EXPECT_EQ(value::number("1e400").kind(), kind::number);
}

TEST(json_value, integers_take_the_smaller_form) {
    EXPECT_EQ(value(-1).as_int64(), -1);
    EXPECT_EQ(value(4'000'000'000u).as_int64(), 4'000'000'000);
    EXPECT_EQ(value(9'223'372'036'854'775'807ul).number_form(), number_form::int64);
    EXPECT_EQ(value(9'223'372'036'854'775'808ul).number_form(), number_form::uint64);
    EXPECT_EQ(value(std::numeric_limits<std::uint64_t>::max()).as_uint64(),
              18'446'744'073'709'551'615ul);
}

TEST(json_value, numbers_that_are_not_finite_become_null) {
    EXPECT_TRUE(value(std::nan("")).is_null());
    EXPECT_TRUE(value(std::numeric_limits<double>::infinity()).is_null());
    EXPECT_TRUE(value(-std::numeric_limits<double>::infinity()).is_null());
}

TEST(json_value, every_number_has_a_nearest_double) {
    EXPECT_EQ(value(-3).as_double(), -3.0);
    EXPECT_EQ(value(18'446'744'073'709'551'615ul).as_double(), 18446744073709551616.0);
    EXPECT_EQ(value::number("1e400").as_double(), std::numeric_limits<double>::max());
    EXPECT_EQ(value::number("-1e400").as_double(), -std::numeric_limits<double>::max());
    EXPECT_EQ(value::number("1e-400").as_double(), 0.0);
    EXPECT_EQ(value::number("0.10000000000000000000000001").as_double(), 0.1);
}

TEST(json_value, copies_do_not_see_changes_of_each_other) {
    value original = value::object({{"list", value::array({1, 2})}, {"name", "a"}});
    value copy = original;
    copy.set("name", "b");
    copy.set("more", true);
    value list = copy.get("list");
    list.push(3);
    EXPECT_EQ(to_text(original), R"({"list":[1,2],"name":"a"})");
    EXPECT_EQ(to_text(copy), R"({"list":[1,2],"name":"b","more":true})");
    EXPECT_EQ(to_text(list), "[1,2,3]");
    EXPECT_TRUE(copy.erase("list"));
    EXPECT_EQ(original.size(), 2u);
}

TEST(json_value, items_for_write_of_a_shared_array_leaves_the_other_alone) {
    value original = value::array({1, 2});
    value copy = original;
    copy.items_for_write()[0] = 9;
    EXPECT_EQ(to_text(original), "[1,2]");
    EXPECT_EQ(to_text(copy), "[9,2]");
}

TEST(json_value, moving_leaves_null) {
    value original("text");
    const value taken = std::move(original);
    EXPECT_EQ(taken.as_string(), "text");
    EXPECT_TRUE(original.is_null());  // NOLINT: on purpose
}

TEST(json_value, may_become_a_part_of_itself) {
    value outer = value::array({value::array({"inner"})});
    outer = outer.items()[0];
    EXPECT_EQ(to_text(outer), R"(["inner"])");
    value moved = value::array({value::array({"inner"})});
    moved = std::move(moved.items_for_write()[0]);
    EXPECT_EQ(to_text(moved), R"(["inner"])");
    value grown = value::array({1});
    grown.push(grown);
    EXPECT_EQ(to_text(grown), "[1,[1]]");
    value self = value("same");
    value& alias = self;
    self = alias;
    self = std::move(alias);
    EXPECT_EQ(self.as_string(), "same");
}

TEST(json_value, null_grows_into_an_object_or_an_array) {
    value object;
    object.set("a", 1);
    EXPECT_EQ(to_text(object), R"({"a":1})");
    value array;
    array.push(1);
    EXPECT_EQ(to_text(array), "[1]");
    value members;
    members.members_for_write().emplace_back("k", "v");
    EXPECT_EQ(members.get("k").as_string(), "v");
}

TEST(json_value, lenient_readers_give_defaults) {
    const value object =
        value::object({{"s", "text"}, {"i", 7}, {"b", true}, {"r", 1.5}, {"n", nullptr}});
    EXPECT_EQ(object.string_or("s", "x"), "text");
    EXPECT_EQ(object.string_or("i", "x"), "x");
    EXPECT_EQ(object.int_or("i", 1), 7);
    EXPECT_EQ(object.int_or("r", 1), 1);
    EXPECT_TRUE(object.bool_or("b", false));
    EXPECT_TRUE(object.bool_or("missing", true));
    EXPECT_TRUE(object.get("missing").is_null());
    EXPECT_EQ(object.find("missing"), nullptr);
    ASSERT_NE(object.find("n"), nullptr);
    EXPECT_TRUE(object.find("n")->is_null());
    EXPECT_TRUE(value("text").get("s").is_null());
    EXPECT_TRUE(value::array({1}).at(1).is_null());
    EXPECT_EQ(value::array({1}).at(0).as_int64(), 1);
    EXPECT_TRUE(object.at(0).is_null());
}

TEST(json_value, size_is_that_of_the_content) {
    EXPECT_EQ(value("abc").size(), 3u);
    EXPECT_EQ(value::array({1, 2}).size(), 2u);
    EXPECT_EQ(value::object({{"a", 1}}).size(), 1u);
    EXPECT_EQ(value(12345).size(), 0u);
    EXPECT_EQ(value().size(), 0u);
}

TEST(json_value, nests_deeper_than_the_stack_end_well) {
    value nest;
    value objects;
    for (int i = 0; i < 100'000; ++i) {
        nest = value::array({std::move(nest)});
        value outer;
        outer.set("k", std::move(objects));
        objects = std::move(outer);
    }
    const value shared = nest.at(0);
    nest = nullptr;
    objects = nullptr;
    EXPECT_TRUE(shared.is_array());
}

TEST(json_value, may_be_copied_and_dropped_by_several_threads) {
    value shared = value::object({{"list", value::array({"a", "b"})}});
    for (int i = 0; i < 40; ++i)
        shared.set("key" + std::to_string(i), i);
    {
        std::vector<base::thread> threads;
        for (int number = 0; number < 4; ++number) {
            threads.emplace_back("reader", [copy = shared] {
                for (int i = 0; i < 2'000; ++i) {
                    value own = copy;
                    if (own.get("key" + std::to_string(i % 40)).as_int64() != i % 40) std::abort();
                    own.set("mine", own.get("list"));
                }
            });
        }
    }
    EXPECT_EQ(shared.size(), 41u);
}

TEST(json_value_death_test, asking_for_another_kind_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const value text("text");
    EXPECT_DEATH(static_cast<void>(text.as_bool()), "as_bool");
    EXPECT_DEATH(static_cast<void>(text.as_int64()), "as_int64");
    EXPECT_DEATH(static_cast<void>(text.as_double()), "as_double");
    EXPECT_DEATH(static_cast<void>(text.items()), "no array");
    EXPECT_DEATH(static_cast<void>(text.members()), "no object");
    EXPECT_DEATH(static_cast<void>(value(1).as_string()), "as_string");
    EXPECT_DEATH(static_cast<void>(value(1).as_uint64()), "as_uint64");
    EXPECT_DEATH(value("text").set("a", 1), "no object");
    EXPECT_DEATH(value("text").push(1), "no array");
}

}  // namespace
}  // namespace sluice::json
