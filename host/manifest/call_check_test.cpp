// Calls against what the connectors say about themselves.
#include <gtest/gtest.h>

#include <ostream>

#include "json/text.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

connector_catalog catalog() {
    const json::value schema = *json::parse(R"({
      "type": "object", "required": ["title"],
      "properties": {
        "title": {"type": "string", "maxLength": 5, "description": "what it is about"},
        "count": {"type": "integer"}, "state": {"enum": ["open", "closed"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "who": {"$ref": "#/$defs/person"},
        "bag": {"type": "object", "additionalProperties": true, "properties": {"a": {}}}},
      "$defs": {"person": {"type": "object", "required": ["name"], "additionalProperties": false,
                           "properties": {"name": {"type": ["string", "null"]}}}}})");
    connector_facts app{"app", "1.2.0", {}, {"apiKey"}};
    app.actions["create"] = {schema, false, true};
    app.actions["verify"] = {*json::parse(R"({"required": ["request", "key"]})"), true, false};
    connector_facts old{"app", "0.9.0", {}, {"apiKey"}};
    connector_facts github{"github", "0.1.0", {}, {}};
    return {old, app, github};
}

std::string found(const std::string& text) {
    const connector_catalog known = catalog();
    std::string all;
    for (const base::error& each : parse_integration(text, "m.yaml", &known).problems) {
        all += (all.empty() ? "" : "\n") + std::to_string(each.where->line) + ":" +
               std::to_string(each.where->column) + ": " + each.message;
        if (!each.hint.empty()) all += " (" + each.hint + ")";
    }
    return all;
}

struct call {
    const char* task;
    const char* problems;
};
void PrintTo(const call& of, std::ostream* out) { *out << of.task; }

class checked_calls : public testing::TestWithParam<call> {};

TEST_P(checked_calls, fit_or_not) {
    EXPECT_EQ(found(integration_with(
                  std::string("      - a: { call: app.create, with: { connection: app, ") +
                  GetParam().task + " } }\n")),
              GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    inputs, checked_calls,
    testing::Values(
        call{"title: a, count: 3, state: open, tags: [x], who: { name: null }, bag: { b: 1 }", ""},
        call{"title: \"${ .t }\", count: \"${ .c }\", tags: \"${ .x }\", who: \"${ .w }\"", ""},
        call{"title: { $ref: config.token }, tags: [ \"${ .a }\" ]", ""},
        call{"titel: a", "22:57: the input has no \"titel\" (did you mean \"title\"?)"},
        call{"title: 5", "22:64: title must be text, not a number (put it in quotes)"},
        call{"title: abcdef", "22:64: title: expected at most 5 characters, got 6"},
        call{"title: a, count: 1.5", "22:74: count must be a whole number, not 1.5"},
        call{"title: a, state: opn",
             "22:74: \"opn\" is not a value of state (did you mean \"open\"?)"},
        call{"title: a, tags: [x, 1]",
             "22:77: tags[1] must be text, not a number (put it in quotes)"},
        call{"title: a, who: { nam: x }", "22:74: who has no \"nam\" (did you mean \"name\"?)"},
        call{"title: a, count: { $ref: config.region }",
             "22:74: count must be a whole number, and config.region is text"}));

TEST(checked_connectors, are_there_with_their_actions) {
    EXPECT_EQ(found(integration_with("      - a: { call: app.creat }\n")),
              "22:20: the connector \"app\" has no action \"creat\" (did you mean \"create\"?)");
    EXPECT_EQ(found(integration_with(
                  "      - a: { call: app.create, with: { connection: ap, title: a } }\n")),
              "22:52: there is no connection \"ap\" (did you mean \"app\"?)");
    EXPECT_EQ(found(integration_with("      - a: { call: app.create }\n")),
              "22:20: \"app.create\" needs a connection (add `connection: NAME` to `with`)\n"
              "22:20: the input needs `title` (what it is about)");
    const std::string fine =
        integration_with("      - a: { call: app.verify, with: { request: 1, key: 2 } }\n");
    EXPECT_EQ(found(fine), "");
    std::string text = fine;
    text.replace(text.find("github: ^0.1"), 12, "githb: ^0.1 ");
    text.replace(text.find("connector: github"), 17, "connector: githb ");
    EXPECT_EQ(found(text), "3:26: there is no connector \"githb\" (did you mean \"github\"?)");
    text = fine;
    text.replace(text.find("^1.0"), 4, "^3.0");
    EXPECT_EQ(found(text),
              "3:15: no version of the connector \"app\" is ^3.0 (there is 0.9.0, 1.2.0)");
    text = fine;
    text.replace(text.find("type: apiKey"), 12, "type: oauth");
    EXPECT_EQ(found(text),
              "5:32: the connector \"app\" has no connection of the type \"oauth\" (known: "
              "apiKey)");
    text = fine;
    text.replace(text.find("call: {}"), 8,
                 "webhook: { verify: { call: app.create, with: { title: a } } }");
    EXPECT_EQ(found(text),
              "20:43: \"app.create\" verifies nothing (name an action with the flag `verifier`)\n"
              "20:43: \"app.create\" needs a connection (add `connection: NAME` to `with`)");
    text = fine;
    text.replace(text.find("call: {}"), 8, "webhook: { verify: { call: app.verify } }");
    EXPECT_EQ(found(text), "20:43: the input needs `key`") << "the host gives the request";
}

}  // namespace
}  // namespace sluice::manifest
