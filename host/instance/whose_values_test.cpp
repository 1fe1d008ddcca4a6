// Whose an instance and its values are: its customer's for good, the organization's where the
// manifest says so, and the same under each name that a variable has had.
#include <gtest/gtest.h>

#include "instance/changes_testing.hpp"
#include "instance/edits.hpp"
#include "json/text.hpp"
#include "store/change_now.hpp"
#include "store/record_versions.hpp"

namespace sluice::instance {
namespace {

class whose_values_test : public changes_world, public testing::Test {
  protected:
    static document of_customer(const std::string& customer) {
        return {"acme.yaml", "instance: acme\ncustomer: " + customer + "\nintegration: test/one\n"};
    }
    static document renaming() {
        return {"integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: 2.0.0 }
config:
  zone: { type: string, default: north }
  limit: { type: integer, visibility: organization }
renamed: { config: { region: zone } }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: "2" } } ] }
)"};
    }
    std::string set(const char* values) {
        return words(change("acme", set_config(json::parse(values).value())));
    }
    // As a caller who is bound to the customer.
    change_result as_customer(change_request request) {
        request.may = [](const manifest::instance_file&, const kept_instance*) {
            return base::result<void>();
        };
        return make(std::move(request));
    }
    std::string value(const std::string& name) {
        return host_->current("acme", "hook")->config.string_or(name, "");
    }
};

TEST_F(whose_values_test, a_name_stays_its_customers) {
    ASSERT_TRUE(apply({integration(), of_customer("first")}).ok());
    const change_result moved = apply({of_customer("second")});
    EXPECT_EQ(
        words(moved),
        "! acme.yaml: the name \"acme\" belongs to an instance of customer \"first\" (give this "
        "one another name: executions, values and tokens of an instance stay with its name)\n");
    ASSERT_TRUE(change("acme", remove()).ok());
    turn_until([this] { return !host_->has("acme"); });
    EXPECT_NE(words(apply({of_customer("second")})).find("\"first\", which was removed"),
              std::string::npos);
    restart();
    EXPECT_FALSE(apply({of_customer("second")}).ok());
    EXPECT_TRUE(apply({of_customer("first")}).ok());
}

TEST_F(whose_values_test, a_name_whose_record_nobody_can_read_is_given_to_nobody) {
    std::vector<store::config_change> damage = {{{deployment_kind, "acme", "{}", 0}, false}};
    ASSERT_TRUE(store::number_changes(*store_, damage));
    ASSERT_TRUE(store::change_config_now(*store_, std::move(damage)));
    EXPECT_FALSE(apply({integration(), of_customer("first")}).ok());
}

TEST_F(whose_values_test, what_the_organization_sets_is_not_a_customers_to_change) {
    ASSERT_TRUE(apply({renaming(), of_customer("first")}).ok());
    EXPECT_NE(set(R"({"limit":5})").find("config.limit is 5"), std::string::npos);
    change_request request;
    request.edits.emplace("acme", set_config(json::parse(R"({"limit":6})").value()));
    const change_result told = as_customer(std::move(request));
    EXPECT_EQ(words(told), "! config.limit is the organization's to set\n");
    EXPECT_EQ(told.problems.at(0).code, base::error_code::auth);
    request.edits.clear();
    request.documents = {of_customer("first")};  // without the value
    EXPECT_FALSE(as_customer(request).ok());
    request.documents.clear();
    request.edits.emplace("acme", set_config(json::parse(R"({"zone":"south"})").value()));
    EXPECT_TRUE(as_customer(std::move(request)).ok());
    EXPECT_EQ(value("zone"), "south");
}

TEST_F(whose_values_test, a_variable_with_a_new_name_can_be_set_and_rolled_back) {
    ASSERT_TRUE(apply({integration(), instance("acme", "region: mine")}).ok());
    ASSERT_TRUE(apply({renaming()}).ok());
    ASSERT_TRUE(change("acme", upgrade({})).ok());
    EXPECT_EQ(value("zone"), "mine");
    EXPECT_EQ(set(R"({"zone":"yours"})").substr(0, 11), "update acme");
    EXPECT_EQ(value("zone"), "yours");
    ASSERT_TRUE(change("acme", roll_back()).ok());
    EXPECT_EQ(value("region"), "yours");
    ASSERT_TRUE(change("acme", upgrade({})).ok());
    EXPECT_EQ(set(R"({"zone":null})").substr(0, 11), "update acme");
    EXPECT_EQ(value("zone"), "north");
}

TEST_F(whose_values_test, a_relative_path_is_refused_where_nobody_knows_to_what) {
    ASSERT_TRUE(apply({integration(), instance("acme")}).ok());
    EXPECT_EQ(set(R"({"key":{"$file":"etc/hostname"}})"),
              "! the path \"etc/hostname\" in /key is relative, and nobody knows to what (write it "
              "from the root: /etc/...)\n");
}

}  // namespace
}  // namespace sluice::instance
