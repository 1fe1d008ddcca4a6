// `config`, `pages` and `renamed`: what they become, and what cannot hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/config_form.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

// `rest`: whole lines from the line 4 on.
std::string manifest_with(const std::string& rest) {
    return "manifest: \"1\"\n"
           "integration: { namespace: acme, name: form, version: 1.0.0, title: Form }\n"
           "connectors: { shop: ^1.0 }\n" +
           rest + "flows: { main: { trigger: { call: {} }, do: [ { a: { set: 1 } } ] } }\n";
}

std::string problems_with(const std::string& variable) {
    return problems_of(manifest_with("config:\n  x: { " + variable + " }\n"));
}

TEST(config_declarations, are_refused_with_their_place) {
    EXPECT_EQ(problems_with("type: strng"),
              "5:14: \"strng\" is not a type of a config variable (did you mean \"string\"?)");
    EXPECT_EQ(problems_with("type: number, pattern: a"),
              "5:22: only texts and secrets have a pattern");
    EXPECT_EQ(problems_with("type: boolean, minimum: 1"),
              "5:23: only numbers, dates and timestamps have a minimum\n"
              "5:32: minimum must be true or false, not a number");
    EXPECT_EQ(problems_with("type: integer, minimum: 5, maximum: 4"),
              "5:44: maximum is less than minimum");
    EXPECT_EQ(problems_with("type: date, minimum: 2026-13-01"),
              "5:29: minimum must be a date like 2026-01-31, not \"2026-13-01\"");
    EXPECT_EQ(problems_with("minLength: 5, maxLength: 4"),
              "5:33: maxLength is less than minLength");
    EXPECT_THAT(problems_with("pattern: '['"), HasSubstr("5:17: this is not a regular expression"));
    EXPECT_EQ(problems_with("patternHint: a"), "5:8: there is no `pattern` to explain");
    EXPECT_EQ(problems_with("visibility: everyone"),
              "5:20: \"everyone\" is not a visibility (known: customer, organization)");
    EXPECT_EQ(problems_with("type: integer, maximum: 5, default: 6"),
              "5:44: the default must be a whole number of at most 5, not 6");
    EXPECT_EQ(problems_with("type: fieldMap, fields: [a], default: { b: c }"),
              "5:51: the default has no field \"b\" (known: a)");
    EXPECT_EQ(problems_with("type: secret, default: a"),
              "5:22: a secret cannot have a default (the instance gives its value)");
    EXPECT_EQ(problems_with("timezone: UTC"), "5:8: only a cron has a time zone");
}

TEST(config_declarations, of_picklists_and_field_maps) {
    EXPECT_EQ(problems_with("type: picklist"),
              "5:6: a picklist needs `options` or a `source` (for example options: [eu, us])");
    EXPECT_EQ(problems_with("type: picklist, options: [a, [b], a, { label: c }, { value: d }]"),
              "5:37: an option must be text, a number, true or false, not a list\n"
              "5:42: this option is there twice\n"
              "5:45: an option needs a `value`");
    EXPECT_EQ(problems_with("type: picklist, options: [a], source: { call: shop.list }"),
              "5:6: a picklist has `options` or a `source`, not both (for example options: [eu, "
              "us])");
    EXPECT_EQ(problems_with("type: picklist, source: { with: {} }"),
              "5:32: a source needs the `call` that gives the options (for example call: "
              "github.listRepositories)");
    EXPECT_EQ(problems_with("type: picklist, source: { call: log, with: { message: a } }"),
              "5:40: log gives no options (call an action of a connector)");
    EXPECT_THAT(problems_with("type: picklist, source: { call: shp.list }"),
                HasSubstr("did you mean \"shop\"?"));
    EXPECT_EQ(problems_with("type: picklist, source: { call: shop.list, with: { a: \"${ "
                            "$config.x }\" } }"),
              "5:24: the options of x depend on its own value");
    EXPECT_EQ(problems_with("type: picklist, source: { call: shop.list, as: \"[$config.x]\" }"),
              "5:24: the options of x depend on its own value");
    EXPECT_THAT(problems_with("type: picklist, source: { call: shop.list, as: \"[\" }"),
                HasSubstr("5:"));
    EXPECT_EQ(problems_with("type: fieldMap, fields: [a, a, { title: b }]"),
              "5:36: this field is there twice\n5:39: name is missing");
}

TEST(config_pages, and_old_names_are_looked_at) {
    const std::string config = "config: { repository: {}, region: {} }\n";
    EXPECT_EQ(problems_of(manifest_with(
                  config + "pages:\n  - { title: A, variables: [repositry, region] }\n"
                           "  - { title: B, variables: [region] }\n  - { variables: [] }\n")),
              "6:29: config has no \"repositry\" (did you mean \"repository\"?)\n"
              "7:29: \"region\" is on a page already\n"
              "8:5: title is missing");
    EXPECT_EQ(problems_of(manifest_with(
                  config + "renamed: { config: { repo: repositoy, region: repository } }\n")),
              "5:28: config has no \"repositoy\" (did you mean \"repository\"?)\n"
              "5:39: config has \"region\" still (a name that was given up stands on the left, the "
              "new one on the right)");
}

const char* const whole = R"(connections: { store: { connector: shop } }
config:
  region: { type: picklist, options: [ { value: eu, label: Europe }, us ], default: eu }
  list:
    type: picklist
    source: { call: shop.list, with: { connection: store, in: "${ $config.region }", of: { $ref: config.key } }, as: "[.[] | select(.size > $config.rest)]" }
  key: { type: secret, required: true, visibility: organization, title: API key }
  fields: { type: fieldMap, fields: [ { name: id, required: true }, name ], description: Ours to theirs }
  rest: { type: integer, minimum: 1 }
pages:
  - { title: Where, description: The shop's, variables: [key, region] }
  - { title: What, variables: [fields] }
)";

TEST(config_form, has_the_pages_in_order_and_the_rest_at_the_end) {
    const integration made = loaded(manifest_with(whole));
    const json::value form = config_form(made, config_declaration::audience::organization);
    EXPECT_EQ(
        json::to_text(form),
        R"({"integration":"acme/form","version":"1.0.0","title":"Form","pages":[)"
        R"({"title":"Where","description":"The shop's","variables":[)"
        R"({"name":"key","type":"secret","title":"API key","required":true,)"
        R"("visibility":"organization"},)"
        R"({"name":"region","type":"picklist","title":"region","required":false,)"
        R"("visibility":"customer","default":"eu","options":[{"value":"eu","label":"Europe"},)"
        R"({"value":"us","label":"us"}]}]},)"
        R"({"title":"What","variables":[{"name":"fields","type":"fieldMap","title":"fields",)"
        R"("description":"Ours to theirs","required":false,"visibility":"customer",)"
        R"("fields":[{"name":"id","required":true},{"name":"name","required":false}]}]},)"
        R"({"variables":[{"name":"list","type":"picklist","title":"list","required":false,)"
        R"("visibility":"customer","source":{"call":"shop.list","connection":"store",)"
        R"("needs":["key","region","rest"]}},)"
        R"({"name":"rest","type":"integer","title":"rest","required":false,)"
        R"("visibility":"customer","minimum":1}]}]})");
}

TEST(config_form, shows_customers_only_what_is_theirs) {
    const std::string text = json::to_text(
        config_form(loaded(manifest_with(whole)), config_declaration::audience::customer));
    EXPECT_EQ(text.find("API key"), std::string::npos);
    EXPECT_NE(text.find("\"region\""), std::string::npos);
}

}  // namespace
}  // namespace sluice::manifest
