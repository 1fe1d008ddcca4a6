// Files of customers and the organization, and instances that share their connections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/load.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

constexpr const char* acme = R"(manifest: "1"
customer: acme
title: Acme Inc.
labels: { tier: gold }
connections:
  crm: { connector: app, type: apiKey, baseUrl: "https://crm.test", apiKey: { $env: KEY } }
  hub: { connector: github, type: token, token: { $env: TOKEN } }
)";

constexpr const char* organization = R"(organization: { title: Example Software Ltd }
connections:
  app: { connector: app, type: basic }
)";

constexpr const char* demo = R"(instance: demo
customer: acme
integration: acme/tickets
config: { token: { $env: TOKEN } }
connections:
  app: { $shared: customer/crm }
  gh: { $shared: customer/hub }
)";

std::string problems_of_owner(const std::string& text) {
    std::string all;
    for (const base::error& one : parse_owner(text, "o.yaml").problems)
        all += one.to_text() + "\n";
    return all;
}

owner_file owner(const std::string& text, const std::string& name) {
    auto outcome = parse_owner(text, name);
    EXPECT_TRUE(outcome.ok()) << problems_of_owner(text);
    return outcome.ok() ? std::move(*outcome.content) : owner_file();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    text.replace(text.find(what), what.size(), with);
    return text;
}

std::string problems_of_instance(const std::string& text, const sharing& owners) {
    const auto read = parse_instance(text, "i.yaml");
    std::string all;
    for (const base::error& one : read.problems)
        all += one.to_text() + "\n";
    if (!read.content) return all;
    const auto to = parse_integration(integration_with("      - a: { set: 1 }\n"), "m.yaml");
    for (const base::error& one : check_instance(*read.content, *to.content, owners))
        all += one.to_text() + "\n";
    return all;
}

TEST(owner_file, has_a_title_labels_and_connections) {
    const owner_file read = owner(acme, "acme.yaml");
    EXPECT_EQ(read.customer, "acme");
    EXPECT_EQ(read.title, "Acme Inc.");
    EXPECT_EQ(json::to_text(read.labels), R"({"tier":"gold"})");
    EXPECT_EQ(read.connections.at("crm").connector, "app");
    EXPECT_EQ(read.connections.at("crm").type, "apiKey");
    EXPECT_EQ(json::to_text(read.connections.at("crm").fields),
              R"({"baseUrl":"https://crm.test","apiKey":{"$env":"KEY"}})");
    const owner_file all = owner(organization, "organization.yaml");
    EXPECT_TRUE(all.is_organization());
    EXPECT_EQ(all.title, "Example Software Ltd");
    EXPECT_EQ(all.to_text(), "the organization");
}

TEST(owner_file, is_told_by_its_key) {
    EXPECT_EQ(*kind_of_text(acme, "a.yaml"), file_kind::owner);
    EXPECT_EQ(*kind_of_text(organization, "a.yaml"), file_kind::owner);
    EXPECT_EQ(*kind_of_text(demo, "a.yaml"), file_kind::instance);
}

TEST(owner_file, tells_every_problem_with_its_place) {
    EXPECT_EQ(problems_of_owner("customer: Acme Inc\ntitel: x\nlabels: { a: 1 }\n"
                                "connections:\n  crm: { type: t, x: { $evn: X } }\n  a/b: {}\n"
                                "  own: { connector: c, type: t, x: { $shared: customer/a } }\n"),
              "o.yaml:1:11: \"Acme Inc\" is not a name for customer (use lower-case letters, "
              "digits and dashes)\n"
              "o.yaml:2:1: a customer's file has no \"titel\" (did you mean \"title\"?)\n"
              "o.yaml:3:14: a label must be text, not a number (put it in quotes)\n"
              "o.yaml:5:8: connector is missing\n"
              "o.yaml:5:24: \"$evn\" is not a reference (write { $env: NAME } or { $file: path })\n"
              "o.yaml:6:3: \"a/b\" is not a name for a connection (leave the slash out: instances "
              "write { $shared: OWNER/NAME })\n"
              "o.yaml:7:38: \"$shared\" is not a reference (a connection as a whole can be shared, "
              "in the file of an instance)\n");
    EXPECT_THAT(problems_of_owner("organization: Example\n"),
                HasSubstr("o.yaml:1:15: organization must be an object, not text (write "
                          "organization: { title: Name })"));
    EXPECT_THAT(problems_of_owner("organization: {}\ncustomer: a\n"),
                HasSubstr("the organization's file has no \"customer\""));
}

TEST(owner_file, with_a_mistyped_key_is_told_what_was_meant) {
    EXPECT_EQ(*kind_of_text("organisation: {}\n", "o.yaml"), file_kind::owner);
    EXPECT_EQ(problems_of_owner("organisation: {}\n"),
              "o.yaml:1:1: a file of a customer or the organization has no \"organisation\" (did "
              "you mean \"organization\"?)\n");
    EXPECT_EQ(problems_of_owner("custmer: acme\n"),
              "o.yaml:1:1: a file of a customer or the organization has no \"custmer\" (did you "
              "mean \"customer\"?)\n");
}

TEST(owner_file, its_references_are_read_each_for_itself) {
    const owner_file read = owner(acme, "acme.yaml");
    std::vector<base::error> problems;
    const owner_connections all = resolve_connections(
        read,
        [](const std::string& name) {
            return name == "KEY" ? std::optional<std::string>("k") : std::nullopt;
        },
        problems);
    EXPECT_EQ(json::to_text(*all.at("crm")),
              R"({"baseUrl":"https://crm.test","apiKey":"k","type":"apiKey"})");
    EXPECT_FALSE(all.at("hub"));
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_THAT(problems[0].to_text(),
                HasSubstr("acme.yaml:7:49: the environment variable TOKEN is not set"));
}

TEST(sharing, is_looked_at_as_far_as_the_owners_are_known) {
    const owner_file customer = owner(acme, "acme.yaml");
    const owner_file all = owner(organization, "organization.yaml");
    EXPECT_EQ(problems_of_instance(demo, {}), "");
    EXPECT_EQ(problems_of_instance(demo, {&customer, nullptr, true}), "");
    const std::string elsewhere = replaced(demo, "customer/hub", "organization/hub");
    EXPECT_EQ(problems_of_instance(elsewhere, {&customer, nullptr, false}), "");
    EXPECT_EQ(problems_of_instance(elsewhere, {&customer, nullptr, true}),
              "i.yaml:7:18: the organization has no connections here (apply a file of the "
              "organization that has the connection hub, also in the same command)\n");
    EXPECT_EQ(
        problems_of_instance(demo, {nullptr, &all, true}),
        "i.yaml:6:19: customer \"acme\" has no connections here (apply a file of the customer "
        "that has the connection crm, also in the same command)\n"
        "i.yaml:7:18: customer \"acme\" has no connections here (apply a file of the customer "
        "that has the connection hub, also in the same command)\n");
}

TEST(sharing, must_name_what_is_there_and_fits) {
    const owner_file customer = owner(acme, "acme.yaml");
    const owner_file all = owner(organization, "organization.yaml");
    const sharing owners{&customer, &all, true};
    EXPECT_EQ(
        problems_of_instance(replaced(demo, "customer/crm", "customer/crmm"), owners),
        "i.yaml:6:19: customer \"acme\" has no connection \"crmm\" (did you mean \"crm\"?)\n");
    EXPECT_EQ(problems_of_instance(replaced(demo, "customer/crm", "customer/hub"), owners),
              "i.yaml:6:19: the connection \"hub\" of customer \"acme\" is one of github, and "
              "\"app\" of acme/tickets is one of app (share another one, or give the instance a "
              "connection of its own)\n");
    EXPECT_EQ(
        problems_of_instance(replaced(demo, "customer/crm", "organization/app"), owners),
        "i.yaml:6:19: the connection \"app\" of the organization is of type basic, and "
        "\"app\" of acme/tickets must be of type apiKey (share another one, or give the instance "
        "a connection of its own)\n");
}

TEST(sharing, has_one_form) {
    const auto told = [](const std::string& with) {
        return problems_of_instance(replaced(demo, "{ $shared: customer/crm }", with), {});
    };
    for (const char* wrong : {"crm", "globex/crm", "customer/", "/crm", "customers/crm"}) {
        EXPECT_THAT(told(std::string("{ $shared: ") + wrong + " }"),
                    HasSubstr("does not say whose connection it is (write customer/NAME"))
            << wrong;
    }
    EXPECT_THAT(told("{ $shared: customer/crm, type: apiKey }"),
                HasSubstr("a shared connection stands alone"));
    EXPECT_THAT(told("{ $shared: 5 }"), HasSubstr("must be text"));
    EXPECT_THAT(told("{ apiKey: { $shared: customer/crm } }"),
                HasSubstr("\"$shared\" is not a reference (a connection as a whole can be shared"));
}

}  // namespace
}  // namespace sluice::manifest
