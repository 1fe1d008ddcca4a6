#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "descriptor_rules.hpp"
#include "descriptor_source.hpp"
#include "sluice/json.hpp"

namespace {

using sluice::json;
using sluice::embed::check_descriptor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json valid() {
    return json::parse(R"({
        "sluice": 1, "id": "git-hub2", "version": "0.1.0", "title": "GitHub",
        "abi": {"major": 1, "minor": 0},
        "services": {"required": ["sluice.http/1"], "optional": ["sluice.timer/1"]},
        "connections": {"token": {"title": "Token", "kind": "bearer",
            "fields": {"type": "object", "required": ["token"],
                       "properties": {"token": {"type": "string", "secret": true}}}}},
        "actions": {"createIssue": {"title": "Create", "connection": "required",
            "flags": ["idempotent"], "input": {"type": "object", "required": ["x"]},
            "output": {"type": ["object", "null"]}, "examples": [{"input": {}}]}}})");
}

std::vector<std::string> problems_with(const std::function<void(json&)>& change) {
    json descriptor = valid();
    change(descriptor);
    return check_descriptor(descriptor.dump()).problems;
}

json& at(json& value, std::initializer_list<const char*> path) {
    json* found = &value;
    for (const char* key : path)
        found = &found->member_for_write(key);
    return *found;
}

TEST(embed, accepts_a_valid_descriptor_and_takes_out_white_space) {
    const auto checked = check_descriptor(" " + valid().dump() + "\n");
    EXPECT_THAT(checked.problems, IsEmpty());
    EXPECT_EQ(checked.minified, valid().dump());
}

TEST(embed, names_path_and_rule_of_a_problem) {
    const auto set = [](std::initializer_list<const char*> path, json value) {
        return problems_with([&](json& descriptor) { at(descriptor, path) = value; });
    };
    EXPECT_THAT(set({"sluice"}, 2), ElementsAre(HasSubstr("/sluice: must be 1")));
    EXPECT_THAT(set({"id"}, "Git"), ElementsAre(HasSubstr("/id: must be a lower-case letter")));
    EXPECT_THAT(set({"version"}, "1.0"), ElementsAre(HasSubstr("/version: must be three numbers")));
    EXPECT_THAT(set({"version"}, "1.0.0-x"), ElementsAre(HasSubstr("/version")));
    EXPECT_THAT(set({"title"}, 1), ElementsAre("/title: must be a string, it is a number"));
    EXPECT_THAT(set({"abi", "minor"}, 9),
                ElementsAre(HasSubstr("/abi/minor: must be a whole number up to 0")));
    EXPECT_THAT(set({"titel"}, "x"), ElementsAre(HasSubstr("did you mean 'title'?")));
    EXPECT_THAT(set({"services", "required"}, json::array({"sluice.htp/1"})),
                ElementsAre(HasSubstr("/services/required/0: unknown value 'sluice.htp/1'")));
    EXPECT_THAT(set({"connections", "token", "kind"}, "berer"),
                ElementsAre(HasSubstr("/connections/token/kind: unknown value 'berer'")));
    EXPECT_THAT(set({"connections", "token", "oauth2"}, json{{"grant", "code"}, {"tokenUrl", "x"}}),
                ElementsAre(HasSubstr("/connections/token/oauth2/grant: unknown value 'code'")));
    EXPECT_THAT(
        set({"connections", "token", "oauth2"}, json{{"grant", "jwtBearer"}, {"scope", "x"}}),
        ElementsAre(HasSubstr("did you mean 'scopes'?"),
                    HasSubstr("the key 'tokenUrl' is missing")));
    EXPECT_THAT(set({"connections", "token", "fields", "type"}, "array"),
                ElementsAre("/connections/token/fields/type: must be \"object\""));
    EXPECT_THAT(set({"connections", "token", "fields", "required"}, json::array({"tokn"})),
                ElementsAre(HasSubstr("'tokn' is not one of the properties")));
    EXPECT_THAT(set({"connections", "token", "fields", "properties", "token", "secret"}, "yes"),
                ElementsAre(HasSubstr("/secret: must be true or false")));
    EXPECT_THAT(set({"actions", "create-issue"}, json{{"title", "x"}}),
                ElementsAre(HasSubstr("/actions/create-issue: an action's id")));
    EXPECT_THAT(set({"actions", "a/b~"}, json{{"title", "x"}}),
                ElementsAre(HasSubstr("/actions/a~1b~0: ")));
    EXPECT_THAT(set({"actions", "createIssue", "flags"}, json::array({"idempotnt"})),
                ElementsAre(HasSubstr("did you mean 'idempotent'?")));
    EXPECT_THAT(set({"actions", "createIssue", "connection"}, "yes"),
                ElementsAre(HasSubstr("/actions/createIssue/connection: unknown value 'yes'")));
    EXPECT_THAT(set({"actions", "createIssue", "input", "type"}, "objct"),
                ElementsAre(HasSubstr("/actions/createIssue/input/type: unknown value 'objct'")));
    EXPECT_THAT(set({"actions", "createIssue", "input"}, json{{"properties", {{"a", 1}}}}),
                ElementsAre(HasSubstr("/input/properties/a: a JSON Schema is an object")));
    EXPECT_THAT(set({"actions", "createIssue", "examples"}, json::array({json::object()})),
                ElementsAre(HasSubstr("/examples/0: the key 'input' is missing")));
    const auto with_answer = [](const json& answer) {
        return json::array({json{{"input", json::object()}, {"http", json::array({answer})}}});
    };
    EXPECT_THAT(set({"actions", "createIssue", "examples"}, with_answer({{"state", 200}})),
                ElementsAre(HasSubstr("/examples/0/http/0")));
    EXPECT_THAT(set({"actions", "createIssue", "examples"}, with_answer(7)),
                ElementsAre(HasSubstr("/examples/0/http/0: must be an object")));
    EXPECT_THAT(set({"connections"}, json::object()),
                ElementsAre(HasSubstr("'/connections' describes none")));
    EXPECT_THAT(set({"actions"}, json::object()),
                ElementsAre("/actions: a connector needs at least one action"));
}

TEST(embed, an_icon_is_a_drawing_that_refers_to_nothing) {
    const auto with = [](const char* icon) {
        return problems_with([&](json& descriptor) { descriptor.set("icon", icon); });
    };
    EXPECT_THAT(with("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><defs>"
                     "<linearGradient id='a'><stop offset='1'/></linearGradient></defs>"
                     "<g fill='url(#a)'><use href='#b'/>text</g></svg>\n"),
                IsEmpty());
    for (const char* bad : {"",
                            "<?xml version='1.0'?><svg/>",
                            "<svg><script>x</script></svg>",
                            "<svg><foreignObject/></svg>",
                            "<svg onload='x'/>",
                            "<svg OnLoad='x'/>",
                            "<svg><use href='https://example.com/#a'/></svg>",
                            "<svg><use xlink:HREF='//e.com'/></svg>",
                            "<svg fill='url(http://e.com/a)'/>",
                            "<svg style='fill:URL( //e.com)'/>",
                            "<svg style='@import x'/>",
                            "<svg style='u\\72l(x)'/>",
                            "<svg><!-- x --></svg>",
                            "<svg><!DOCTYPE x></svg>",
                            "<svg><style>a{}</style></svg>",
                            "<svg a='&#106;'/>",
                            "<svg><image href='#a'/></svg>",
                            "<svg><set attributeName='href'/></svg>",
                            "<svg",
                            "<svg>",
                            "<svg/></svg>",
                            "<svg/><svg/>",
                            "<svg a=b/>",
                            "<svg a='<script>'/>"}) {
        EXPECT_THAT(with(bad), ElementsAre(HasSubstr("/icon: an icon (SVG) "))) << bad;
    }
    const std::string large = "<svg>" + std::string(16 * 1024, ' ') + "</svg>";
    EXPECT_THAT(with(large.c_str()), ElementsAre(HasSubstr("longer than 16 KiB")));
}

TEST(embed, docs_are_text_of_at_most_64_kib) {
    const auto with = [](json docs) {
        return problems_with([&](json& descriptor) { descriptor.set("docs", docs); });
    };
    EXPECT_THAT(with("# Title"), IsEmpty());
    EXPECT_THAT(with(1), ElementsAre("/docs: must be a string, it is a number"));
    EXPECT_THAT(with(std::string(64 * 1024 + 1, 'x')),
                ElementsAre(HasSubstr("/docs: must not be")));
}

TEST(embed, errors_of_an_action_have_a_known_code_and_say_when) {
    const auto with = [](const char* errors) {
        return problems_with([&](json& descriptor) {
            at(descriptor, {"actions", "createIssue", "errors"}) = json::parse(errors);
        });
    };
    EXPECT_THAT(with(R"([{"code": "rate_limited", "when": "too many"}])"), IsEmpty());
    EXPECT_THAT(with(R"([{"code": "ratelimited", "when": "too many"}])"),
                ElementsAre(HasSubstr("did you mean 'rate_limited'?")));
    EXPECT_THAT(with(R"([{"code": "auth"}])"),
                ElementsAre(HasSubstr("/errors/0: the key 'when' is missing")));
    EXPECT_THAT(with(R"(["auth"])"), ElementsAre(HasSubstr("/errors/0: must be an object")));
    EXPECT_THAT(with("{}"), ElementsAre(HasSubstr("/errors: must be an array")));
}

TEST(embed, an_action_with_pages_takes_a_cursor_and_gives_items) {
    const auto with = [](const char* action) {
        return problems_with([&](json& descriptor) {
            at(descriptor, {"actions", "createIssue"}) = json::parse(action);
        });
    };
    EXPECT_THAT(with(R"({"title": "x", "flags": ["pages"],
        "input": {"properties": {"cursor": {}}},
        "output": {"properties": {"items": {"type": "array"}, "cursor": {}, "more": {}}}})"),
                IsEmpty());
    EXPECT_THAT(with(R"({"title": "x", "flags": ["pages"],
        "output": {"properties": {"items": {}, "cursor": {}}}})"),
                ElementsAre(HasSubstr("/input: with the flag 'pages' it has the property 'cursor'"),
                            HasSubstr("/output: with the flag 'pages' it has the property 'more'"),
                            HasSubstr("its 'items' are an array")));
}

TEST(embed, a_handshake_is_part_of_a_verifier) {
    const auto with = [](json flags) {
        return problems_with([&](json& descriptor) {
            at(descriptor, {"actions", "createIssue", "flags"}) = flags;
        });
    };
    EXPECT_THAT(with(json::array({"verifier", "handshake"})), IsEmpty());
    EXPECT_THAT(with(json::array({"handshake"})), ElementsAre(HasSubstr("beside 'verifier' only")));
}

TEST(embed, names_what_is_missing) {
    for (const char* key : {"sluice", "id", "version", "title", "abi", "actions"}) {
        EXPECT_THAT(problems_with([&](json& descriptor) { descriptor.erase(key); }),
                    ElementsAre("the descriptor: the key '" + std::string(key) + "' is missing"));
    }
}

TEST(embed, reports_all_problems_at_once) {
    EXPECT_EQ(problems_with([](json& descriptor) {
                  descriptor.set("id", 1).set("title", 2).set("version", "x");
              }).size(),
              3u);
}

TEST(embed, refuses_what_is_no_json_object) {
    EXPECT_THAT(check_descriptor("{").problems, ElementsAre(HasSubstr("not JSON")));
    EXPECT_THAT(check_descriptor("[]").problems,
                ElementsAre("the descriptor: must be an object, it is an array"));
    EXPECT_THAT(check_descriptor(R"({"id": 1, "id": 2})").problems,
                ElementsAre(HasSubstr("the same key twice")));
}

TEST(embed, limits_size_and_depth) {
    EXPECT_THAT(problems_with([](json& descriptor) {
                    descriptor.set("description", std::string(256 * 1024, 'x'));
                }),
                ElementsAre(HasSubstr("256 KB")));
    EXPECT_THAT(problems_with([](json& descriptor) {
                    json deep;
                    for (int i = 0; i < 64; ++i)
                        deep = json{{"x", deep}};
                    at(descriptor, {"actions", "createIssue", "examples"}) =
                        json::array({json{{"input", deep}}});
                }),
                ElementsAre(HasSubstr("64 levels")));
}

TEST(embed, writes_the_bytes_of_the_text) {
    const std::string source = sluice::embed::descriptor_source("{\"\xc3\xa9\"}");
    EXPECT_THAT(source, HasSubstr("sluice_descriptor_size = 6;"));
    EXPECT_THAT(source, HasSubstr("123, 34, 195, 169, 34, 125,"));
}

}  // namespace
