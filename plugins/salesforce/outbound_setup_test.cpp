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

void nothing_but(mock_host& host, const std::vector<std::string>& present) {
    for (const char* const object :
         {"WorkflowOutboundMessage", "WorkflowRule", "Flow", "FlowDefinition"}) {
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
    json message;
    json flow;
    for (const recorded_request& one : host.requests()) {
        if (one.url.ends_with("OutboundMessage")) message = one.body_json();
        if (one.url.ends_with("Flow") && one.method == "POST") flow = one.body_json();
    }
    EXPECT_EQ(message.get_or("FullName", ""), "Account.Sluice_Accounts");
    EXPECT_EQ(message["Metadata"]["fields"], json::array({"Id", "Name"}));
    EXPECT_EQ(message["Metadata"].get_or("integrationUser", ""), "ada@example.com");
    EXPECT_FALSE(message["Metadata"].get_or("includeSessionId", true));
    EXPECT_EQ(flow.get_or("FullName", ""), "Sluice_Accounts");
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
        const json rule = host.requests().back().body_json();
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

void put_back(mock_host& host, const made_before& there) {
    nothing_but(host, {"WorkflowOutboundMessage", "Flow", "FlowDefinition"});
    on_query(host, "WorkflowOutboundMessage").reply(200, found({account}).dump());
    on_query(host, "Flow").reply(200, found({another_account}).dump());
    on_query(host, "FlowDefinition")
        .reply(200,
               json{{"records",
                     json::array({json{{"Id", ingest_job}, {"ActiveVersionId", another_account}}})}}
                   .dump());
    host.on("GET", tooling + "sobjects/WorkflowOutboundMessage/" + account)
        .reply(200, there.message.dump());
    host.on("GET", tooling + "sobjects/Flow/" + another_account).reply(200, there.flow.dump());
    host.on("PATCH", tooling + "sobjects/*").reply(204, "");
    host.on("DELETE", tooling + "sobjects/*").reply(204, "");
    host.on("POST", tooling + "sobjects/*").reply(201, json{{"id", account}}.dump());
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
    put_back(second, make(wanted()));
    input = wanted();
    input.set("on", "update");
    const call_result other = second.run("createOutboundMessage", input, connection());
    EXPECT_EQ(other.output.get_or("automation", ""), "changed") << other.explain();
    EXPECT_EQ(writes(second),
              (std::vector<std::string>{"PATCH sobjects/FlowDefinition/" + ingest_job,
                                        "DELETE sobjects/Flow/" + another_account,
                                        "POST sobjects/Flow"}));
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
    nothing_but(host, {"Flow", "FlowDefinition"});
    for (const char* const object : {"Flow", "FlowDefinition"}) {
        on_query(host, object)
            .reply(400, errors("INVALID_TYPE", "sObject type 'FlowDefinition' is not supported."));
    }
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
