// Against a Tooling API in memory.
#include <map>
#include <memory>

#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

const std::string tooling = base + "/tooling/";

json wanted(const std::string& name = "Sluice_Accounts") {
    return json{{"object", "Account"},
                {"name", name},
                {"endpointUrl", "https://sluice.example.com/hooks/T"},
                {"fields", json::array({"Name", "Id"})},
                {"integrationUser", "ada@example.com"}};
}

json found(const std::vector<std::string>& ids) {
    json records = json::array();
    for (const std::string& id : ids)
        records.push(json{{"Id", id}});
    return json{{"records", records}};
}

// Rules for queries of one object of the Tooling API.
sluice::testing::http_rule& on_query(mock_host& host, const std::string& object) {
    return host.on("GET", tooling + "query?q=*").when([object](const recorded_request& request) {
        const std::string query = asked_query(request);
        return query.find(" FROM " + object + " ") != std::string::npos;
    });
}

std::vector<std::string> writes(const mock_host& host) {
    std::vector<std::string> out;
    for (const recorded_request& one : host.requests()) {
        if (one.method != "GET") out.push_back(one.method + " " + one.url.substr(tooling.size()));
    }
    return out;
}

// What was posted to make one of that type.
json posted(const mock_host& host, const std::string& type) {
    json body;
    for (const recorded_request& one : host.requests()) {
        if (one.method == "POST" && one.url.ends_with("/" + type)) body = one.body_json();
    }
    return body;
}

void nothing_but(mock_host& host, const std::vector<std::string>& present) {
    for (const char* const object : {"WorkflowOutboundMessage", "WorkflowRule", "Flow"}) {
        if (std::find(present.begin(), present.end(), object) == present.end())
            on_query(host, object).reply(200, found({}).dump());
    }
}

TEST(salesforce_setup, makes_a_message_and_the_flow_that_sends_it) {
    mock_host host(sluice_connector_v1);
    nothing_but(host, {});
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
    json input = wanted();
    input.set("on", "create");
    input.set("condition", "{!$Record.IsActive__c}");
    const call_result result = host.run("createOutboundMessage", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"id", account},
                                   {"name", "Account.Sluice_Accounts"},
                                   {"message", "created"},
                                   {"automation", "created"}}));
    EXPECT_EQ(writes(host), (std::vector<std::string>{"POST sobjects/WorkflowOutboundMessage",
                                                      "POST sobjects/Flow"}));
    const json message = posted(host, "WorkflowOutboundMessage");
    const json flow = posted(host, "Flow");
    EXPECT_EQ(message.get_or("FullName", ""), "Account.Sluice_Accounts");
    EXPECT_EQ(message["Metadata"]["fields"], json::array({"Id", "Name"}));
    EXPECT_EQ(message["Metadata"].get_or("integrationUser", ""), "ada@example.com");
    EXPECT_FALSE(message["Metadata"].get_or("includeSessionId", true));
    EXPECT_EQ(flow.get_or("FullName", ""), "Account_Sluice_Accounts");
    EXPECT_EQ(flow["Metadata"]["start"].get_or("recordTriggerType", ""), "Create");
    EXPECT_EQ(flow["Metadata"]["start"].get_or("filterFormula", ""), "{!$Record.IsActive__c}");
    EXPECT_EQ(flow["Metadata"]["actionCalls"][0].get_or("actionName", ""),
              "Account.Sluice_Accounts");
    EXPECT_EQ(flow["Metadata"].get_or("status", ""), "Active");
}

TEST(salesforce_setup, makes_a_workflow_rule_on_demand) {
    const std::tuple<const char*, const char*, const char*, const char*> cases[] = {
        {"create", "", "onCreateOnly", "TRUE"},
        {"createOrUpdate", "IsWon", "onAllChanges", "IsWon"},
        {"update", "", "onAllChanges", "NOT(ISNEW())"},
        {"update", "IsWon", "onAllChanges", "AND(NOT(ISNEW()), IsWon)"},
    };
    for (const auto& [when, condition, trigger, formula] : cases) {
        mock_host host(sluice_connector_v1);
        nothing_but(host, {});
        host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
        json input = wanted();
        input.set("automation", "workflowRule");
        input.set("on", when);
        input.set("condition", condition);
        const call_result result = host.run("createOutboundMessage", input, connection());
        ASSERT_TRUE(result.ok) << result.explain();
        const json rule = posted(host, "WorkflowRule");
        EXPECT_EQ(rule.get_or("FullName", ""), "Account.Sluice_Accounts");
        EXPECT_EQ(rule["Metadata"].get_or("triggerType", ""), trigger);
        EXPECT_EQ(rule["Metadata"].get_or("formula", ""), formula);
        EXPECT_EQ(rule["Metadata"]["actions"][0].get_or("name", ""), "Sluice_Accounts");
    }
}

// What Salesforce gives back for what an earlier run has made.
struct made_before {
    json message;
    json flow;
};

made_before make(const json& input) {
    mock_host host(sluice_connector_v1);
    nothing_but(host, {});
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
    EXPECT_TRUE(host.run("createOutboundMessage", input, connection()).ok);
    made_before out;
    for (const recorded_request& one : host.requests()) {
        if (one.method != "POST") continue;
        json& to = one.url.ends_with("Flow") ? out.flow : out.message;
        to = one.body_json();
        to.set("Id", one.url.ends_with("Flow") ? another_account : account);
    }
    return out;
}

json version(const std::string& id, const std::string& status, const json& description) {
    return json{
        {"Id", id}, {"DefinitionId", ingest_job}, {"Status", status}, {"Description", description}};
}

std::string versions(const std::vector<json>& all) {
    json records = json::array();
    for (const json& one : all)
        records.push(one);
    return json{{"records", records}}.dump();
}

// `later` are the flow's versions at the second look.
void put_back(mock_host& host, const made_before& there, const std::string& later = {}) {
    nothing_but(host, {"WorkflowOutboundMessage", "Flow"});
    on_query(host, "WorkflowOutboundMessage").reply(200, found({account}).dump());
    const json& description = there.flow["Metadata"]["description"];
    auto& looks = on_query(host, "Flow");
    looks.reply(200, versions({version(another_account, "Active", description)}));
    if (!later.empty()) looks.reply(200, later);
    host.on("GET", tooling + "sobjects/WorkflowOutboundMessage/" + account)
        .reply(200, there.message.dump());
    host.on("GET", tooling + "sobjects/Flow/" + another_account).reply(200, there.flow.dump());
    host.on("PATCH", tooling + "sobjects/*").reply(204, "");
    host.on("DELETE", tooling + "sobjects/*").reply(204, "");
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
}

const std::string our_description = "Sends Account.Sluice_Accounts; managed by Sluice";

// A new version has taken the place of the one that was active.
std::string replaced() {
    return versions({version(another_account, "Obsolete", our_description),
                     version(account, "Active", our_description)});
}

TEST(salesforce_setup, changes_nothing_when_all_is_as_wanted) {
    mock_host host(sluice_connector_v1);
    put_back(host, make(wanted()));
    const call_result result = host.run("createOutboundMessage", wanted(), connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("message", ""), "unchanged");
    EXPECT_EQ(result.output.get_or("automation", ""), "unchanged");
    EXPECT_TRUE(writes(host).empty());
}

TEST(salesforce_setup, changes_what_differs) {
    mock_host host(sluice_connector_v1);
    put_back(host, make(wanted()));
    json input = wanted();
    input.set("endpointUrl", "https://sluice.example.com/hooks/OTHER");
    const call_result moved = host.run("createOutboundMessage", input, connection());
    EXPECT_EQ(moved.output.get_or("message", ""), "changed") << moved.explain();
    EXPECT_EQ(writes(host),
              (std::vector<std::string>{"PATCH sobjects/WorkflowOutboundMessage/" + account}));

    mock_host second(sluice_connector_v1);
    put_back(second, make(wanted()), replaced());
    input = wanted();
    input.set("on", "update");
    const call_result other = second.run("createOutboundMessage", input, connection());
    EXPECT_EQ(other.output.get_or("automation", ""), "changed") << other.explain();
    EXPECT_EQ(writes(second),
              (std::vector<std::string>{"POST sobjects/Flow",
                                        "DELETE sobjects/Flow/" + another_account}));
}

TEST(salesforce_setup, notices_that_a_condition_is_not_wanted_any_more) {
    mock_host host(sluice_connector_v1);
    json conditional = wanted();
    conditional.set("condition", "{!$Record.IsActive__c}");
    put_back(host, make(conditional), replaced());
    const call_result result = host.run("createOutboundMessage", wanted(), connection());
    EXPECT_EQ(result.output.get_or("automation", ""), "changed") << result.explain();
    const json flow = posted(host, "Flow");
    EXPECT_EQ(flow.get_or("FullName", ""), "Account_Sluice_Accounts");
    EXPECT_FALSE(flow["Metadata"]["start"].contains("filterFormula"));
}

TEST(salesforce_setup, keeps_the_old_automation_until_the_new_one_is_there) {
    mock_host host(sluice_connector_v1);
    json input = wanted();
    input.set("on", "update");
    host.on("POST", tooling + "sobjects/Flow")
        .reply(400, errors("FIELD_INTEGRITY_EXCEPTION", "The formula is wrong."));
    put_back(host, make(wanted()));
    const call_result refused = host.run("createOutboundMessage", input, connection());
    EXPECT_EQ(refused.error.code, SLUICE_INVALID_INPUT) << refused.explain();
    EXPECT_EQ(writes(host), std::vector<std::string>{"POST sobjects/Flow"});

    mock_host other(sluice_connector_v1);
    put_back(other, make(wanted()));
    input.set("automation", "workflowRule");
    const call_result rule = other.run("createOutboundMessage", input, connection());
    EXPECT_EQ(rule.output.get_or("automation", ""), "created") << rule.explain();
    EXPECT_EQ(writes(other),
              (std::vector<std::string>{"POST sobjects/WorkflowRule",
                                        "PATCH sobjects/FlowDefinition/" + ingest_job,
                                        "DELETE sobjects/Flow/" + another_account}));
}

TEST(salesforce_setup, deletes_versions_that_an_earlier_run_left) {
    mock_host host(sluice_connector_v1);
    on_query(host, "Flow")
        .reply(200, versions({version(account, "Obsolete", our_description),
                              version(another_account, "Active", our_description)}));
    put_back(host, make(wanted()));
    const call_result result = host.run("createOutboundMessage", wanted(), connection());
    EXPECT_EQ(result.output.get_or("automation", ""), "unchanged") << result.explain();
    EXPECT_EQ(writes(host), std::vector<std::string>{"DELETE sobjects/Flow/" + account});
}

// What does not say that it is ours stays, whatever its name is.
TEST(salesforce_setup, leaves_flows_and_rules_of_others_alone) {
    const json there = json{{"FullName", "Account.Sluice_Accounts"},
                            {"Metadata", json{{"description", "Sends Account.Sluice_Accounts"}}}};
    for (const char* const automation : {"flow", "workflowRule", "none"}) {
        mock_host host(sluice_connector_v1);
        // Of the two versions one is somebody's.
        on_query(host, "Flow")
            .reply(200, versions({version(another_account, "Active", "Mine"),
                                  version(account, "Draft", our_description)}));
        on_query(host, "WorkflowRule").reply(200, found({ingest_job}).dump());
        host.on("GET", tooling + "sobjects/WorkflowRule/" + ingest_job).reply(200, there.dump());
        put_back(host, make(wanted()));
        json input = wanted();
        input.set("automation", automation);
        const call_result result = host.run("createOutboundMessage", input, connection());
        EXPECT_TRUE(writes(host).empty()) << automation;
        if (std::string(automation) == "none") {
            EXPECT_TRUE(result.ok) << result.explain();
        } else {
            EXPECT_EQ(result.error.code, SLUICE_CONFLICT) << result.explain();
        }
        const json named{{"object", "Account"}, {"name", "Sluice_Accounts"}};
        const call_result gone = host.run("deleteOutboundMessage", named, connection());
        EXPECT_TRUE(gone.ok) << gone.explain();
        EXPECT_EQ(writes(host),
                  std::vector<std::string>{"DELETE sobjects/WorkflowOutboundMessage/" + account});
    }
}

// The name of the flow that is made for the object and the message.
std::string flow_of(const std::string& object, const std::string& name = "Sluice_Accounts") {
    mock_host host(sluice_connector_v1);
    nothing_but(host, {});
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
    json input = wanted(name);
    input.set("object", object);
    const call_result result = host.run("createOutboundMessage", input, connection());
    EXPECT_TRUE(result.ok) << result.explain();
    const std::string made = posted(host, "Flow").get_or("FullName", "");
    std::string asked;
    for (const recorded_request& one : host.requests()) {
        if (one.method == "GET" && asked_query(one).find(" FROM Flow ") != std::string::npos)
            asked = asked_query(one);
    }
    EXPECT_NE(asked.find("DeveloperName = '" + made + "' AND"), std::string::npos) << asked;
    return made;
}

TEST(salesforce_setup, gives_each_object_a_flow_of_its_own) {
    EXPECT_EQ(flow_of("Account"), "Account_Sluice_Accounts");
    EXPECT_EQ(flow_of("Contact"), "Contact_Sluice_Accounts");
    EXPECT_EQ(flow_of("Size__c"), "Size_c_Sluice_Accounts");
    const std::string object(40, 'o');
    const std::string one = flow_of(object, std::string(79, 'n') + "1");
    const std::string other = flow_of(object, std::string(79, 'n') + "2");
    EXPECT_EQ(one.size(), 80u);
    EXPECT_EQ(other.size(), 80u);
    EXPECT_NE(one, other);
}

TEST(salesforce_setup, knows_objects_without_their_case) {
    mock_host host(sluice_connector_v1);
    put_back(host, make(wanted()));
    json small = wanted();
    small.set("object", "account");
    const json input{{"prefix", "Sluice_"}, {"messages", json::array({small})}};
    const call_result result = host.run("reconcileOutboundMessages", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["messages"][0].get_or("message", ""), "unchanged");
    EXPECT_TRUE(result.output["deleted"].empty()) << result.explain();
    EXPECT_TRUE(writes(host).empty());
    const json twice{{"prefix", "Sluice_"}, {"messages", json::array({small, wanted()})}};
    EXPECT_EQ(host.run("reconcileOutboundMessages", twice, connection()).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(salesforce_setup, leaves_those_of_other_objects_alone) {
    mock_host host(sluice_connector_v1);
    made_before there = make(wanted());
    there.message.set("FullName", "Contact.Sluice_Accounts");
    put_back(host, there);
    const call_result result = host.run("createOutboundMessage", wanted(), connection());
    EXPECT_EQ(result.output.get_or("message", ""), "created") << result.explain();
}

TEST(salesforce_setup, works_as_the_connection_s_own_user) {
    mock_host host(sluice_connector_v1);
    nothing_but(host, {});
    host.on("GET", base).reply(200, R"({"identity":
        "https://login.salesforce.com/id/00Dxx0000001gPLEAY/005xx000001Sv6eAAC"})");
    host.on("GET", base + "/sobjects/User/*").reply(200, R"({"Username": "own@example.com"})");
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
    json input = wanted();
    input.erase("integrationUser");
    ASSERT_TRUE(host.run("createOutboundMessage", input, connection()).ok);
    for (const recorded_request& one : host.requests()) {
        if (one.method != "POST" || !one.url.ends_with("OutboundMessage")) continue;
        EXPECT_EQ(one.body_json()["Metadata"].get_or("integrationUser", ""), "own@example.com");
    }
}

TEST(salesforce_setup, deletes_the_automation_before_the_message) {
    mock_host host(sluice_connector_v1);
    put_back(host, make(wanted()));
    const json input{{"object", "Account"}, {"name", "Sluice_Accounts"}};
    const call_result result = host.run("deleteOutboundMessage", input, connection());
    EXPECT_TRUE(result.output.get_or("deleted", false)) << result.explain();
    EXPECT_EQ(writes(host),
              (std::vector<std::string>{"PATCH sobjects/FlowDefinition/" + ingest_job,
                                        "DELETE sobjects/Flow/" + another_account,
                                        "DELETE sobjects/WorkflowOutboundMessage/" + account}));
    mock_host empty(sluice_connector_v1);
    nothing_but(empty, {});
    const call_result none = empty.run("deleteOutboundMessage", input, connection());
    EXPECT_FALSE(none.output.get_or("deleted", true)) << none.explain();
}

TEST(salesforce_setup, makes_them_equal_to_a_list) {
    mock_host host(sluice_connector_v1);
    put_back(host, make(wanted("Sluice_old")));
    const json input{{"prefix", "Sluice_"}, {"messages", json::array()}};
    const call_result result = host.run("reconcileOutboundMessages", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["deleted"], json::array({"Account.Sluice_old"}));
    EXPECT_EQ(asked_query(host.requests().at(0)),
              "SELECT Id FROM WorkflowOutboundMessage WHERE Name LIKE 'Sluice\\_%'");

    mock_host same(sluice_connector_v1);
    put_back(same, make(wanted()));
    const json keep{{"prefix", "Sluice_"}, {"messages", json::array({wanted()})}};
    const call_result kept = same.run("reconcileOutboundMessages", keep, connection());
    EXPECT_TRUE(kept.output["deleted"].empty()) << kept.explain();
    EXPECT_EQ(kept.output["messages"][0].get_or("message", ""), "unchanged");
    EXPECT_TRUE(writes(same).empty());

    // Names of others whose case differs; "_" is no wildcard here.
    mock_host others(sluice_connector_v1);
    put_back(others, make(wanted("sluice_theirs")));
    const call_result left = others.run("reconcileOutboundMessages", input, connection());
    EXPECT_TRUE(left.output["deleted"].empty()) << left.explain();
}

TEST(salesforce_setup, works_where_flows_are_out_of_sight) {
    mock_host host(sluice_connector_v1);
    nothing_but(host, {"Flow"});
    on_query(host, "Flow")
        .reply(400, errors("INVALID_TYPE", "sObject type 'Flow' is not supported."));
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
    json input = wanted();
    input.set("automation", "workflowRule");
    EXPECT_TRUE(host.run("createOutboundMessage", input, connection()).ok);
    input.set("automation", "flow");
    EXPECT_EQ(host.run("createOutboundMessage", input, connection()).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(salesforce_setup, refuses_what_salesforce_would_refuse) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        wanted("a__b"),
        wanted("a_"),
        wanted("1a"),
        wanted(std::string(81, 'a')),
        wanted().set("object", "Account "),
        wanted().set("fields", json::array({"a b"})),
        wanted().set("fields", "Name"),
        wanted().set("endpointUrl", ""),
        wanted().set("automation", "apex"),
        wanted().set("on", "delete"),
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("createOutboundMessage", input, connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << input.dump();
        const json list{{"prefix", "Sluice_"}, {"messages", json::array({input})}};
        EXPECT_EQ(host.run("reconcileOutboundMessages", list, connection()).error.code,
                  SLUICE_INVALID_INPUT);
    }
    const json twice{{"prefix", "Sluice_"}, {"messages", json::array({wanted(), wanted()})}};
    const json foreign{{"prefix", "Acme_"}, {"messages", json::array({wanted()})}};
    for (const json& input : {twice, foreign}) {
        EXPECT_EQ(host.run("reconcileOutboundMessages", input, connection()).error.code,
                  SLUICE_INVALID_INPUT);
    }
    EXPECT_TRUE(host.requests().empty());
}

}  // namespace
}  // namespace sluice::salesforce::testing
