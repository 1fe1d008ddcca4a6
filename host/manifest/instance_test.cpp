#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "json/text.hpp"
#include "manifest/load.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

constexpr const char* good = R"(instance: demo
customer: north
integration: acme/tickets
config:
  token: { $env: TOKEN }
  limit: 5
connections:
  app: { baseUrl: { $env: APP_URL }, nested: { list: [ { $env: TOKEN } ] } }
  gh: { type: token, token: { $env: TOKEN } }
)";

integration tickets() {
    return *parse_integration(integration_with("      - a: { set: 1 }\n"), "m.yaml").content;
}

instance_file instance(const std::string& text, const std::string& name = "i.yaml") {
    auto outcome = parse_instance(text, name);
    EXPECT_TRUE(outcome.ok());
    return outcome.ok() ? std::move(*outcome.content) : instance_file();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    text.replace(text.find(what), what.size(), with);
    return text;
}

std::string checked(const std::string& text) {
    std::string all;
    for (const base::error& problem : check_instance(instance(text), tickets())) {
        all += problem.to_text() + "\n";
    }
    return all;
}

environment variables(std::map<std::string, std::string> all) {
    return [all = std::move(all)](const std::string& name) -> std::optional<std::string> {
        const auto found = all.find(name);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(instance_manifest, resolves_references_and_fills_defaults) {
    const instance_file demo = instance(good);
    EXPECT_EQ(checked(good), "");
    const auto outcome =
        resolve_values(demo, tickets(), variables({{"TOKEN", "t0p"}, {"APP_URL", "http://x"}}));
    EXPECT_TRUE(outcome.problems.empty());
    EXPECT_EQ(json::to_text(outcome.values.config), R"({"limit":5,"region":"eu","token":"t0p"})");
    EXPECT_EQ(json::to_text(outcome.values.connections.at("app")),
              R"({"baseUrl":"http://x","nested":{"list":["t0p"]},"type":"apiKey"})");
    EXPECT_EQ(json::to_text(outcome.values.connections.at("gh")),
              R"({"token":"t0p","type":"token"})");
    EXPECT_THAT(json::to_text(demo.document), testing::Not(HasSubstr("t0p")));
}

TEST(instance_manifest, schedules_are_looked_at_wherever_they_come_from) {
    const integration flows =
        loaded(integration_of("  main: { trigger: { call: {} }, do: [ { x: { set: 1 } } ] }\n"));
    const auto at = [](const std::string& value) {
        return instance(
            "instance: demo\ncustomer: north\nintegration: acme/flows\nconfig: { token: { "
            "$env: T }, at: " +
            value + " }\nconnections: { app: { key: a } }\n");
    };
    EXPECT_TRUE(check_instance(at("0 4 * * sun"), flows).empty());
    ASSERT_EQ(check_instance(at("0 4 * *"), flows).size(), 1u);
    EXPECT_EQ(check_instance(at("0 4 * *"), flows)[0].to_text(),
              "i.yaml:4:35: config.at: a schedule has five fields, this one has 4 (write minute "
              "hour day month "
              "weekday, for example \"0 3 * * mon-fri\")");
    const instance_file named = at("{ $env: AT }");
    const auto outcome = resolve_values(named, flows, variables({{"T", "t"}, {"AT", "hourly"}}));
    ASSERT_EQ(outcome.problems.size(), 1u);
    EXPECT_THAT(outcome.problems[0].message, HasSubstr("a schedule has five fields"));
}

TEST(instance_manifest, names_every_variable_that_is_not_set) {
    const auto outcome = resolve_values(instance(good), tickets(), variables({{"TOKEN", "x"}}));
    ASSERT_EQ(outcome.problems.size(), 1u);
    EXPECT_EQ(outcome.problems[0].to_text(),
              "i.yaml:8:19: the environment variable APP_URL is not set (set it for the host's "
              "process)");
    EXPECT_EQ(resolve_values(instance(good), tickets(), variables({})).problems.size(), 4u);
}

TEST(instance_manifest, reads_files_beside_itself) {
    char pattern[] = "/tmp/sluice-instance-XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern);
    std::ofstream(folder / "token.txt") << "from file\n";
    const std::string text =
        replaced(good, "{ $env: TOKEN }\n  limit", "{ $file: token.txt }\n  limit");
    const instance_file demo = instance(text, (folder / "i.yaml").string());
    auto outcome = resolve_values(demo, tickets(), variables({{"TOKEN", "t"}, {"APP_URL", "u"}}));
    EXPECT_EQ(outcome.values.config.get("token").as_string(), "from file");
    std::filesystem::remove(folder / "token.txt");
    outcome = resolve_values(demo, tickets(), variables({{"TOKEN", "t"}, {"APP_URL", "u"}}));
    ASSERT_EQ(outcome.problems.size(), 1u);
    EXPECT_EQ(outcome.problems[0].where->line, 5);
    std::filesystem::remove_all(folder);
}

TEST(instance_manifest, old_names_of_variables_keep_their_values) {
    std::string text = integration_with("      - a: { set: 1 }\n");
    text += "renamed: { config: { max: limit, secretToken: token } }\n";
    const integration newer = loaded(text);
    const std::string old = replaced(replaced(good, "limit:", "max:"), "token:", "secretToken:");
    const instance_file demo = instance(old);
    EXPECT_TRUE(check_instance(demo, newer).empty());
    const auto outcome =
        resolve_values(demo, newer, variables({{"TOKEN", "t0p"}, {"APP_URL", "u"}}));
    EXPECT_TRUE(outcome.problems.empty());
    EXPECT_EQ(json::to_text(outcome.values.config), R"({"limit":5,"region":"eu","token":"t0p"})");
    const auto warnings = rename_warnings(demo, newer);
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings[0].to_text(),
              "i.yaml:6:8: config.max is called config.limit now (its value is used; rename it)");
    EXPECT_TRUE(rename_warnings(instance(good), newer).empty());

    const auto both =
        check_instance(instance(replaced(good, "limit: 5", "limit: 5\n  max: 6")), newer);
    ASSERT_EQ(both.size(), 1u);
    EXPECT_EQ(both[0].to_text(),
              "i.yaml:7:8: config.limit is given twice, once under its old name (keep limit)");
}

TEST(instance_manifest, what_references_give_is_checked_and_not_shown) {
    const std::string text = replaced(good, "limit: 5", "limit: { $env: LIMIT }");
    const auto read = [&](const std::string& limit) {
        return resolve_values(instance(text), tickets(),
                              variables({{"TOKEN", "t"}, {"APP_URL", "u"}, {"LIMIT", limit}}));
    };
    EXPECT_EQ(read("7").values.config.get("limit"), json::value(7));
    ASSERT_EQ(read("hunter2").problems.size(), 1u);
    EXPECT_EQ(read("hunter2").problems[0].to_text(),
              "i.yaml:6:10: config.limit must be a whole number, not text");
}

TEST(instance_check, finds_what_does_not_fit_the_integration) {
    EXPECT_THAT(checked(replaced(good, "limit: 5", "limt: 5")),
                HasSubstr("i.yaml:6:9: acme/tickets has no config variable \"limt\" (did you mean "
                          "\"limit\"?)"));
    EXPECT_THAT(checked(replaced(good, "limit: 5", "limit: many")),
                HasSubstr("config.limit must be a whole number"));
    EXPECT_THAT(checked(replaced(good, "  token: { $env: TOKEN }\n  limit", "  limit")),
                HasSubstr("config.token is required"));
    EXPECT_THAT(checked(replaced(good, "{ $env: TOKEN }\n  limit", "plain\n  limit")),
                HasSubstr("the secret config.token is written in the file"));
    EXPECT_THAT(checked(replaced(good, "  gh:", "  hub:")),
                testing::AllOf(HasSubstr("has no connection \"hub\""),
                               HasSubstr("the connection gh is missing (write gh: { type: ")));
    EXPECT_THAT(checked(replaced(good, "app: { baseUrl", "app: { type: basic, baseUrl")),
                HasSubstr("must be of type apiKey (write type: apiKey)"));
    EXPECT_THAT(checked(replaced(good, "type: token, ", "")), HasSubstr("needs a type"));
    EXPECT_THAT(checked(replaced(good, "acme/tickets", "acme/other")),
                HasSubstr("one of acme/other, not of acme/tickets"));
}

TEST(instance_manifest, refuses_broken_files_with_all_problems) {
    const auto outcome = parse_instance(
        "instance: My Demo\ncustomer: 5\nintegraton: a/b\nconfig: { a: { $evn: X }, b: { $env: X, "
        "c: 1 } }\n",
        "i.yaml");
    std::string all;
    for (const base::error& problem : outcome.problems)
        all += problem.to_text() + "\n";
    EXPECT_EQ(all,
              "i.yaml:1:11: \"My Demo\" is not a name for instance (use lower-case letters, digits "
              "and dashes)\n"
              "i.yaml:2:11: customer must be text, not a number (put it in quotes)\n"
              "i.yaml:3:1: an instance has no \"integraton\" (did you mean \"integration\"?)\n"
              "i.yaml:4:16: \"$evn\" is not a reference (write { $env: NAME } or { $file: path })\n"
              "i.yaml:4:30: a reference stands alone (write { $env: ... } and nothing beside)\n");
}

}  // namespace
}  // namespace sluice::manifest
