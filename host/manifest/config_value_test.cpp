// Good and bad values of each type of config variable, and what flows see of the good ones.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/text.hpp"
#include "manifest/config_value.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

config_declaration variable(const std::string& declared) {
    const std::string text = R"(manifest: "1"
integration: { namespace: acme, name: values, version: 1.0.0 }
connectors: { shop: ^1.0 }
config:
  x: { )" + declared + R"( }
flows: { main: { trigger: { call: {} }, do: [ { a: { set: 1 } } ] } }
)";
    const integration made = loaded(text);
    const auto found = made.config.find("x");
    return found == made.config.end() ? config_declaration() : found->second;
}

json::value value_of(const std::string& text) {
    const auto read = json::parse(text);
    EXPECT_TRUE(read) << text;
    return read ? *read : json::value();
}

// "/pointer message (hint)", one per line.
std::string problems(const config_declaration& of, const std::string& text, bool show = true) {
    std::string all;
    for (const value_problem& each : check_value(of, value_of(text), "config.x", show)) {
        all += (all.empty() ? "" : "\n") + each.pointer + (each.pointer.empty() ? "" : " ") +
               each.message + (each.hint.empty() ? "" : " (" + each.hint + ")");
    }
    return all;
}

TEST(config_value, takes_what_fits) {
    const struct {
        std::string declared;
        std::vector<std::string> good;
    } cases[] = {
        {"type: string", {R"("")", R"("a")", R"({"$env": "X"})"}},
        {"type: text, minLength: 2, maxLength: 3", {R"("äö")", R"("a\nb")"}},
        {"type: secret, minLength: 2", {R"("ab")", R"({"$file": "f"})"}},
        {"type: string, pattern: '[a-z]+/[a-z]+'", {R"("acme/shop")"}},
        {"type: number, minimum: 0.5, maximum: 1", {"0.5", "1", "0.75"}},
        {"type: integer, minimum: 1, maximum: 3", {"1", "3"}},
        {"type: integer", {"-5", "18446744073709551615"}},
        {"type: boolean", {"true", "false"}},
        {"type: date, minimum: 2024-02-29", {R"("2024-02-29")", R"("2030-12-31")"}},
        {"type: timestamp, minimum: '2026-01-31T08:00:00Z'",
         {R"("2026-01-31T08:00:00Z")", R"("2026-01-31T07:30:00-02:00")",
          R"("2026-01-31t08:00:00.5z")"}},
        {"type: picklist, options: [eu, us]", {R"("eu")"}},
        {"type: picklist, options: [ { value: 5, label: five }, { value: true } ]", {"5", "true"}},
        {"type: picklist, source: { call: shop.list }", {R"("anything")", "7"}},
        {"type: cron",
         {R"("0 3 * * *")", R"({"cron": "0 3 * * *"})",
          R"({"cron": "0 3 * * *", "timezone": "Asia/Tokyo"})"}},
        {"type: json", {"null", "5", R"("text")", "[1]", "{}"}},
        {"type: object", {"{}", R"({"a": {"$env": "X"}})"}},
        {"type: array", {"[]", "[1, null]"}},
        {"type: fieldMap", {"{}", R"({"anything": "Name__c"})"}},
        {"type: fieldMap, fields: [ { name: id, required: true }, name ]",
         {R"({"id": "Id"})", R"({"id": "Id", "name": {"$env": "X"}})"}},
        {"type: keyValues",
         {"[]", "{}", R"([{"key": "a", "value": "1"}, {"key": "a", "value": ""}])",
          R"({"a": "1"})"}},
    };
    for (const auto& each : cases) {
        const config_declaration of = variable(each.declared);
        for (const std::string& text : each.good)
            EXPECT_EQ(problems(of, text), "") << each.declared << ": " << text;
    }
}

TEST(config_value, says_what_was_expected) {
    const struct {
        const char* declared;
        const char* content;
        const char* problem;
    } cases[] = {
        {"type: string", "5", "config.x must be text, not a number (put it in quotes)"},
        {"type: string", "null", "config.x must be text, not nothing"},
        {"type: text, minLength: 2, maxLength: 3", R"("ä")",
         "config.x must be text of 2 to 3 characters, not 1"},
        {"type: string, maxLength: 3", R"("abcd")",
         "config.x must be text of at most 3 characters, not 4"},
        {"type: string, pattern: '[a-z]+', patternHint: letters only", R"("ab1")",
         R"(config.x must match [a-z]+, not "ab1" (letters only))"},
        {"type: string, pattern: 'a|b'", R"("ab")", R"(config.x must match a|b, not "ab")"},
        {"type: number, minimum: 0.5, maximum: 1", "2",
         "config.x must be a number from 0.5 to 1, not 2"},
        {"type: number", R"("2")",
         "config.x must be a number, not text (without quotes; yes and no are text)"},
        {"type: integer", "2.5", "config.x must be a whole number, not 2.5"},
        {"type: integer, minimum: 1", "0", "config.x must be a whole number of at least 1, not 0"},
        {"type: boolean", R"("yes")",
         "config.x must be true or false, not text (without quotes; yes and no are text)"},
        {"type: date", R"("2023-02-29")",
         R"(config.x must be a date like 2026-01-31, not "2023-02-29")"},
        {"type: date, maximum: 2026-01-31", R"("2026-02-01")",
         R"(config.x must be a date like 2026-01-31 of at most 2026-01-31, not "2026-02-01")"},
        {"type: timestamp", R"("2026-01-31")",
         R"(config.x must be a time like 2026-01-31T08:00:00Z, not "2026-01-31" )"
         "(add the time and its offset from UTC)"},
        {"type: timestamp", R"("2026-01-31T08:00:00")",
         R"(config.x must be a time like 2026-01-31T08:00:00Z, not "2026-01-31T08:00:00")"},
        {"type: timestamp, minimum: '2026-01-31T08:00:00Z'", R"("2026-01-31T09:59:59.9+02:00")",
         "config.x must be a time like 2026-01-31T08:00:00Z of at least 2026-01-31T08:00:00Z, "
         R"(not "2026-01-31T09:59:59.9+02:00")"},
        {"type: picklist, options: [europe, america]", R"("europa")",
         R"(config.x must be one of its options, not "europa" (did you mean "europe"?))"},
        {"type: picklist, options: [europe]", "[]",
         "config.x must be one of its options, not a list"},
        {"type: picklist, source: { call: shop.list }", "{}",
         "config.x must be one of its options, not an object"},
        {"type: cron", R"("0 3 * *")",
         "config.x: a schedule has five fields, this one has 4 (write minute hour day month "
         "weekday, for example \"0 3 * * mon-fri\")"},
        {"type: cron", R"({"cron": "0 3 * * *", "timezone": "Europe/Berln"})",
         "/timezone config.x: \"Europe/Berln\" is not a time zone (did you mean "
         "\"Europe/Berlin\"?)"},
        {"type: cron", R"({"timezone": "UTC"})",
         R"(config.x needs `cron`, a text like "0 3 * * mon-fri")"},
        {"type: cron", R"({"cron": "0 3 * * *", "zone": "UTC"})",
         "/zone config.x: a schedule has no \"zone\" (it has cron and timezone)"},
        {"type: object", "[]", "config.x must be an object, not a list"},
        {"type: array", "{}", "config.x must be a list, not an object"},
        {"type: fieldMap, fields: [ { name: id, required: true, description: the key }, subject ]",
         R"({"subjekt": "Subject"})",
         "/subjekt config.x has no field \"subjekt\" (did you mean \"subject\"?)\n"
         "config.x.id is required (the key)"},
        {"type: fieldMap", R"({"a": 1})",
         "/a config.x.a must be the name of a field, not a number"},
        {"type: fieldMap", R"({"a": ""})", "/a config.x.a must be the name of a field, not empty"},
        {"type: keyValues", R"([{"key": "a"}, {"key": "b", "value": 1}])",
         "/0 config.x: each item must be { key, value }\n"
         "/1/value config.x: a value must be text, not a number (put it in quotes)"},
        {"type: keyValues", R"({"a": true})",
         "/a config.x: a value must be text, not true or false (put it in quotes)"},
    };
    for (const auto& each : cases)
        EXPECT_EQ(problems(variable(each.declared), each.content), each.problem);
}

TEST(config_value, shows_no_secret_and_nothing_that_a_reference_gave) {
    EXPECT_EQ(problems(variable("type: secret, pattern: 'k-[0-9]+'"), R"("hunter2")"),
              "config.x must match k-[0-9]+");
    EXPECT_EQ(problems(variable("type: string, pattern: 'k-[0-9]+'"), R"("hunter2")", false),
              "config.x must match k-[0-9]+");
    EXPECT_EQ(problems(variable("type: picklist, options: [eu, us]"), R"("hunter2")", false),
              "config.x must be one of its options (known: eu, us)");
}

TEST(config_value, is_seen_by_flows_in_one_form) {
    const auto seen = [](const std::string& declared, const std::string& text) {
        return json::to_text(normalised(variable(declared), value_of(text)));
    };
    EXPECT_EQ(seen("type: timestamp", R"("2026-01-31T08:00:00+05:30")"),
              R"("2026-01-31T02:30:00Z")");
    EXPECT_EQ(seen("type: timestamp", R"("2026-01-31t23:30:00.250-01:00")"),
              R"("2026-02-01T00:30:00.250Z")");
    EXPECT_EQ(seen("type: date", R"("2026-01-31")"), R"("2026-01-31")");
    EXPECT_EQ(seen("type: keyValues", R"({"a": "1", "b": "2"})"),
              R"([{"key":"a","value":"1"},{"key":"b","value":"2"}])");
    EXPECT_EQ(seen("type: object", R"({"a": "1"})"), R"({"a":"1"})");
}

TEST(config_value, what_a_reference_gave_gets_the_type_of_the_variable) {
    const auto read = [](const std::string& declared, const std::string& text) {
        return json::to_text(value_of_text(variable(declared), text));
    };
    EXPECT_EQ(read("type: string", "5"), R"("5")");
    EXPECT_EQ(read("type: integer", "5"), "5");
    EXPECT_EQ(read("type: integer", "five"), R"("five")");
    EXPECT_EQ(read("type: boolean", "true"), "true");
    EXPECT_EQ(read("type: fieldMap", R"({"a": "b"})"), R"({"a":"b"})");
    EXPECT_EQ(read("type: picklist, options: ['5']", "5"), R"("5")");
    EXPECT_EQ(read("type: picklist, options: [5]", "5"), "5");
    EXPECT_EQ(read("type: cron", "0 3 * * *"), R"("0 3 * * *")");
    EXPECT_EQ(read("type: cron", R"({"cron": "0 3 * * *"})"), R"({"cron":"0 3 * * *"})");
}

}  // namespace
}  // namespace sluice::manifest
