#include "json/pointer.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::json {
namespace {

std::string found(std::string_view pointer) {
    const value document = parse(R"({"a/b": [1, {"m~n": 2}], "": 3, "~1": 4})").value();
    const value* const at = find_pointer(document, pointer);
    return at == nullptr ? "nothing" : to_text(*at);
}

TEST(json_pointer, finds_members_and_items) {
    EXPECT_EQ(found("/a~1b/0"), "1");
    EXPECT_EQ(found("/a~1b/1/m~0n"), "2");
    EXPECT_EQ(found("/"), "3");
    EXPECT_EQ(found("/~01"), "4");
}

TEST(json_pointer, finds_nothing_where_nothing_is) {
    EXPECT_EQ(found("/a"), "nothing");
    EXPECT_EQ(found("/a~1b/2"), "nothing");
    EXPECT_EQ(found("/a~1b/-"), "nothing");
    EXPECT_EQ(found("/a~1b/0/x"), "nothing");
    EXPECT_EQ(found("a~1b"), "nothing");
}

TEST(json_pointer, escapes_what_it_appends) {
    std::string pointer = "/x";
    append_pointer(pointer, "a/b~c");
    EXPECT_EQ(pointer, "/x/a~1b~0c");
}

}  // namespace
}  // namespace sluice::json
