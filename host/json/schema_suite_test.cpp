// The JSON Schema project's own tests, as Debian's libtest-json-schema-acceptance-perl has them:
// every file of draft7 and draft2020-12 that is not optional, and of the optional ones those for
// formats that are checked.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <ostream>
#include <string_view>
#include <tuple>

#include "base/file.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"

namespace sluice::json {
namespace {

const std::filesystem::path suite =
    "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests";

struct file_of_suite {
    std::string draft;
    std::string name;  // without .json
    friend void PrintTo(const file_of_suite& file, std::ostream* out) {
        *out << file.draft << "/" << file.name;
    }
};

constexpr std::string_view remote = "refers to another document";
constexpr std::string_view metaschema = "refers to the metaschema, which is another document";
constexpr std::string_view dynamic = "uses $dynamicRef";
constexpr std::string_view vocabulary = "has a dialect of its own";

// What is out of scope, and must be refused by compile(): file, description of the group ("*": each
// group of the file but one), why.
struct exclusion {
    std::string_view file;
    std::string_view group;
    std::string_view reason;
    std::string_view but = {};
};
constexpr exclusion excluded[] = {
    {"draft7/definitions", "*", metaschema},
    {"draft7/ref", "remote ref, containing refs itself", metaschema},
    {"draft7/refRemote", "*", remote},
    {"draft2020-12/anchor", "invalid anchors", metaschema},
    {"draft2020-12/defs", "*", metaschema},
    {"draft2020-12/dynamicRef", "*", dynamic,
     "A $ref to a $dynamicAnchor in the same schema resource behaves like a normal $ref to an"
     " $anchor"},
    {"draft2020-12/id", "Invalid use of fragments in location-independent $id", metaschema},
    {"draft2020-12/id", "Valid use of empty fragments in location-independent $id", metaschema},
    {"draft2020-12/id", "Unnormalized $ids are allowed but discouraged", metaschema},
    {"draft2020-12/ref", "remote ref, containing refs itself", metaschema},
    {"draft2020-12/ref", "URN base URI with f-component", metaschema},
    {"draft2020-12/refRemote", "*", remote},
    {"draft2020-12/vocabulary", "*", vocabulary},
};

std::string_view reason_to_skip(const file_of_suite& file, const std::string& group) {
    const std::string name = file.draft + "/" + file.name;
    for (const exclusion& each : excluded) {
        const bool listed = each.group == "*" ? each.but != group : each.group == group;
        if (each.file == name && listed) return each.reason;
    }
    return {};
}

std::vector<file_of_suite> files() {
    std::vector<file_of_suite> found;
    constexpr std::string_view checked_formats[] = {
        "date", "date-time", "duration", "email", "ipv4", "ipv6", "time", "uri", "uuid"};
    for (const std::string draft : {"draft7", "draft2020-12"}) {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(suite / draft, ignored)) {
            if (entry.path().extension() != ".json") continue;
            found.push_back({draft, entry.path().stem().string()});
        }
        for (const std::string_view format : checked_formats) {
            const std::string name = "optional/format/" + std::string(format);
            if (std::filesystem::exists(suite / draft / (name + ".json"))) {
                found.push_back({draft, name});
            }
        }
    }
    std::sort(found.begin(), found.end(), [](const file_of_suite& a, const file_of_suite& b) {
        return std::tie(a.draft, a.name) < std::tie(b.draft, b.name);
    });
    return found;
}

const std::string refused = "refused: ";

// The descriptions of tests in `group` that come out wrong.
std::vector<std::string> wrong_outcomes(const value& group, const std::string& draft) {
    value document = group.get("schema");
    if (draft == "draft7" && document.is_object() && document.find("$schema") == nullptr) {
        document.set("$schema", "http://json-schema.org/draft-07/schema#");
    }
    const base::result<schema> compiled = schema::compile(document);
    if (!compiled) return {refused + compiled.error_value().to_text()};
    std::vector<std::string> wrong;
    for (const value& test : group.get("tests").items()) {
        const std::vector<violation> found = compiled->validate(test.get("data"));
        if (found.empty() == test.bool_or("valid", false)) continue;
        wrong.push_back(test.string_or("description", "") + ": " + explain(found));
    }
    return wrong;
}

value groups_of(const file_of_suite& file) {
    const auto text = base::read_file(suite / file.draft / (file.name + ".json"), 1 << 20);
    return text ? parse(*text).value() : value::array();
}

class schema_suite : public testing::TestWithParam<file_of_suite> {};

TEST_P(schema_suite, agrees) {
    const file_of_suite& file = GetParam();
    const value groups = groups_of(file);
    ASSERT_GT(groups.size(), 0u);
    for (const value& group : groups.items()) {
        const std::string description = group.string_or("description", "");
        const std::vector<std::string> wrong = wrong_outcomes(group, file.draft);
        const std::string_view reason = reason_to_skip(file, description);
        if (reason.empty()) {
            EXPECT_EQ(wrong, std::vector<std::string>()) << description;
        } else {
            ASSERT_FALSE(wrong.empty())
                << description << " passes: take it off the list (" << reason << ")";
            EXPECT_TRUE(wrong.front().starts_with(refused)) << description << ": " << wrong.front();
        }
    }
}

std::string name_of(const testing::TestParamInfo<file_of_suite>& of) {
    std::string name = of.param.draft + "_" + of.param.name;
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(all, schema_suite, testing::ValuesIn(files()), name_of);

TEST(schema_suite_files, are_there) {
    ASSERT_GT(files().size(), 70u) << "run tools/setup: " << suite << " is missing";
}

TEST(schema_suite_files, have_what_the_list_leaves_out) {
    for (const exclusion& each : excluded) {
        const std::size_t slash = each.file.find('/');
        const value groups = groups_of(
            {std::string(each.file.substr(0, slash)), std::string(each.file.substr(slash + 1))});
        const bool found =
            std::any_of(groups.items().begin(), groups.items().end(), [&](const value& group) {
                return each.group == "*" || each.group == group.get("description").as_string();
            });
        EXPECT_TRUE(found) << each.file << ": " << each.group;
    }
}

}  // namespace
}  // namespace sluice::json
