// Single records, collections and composite requests.
#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

const std::string accounts = base + "/sobjects/Account";
const std::string collections = base + "/composite/sobjects";

TEST(salesforce_records, gets_by_id_and_by_external_id) {
    mock_host host(sluice_connector_v1);
    host.on("GET", accounts + "/*").reply(200, R"({"Name": "Acme"})");
    const json by_id{
        {"object", "Account"}, {"id", account}, {"fields", json::array({"Name", "Owner.Name"})}};
    EXPECT_EQ(host.run("getRecord", by_id, connection()).output.get_or("Name", ""), "Acme");
    EXPECT_EQ(host.requests().at(0).url, accounts + "/" + account + "?fields=Name%2COwner.Name");
    const json by_key{
        {"object", "Account"}, {"externalIdField", "Key__c"}, {"externalId", "a/b?c d"}};
    EXPECT_TRUE(host.run("getRecord", by_key, connection()).ok);
    EXPECT_EQ(host.requests().at(1).url, accounts + "/Key__c/a%2Fb%3Fc%20d");
}

TEST(salesforce_records, creates) {
    mock_host host(sluice_connector_v1);
    host.on("POST", accounts).reply(201, R"({"id": "001xx000003DGb2AAG", "success": true})");
    const json fields{{"Name", "Acme"}, {"attributes", json{{"type", "Account"}}}, {"Id", "x"}};
    const json input{{"object", "Account"},
                     {"fields", fields},
                     {"allowDuplicates", true},
                     {"autoAssign", false}};
    const call_result result = host.run("createRecord", input, connection());
    EXPECT_EQ(result.output.get_or("id", ""), account) << result.explain();
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"Name", "Acme"}}));
    EXPECT_EQ(host.requests().at(0).header("Sforce-Duplicate-Rule-Header"), "allowSave=true");
    EXPECT_EQ(host.requests().at(0).header("Sforce-Auto-Assign"), "FALSE");
}

TEST(salesforce_records, updates) {
    mock_host host(sluice_connector_v1);
    host.on("PATCH", accounts + "/" + account).reply(204, "");
    const json input{{"object", "Account"}, {"id", account}, {"fields", json{{"Phone", json()}}}};
    const call_result result = host.run("updateRecord", input, connection());
    EXPECT_TRUE(result.output.get_or("updated", false)) << result.explain();
    EXPECT_EQ(host.requests().at(0).body, R"({"Phone":null})");
    EXPECT_EQ(host.requests().at(0).header("Sforce-Auto-Assign"), "");
}

TEST(salesforce_records, upserts_by_external_id) {
    mock_host host(sluice_connector_v1);
    host.on("PATCH", accounts + "/Key__c/4711*")
        .reply(201, R"({"id": "001xx000003DGb2AAG", "success": true, "created": true})")
        .reply(200, R"({"id": "001xx000003DGb2AAG", "success": true, "created": false})")
        .reply(204, "")
        .reply(300, R"(["/services/data/v65.0/sobjects/Account/001xx000003DGb2AAG"])");
    json input{{"object", "Account"},
               {"externalIdField", "Key__c"},
               {"externalId", "4711"},
               {"fields", json{{"Name", "Acme"}, {"Key__c", "4711"}}}};
    const call_result made = host.run("upsertRecord", input, connection());
    EXPECT_TRUE(made.output.get_or("created", false)) << made.explain();
    // Salesforce refuses a field that the address names already.
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"Name", "Acme"}}));
    EXPECT_FALSE(host.run("upsertRecord", input, connection()).output.get_or("created", true));
    input.set("updateOnly", true);
    const call_result old = host.run("upsertRecord", input, connection());
    EXPECT_FALSE(old.output.get_or("created", true)) << old.explain();
    EXPECT_TRUE(host.requests().at(2).url.ends_with("?updateOnly=true"));
    EXPECT_EQ(host.run("upsertRecord", input, connection()).error.code, SLUICE_CONFLICT);
}

TEST(salesforce_records, deletes_and_takes_deleted_ones_for_done) {
    mock_host host(sluice_connector_v1);
    host.on("DELETE", accounts + "/" + account)
        .reply(204, "")
        .reply(404, errors("ENTITY_IS_DELETED", "entity is deleted"))
        .reply(404, errors("NOT_FOUND", "Provided external ID field does not exist"));
    const json input{{"object", "Account"}, {"id", account}};
    EXPECT_TRUE(host.run("deleteRecord", input, connection()).output.get_or("deleted", false));
    EXPECT_FALSE(host.run("deleteRecord", input, connection()).output.get_or("deleted", true));
    EXPECT_EQ(host.run("deleteRecord", input, connection()).error.code, SLUICE_NOT_FOUND);

    host.on("DELETE", accounts + "/Key__c/1")
        .reply(204, "")
        .reply(404, errors("NOT_FOUND", "The requested resource does not exist"))
        .reply(404, errors("NOT_FOUND",
                           "Provided external ID field does not exist or is not"
                           " accessible: Key__c"));
    const json keyed{{"object", "Account"}, {"externalIdField", "Key__c"}, {"externalId", "1"}};
    EXPECT_TRUE(host.run("deleteRecord", keyed, connection()).output.get_or("deleted", false));
    EXPECT_FALSE(host.run("deleteRecord", keyed, connection()).output.get_or("deleted", true));
    EXPECT_EQ(host.run("deleteRecord", keyed, connection()).error.code, SLUICE_NOT_FOUND);
}

TEST(salesforce_records, refuses_names_and_ids_that_lead_elsewhere) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        json{{"object", "../limits"}, {"id", account}},
        json{{"object", "Account/describe"}, {"id", account}},
        json{{"object", "1Account"}, {"id", account}},
        json{{"object", "Account"}, {"id", "001"}},
        json{{"object", "Account"}, {"id", "001xx000003DG/2"}},
        json{{"object", "Account"}, {"externalIdField", "a b"}, {"externalId", "1"}},
        json{{"object", "Account"}, {"externalIdField", "Key__c"}, {"externalId", ".."}},
        json{{"object", "Account"}, {"externalIdField", "Key__c"}, {"externalId", 7}},
        json{{"object", "Account"}, {"id", account}, {"fields", json::array({"a,b"})}},
        json{{"object", "Account"}, {"id", account}, {"fields", json::array({7})}},
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("getRecord", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(salesforce_collections, give_a_result_for_each_record) {
    mock_host host(sluice_connector_v1);
    const std::string answer = R"([{"id": "001xx000003DGb2AAG", "success": true, "errors": []},
        {"success": false, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "busy"}]},
        {"success": false, "errors": [{"statusCode": "REQUIRED_FIELD_MISSING", "message": "no"}]}])";
    host.on("POST", collections).reply(200, answer);
    const json records = json::array({json{{"Name", "a"}}, json{{"Name", "b"}}, json::object()});
    const json input{{"object", "Account"}, {"records", records}};
    const call_result result = host.run("createRecords", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("succeeded", 0), 1);
    EXPECT_EQ(result.output.get_or("failed", 0), 2);
    EXPECT_FALSE(result.output["results"][0].contains("retryable"));
    EXPECT_TRUE(result.output["results"][1].get_or("retryable", false));
    EXPECT_FALSE(result.output["results"][2].get_or("retryable", true));
    const json sent = host.requests().at(0).body_json();
    EXPECT_FALSE(sent.get_or("allOrNone", true));
    EXPECT_EQ(sent["records"][1], (json{{"attributes", json{{"type", "Account"}}}, {"Name", "b"}}));
}

// What is undone because another one failed may work when that one may.
TEST(salesforce_collections, say_of_undone_records_what_their_cause_says) {
    const std::string undone = R"({"success": false, "errors":
        [{"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "undone"}]})";
    const auto refused = [](const std::string& code) {
        return R"({"success": false, "errors": [{"statusCode": ")" + code + R"("}]})";
    };
    const std::pair<std::string, bool> cases[] = {
        {refused("UNABLE_TO_LOCK_ROW"), true},
        {refused("REQUIRED_FIELD_MISSING"), false},
        {refused("UNABLE_TO_LOCK_ROW") + "," + refused("REQUIRED_FIELD_MISSING"), false},
    };
    for (const auto& [causes, retryable] : cases) {
        mock_host host(sluice_connector_v1);
        host.on("POST", collections).reply(200, "[" + undone + "," + causes + "]");
        json records = json::array();
        const std::size_t count = json::parse("[" + causes + "]").size() + 1;
        for (std::size_t i = 0; i < count; ++i)
            records.push(json{{"Name", "a"}});
        const json input{{"object", "Account"}, {"records", records}, {"allOrNone", true}};
        const call_result result = host.run("createRecords", input, connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["results"][0]["retryable"], json(retryable)) << causes;
    }
}

// A step that is repeated finds what its first try has deleted.
TEST(salesforce_collections, delete_what_is_left_when_some_are_gone) {
    const std::string done = R"({"id": "001xx000003DGb2AAG", "success": true, "errors": []})";
    const auto refused = [](const std::string& code) {
        return R"({"success": false, "errors": [{"statusCode": ")" + code + R"("}]})";
    };
    const std::string gone = refused("ENTITY_IS_DELETED");
    const std::string undone = refused("ALL_OR_NONE_OPERATION_ROLLED_BACK");
    const std::string ids = "?ids=" + account + "%2C" + another_account;
    json input{{"ids", json::array({account, another_account})}};

    mock_host some(sluice_connector_v1);
    some.on("DELETE", collections + ids + "&allOrNone=false")
        .reply(200, "[" + done + "," + gone + "]");
    const call_result result = some.run("deleteRecords", input, connection());
    EXPECT_EQ(result.output.get_or("failed", -1), 0) << result.explain();
    EXPECT_TRUE(result.output["results"][0].get_or("deleted", false));
    EXPECT_FALSE(result.output["results"][1].get_or("deleted", true));
    EXPECT_EQ(result.output["results"][1].get_or("id", ""), another_account);

    input.set("allOrNone", true);
    mock_host all(sluice_connector_v1);
    all.on("DELETE", collections + ids + "&allOrNone=true")
        .reply(200, "[" + undone + "," + gone + "]")
        .reply(200, "[" + gone + "," + gone + "]");
    all.on("DELETE", collections + "?ids=" + account + "&allOrNone=true")
        .reply(200, "[" + done + "]");
    const call_result left = all.run("deleteRecords", input, connection());
    EXPECT_EQ(left.output.get_or("failed", -1), 0) << left.explain();
    EXPECT_TRUE(left.output["results"][0].get_or("deleted", false));
    EXPECT_FALSE(left.output["results"][1].get_or("deleted", true));
    const call_result again = all.run("deleteRecords", input, connection());
    EXPECT_EQ(again.output.get_or("succeeded", -1), 2) << again.explain();

    // What is refused for a reason of its own still undoes all.
    mock_host locked(sluice_connector_v1);
    locked.on("DELETE", collections + ids + "&allOrNone=true")
        .reply(200, "[" + refused("UNABLE_TO_LOCK_ROW") + "," + undone + "]");
    const call_result none = locked.run("deleteRecords", input, connection());
    EXPECT_EQ(none.output.get_or("failed", -1), 2) << none.explain();
    EXPECT_TRUE(none.output["results"][1].get_or("retryable", false));
}

TEST(salesforce_collections, update_upsert_and_delete) {
    mock_host host(sluice_connector_v1);
    const std::string answer = R"([{"id": "001xx000003DGb2AAG", "success": true, "errors": []}])";
    host.on("PATCH", collections).reply(200, answer);
    host.on("PATCH", collections + "/Account/Key__c").reply(200, answer);
    host.on("DELETE", collections + "?ids=" + account + "&allOrNone=true").reply(200, answer);
    const json update{{"object", "Account"},
                      {"records", json::array({json{{"Id", account}, {"Name", "a"}}})},
                      {"allOrNone", true}};
    EXPECT_TRUE(host.run("updateRecords", update, connection()).ok);
    EXPECT_EQ(host.requests().at(0).body_json()["records"][0].get_or("id", ""), account);
    EXPECT_TRUE(host.requests().at(0).body_json().get_or("allOrNone", false));
    const json upsert{{"object", "Account"},
                      {"externalIdField", "Key__c"},
                      {"records", json::array({json{{"Key__c", "1"}}})}};
    EXPECT_TRUE(host.run("upsertRecords", upsert, connection()).ok);
    const json remove{{"ids", json::array({account})}, {"allOrNone", true}};
    EXPECT_TRUE(host.run("deleteRecords", remove, connection()).ok);
}

TEST(salesforce_collections, refuse_what_salesforce_would_refuse) {
    mock_host host(sluice_connector_v1);
    json many = json::array();
    for (int i = 0; i < 201; ++i)
        many.push(json{{"Name", "a"}});
    const json lists[] = {json::array(), many, json::array({7})};
    for (const json& records : lists) {
        const json input{{"object", "Account"}, {"records", records}, {"ids", records}};
        for (const char* const id : {"createRecords", "updateRecords", "deleteRecords"}) {
            EXPECT_EQ(host.run(id, input, connection()).error.code, SLUICE_INVALID_INPUT) << id;
        }
    }
    const json nameless{{"object", "Account"}, {"records", json::array({json{{"Name", "a"}}})}};
    EXPECT_EQ(host.run("updateRecords", nameless, connection()).error.code, SLUICE_INVALID_INPUT);
    json keyless = nameless;
    keyless.set("externalIdField", "Key__c");
    EXPECT_EQ(host.run("upsertRecords", keyless, connection()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

TEST(salesforce_collections, need_a_result_for_each_record) {
    for (const char* answer : {"[]", "{}", "null", "", R"([{"success": true}])"}) {
        mock_host host(sluice_connector_v1);
        host.on("POST", collections).reply(200, answer);
        const json input{{"object", "Account"},
                         {"records", json::array({json::object(), json::object()})}};
        EXPECT_EQ(host.run("createRecords", input, connection()).error.code, SLUICE_UNAVAILABLE)
            << answer;
    }
}

TEST(salesforce_composite, sends_parts_below_the_version_alone) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base + "/composite").reply(200, R"({"compositeResponse": [
        {"referenceId": "a", "httpStatusCode": 201, "body": {"id": "1"}, "httpHeaders": {}},
        {"referenceId": "q", "httpStatusCode": 400, "body": [{"errorCode": "X"}]}]})");
    const json create{{"referenceId", "a"},
                      {"method", "POST"},
                      {"path", "/sobjects/Account"},
                      {"body", json{{"Name", "Acme"}}}};
    const json query{{"referenceId", "q"},
                     {"path", "query"},
                     {"query", json{{"q", "SELECT Id FROM Account WHERE Id = '@{a.id}'"}}},
                     {"headers", json{{"If-Match", "x"}}}};
    const json input{{"requests", json::array({create, query})}, {"allOrNone", true}};
    const call_result result = host.run("composite", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("failed", 0), 1);
    EXPECT_EQ(result.output["results"][0]["body"].get_or("id", ""), "1");
    EXPECT_FALSE(result.output["results"][1].get_or("ok", true));
    const json sent = host.requests().at(0).body_json();
    EXPECT_EQ(sent["compositeRequest"][0].get_or("url", ""),
              "/services/data/v65.0/sobjects/Account");
    EXPECT_TRUE(sent["compositeRequest"][1].get_or("url", "").starts_with(
        "/services/data/v65.0/query?q=SELECT%20Id"));
    EXPECT_EQ(sent["compositeRequest"][1]["httpHeaders"].get_or("If-Match", ""), "x");
}

TEST(salesforce_composite, says_what_is_worth_repeating) {
    const std::string halted = R"({"referenceId": "a", "httpStatusCode": 400,
        "body": [{"errorCode": "PROCESSING_HALTED"}]})";
    const std::pair<std::string, bool> cases[] = {
        {R"("httpStatusCode": 400, "body": [{"errorCode": "UNABLE_TO_LOCK_ROW"}])", true},
        {R"("httpStatusCode": 503, "body": null)", true},
        {R"("httpStatusCode": 400, "body": [{"errorCode": "REQUIRED_FIELD_MISSING"}])", false},
    };
    const json input{{"requests", json::array({json{{"referenceId", "a"}, {"path", "limits"}},
                                               json{{"referenceId", "b"}, {"path", "limits"}},
                                               json{{"referenceId", "c"}, {"path", "limits"}}})},
                     {"allOrNone", true}};
    for (const auto& [cause, retryable] : cases) {
        mock_host host(sluice_connector_v1);
        const std::string ok = R"({"referenceId": "c", "httpStatusCode": 200, "body": {}})";
        host.on("POST", base + "/composite")
            .reply(200, R"({"compositeResponse": [)" + halted + R"(, {"referenceId": "b", )" +
                            cause + "}, " + ok + "]}");
        const call_result result = host.run("composite", input, connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["results"][0]["retryable"], json(retryable)) << cause;
        EXPECT_EQ(result.output["results"][1]["retryable"], json(retryable)) << cause;
        EXPECT_FALSE(result.output["results"][2].contains("retryable"));
    }
}

TEST(salesforce_composite, refuses_what_leads_elsewhere) {
    mock_host host(sluice_connector_v1);
    for (const json& request :
         {json(7), json{{"referenceId", "a"}, {"path", "../../apexrest/x"}},
          json{{"referenceId", "a"}, {"path", "http://evil.example//x"}},
          json{{"referenceId", "a"}, {"path", "a b"}}, json{{"referenceId", "a"}, {"path", "/"}},
          json{{"referenceId", "a b"}, {"path", "limits"}},
          json{{"referenceId", "a"}, {"path", "limits"}, {"method", "get"}}}) {
        const json input{{"requests", json::array({request})}};
        EXPECT_EQ(host.run("composite", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << request.dump();
    }
    const json twice{{"referenceId", "a"}, {"path", "limits"}};
    const json input{{"requests", json::array({twice, twice})}};
    EXPECT_EQ(host.run("composite", input, connection()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

TEST(salesforce_describe, says_who_it_works_as) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base)
        .reply(200, R"({"identity":
            "https://login.salesforce.com/id/00Dxx0000001gPLEAY/005xx000001Sv6eAAC"})")
        .reply(200, R"({"identity": "https://evil.example/"})")
        .reply(200, "{}");
    host.on("GET", base + "/sobjects/User/005xx000001Sv6eAAC?fields=Username%2CName%2CEmail")
        .reply(200, R"({"Username": "ada@example.com", "Name": "Ada"})");
    const call_result result = host.run("getIdentity", json::object(), connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("organizationId", ""), "00Dxx0000001gPLEAY");
    EXPECT_EQ(result.output.get_or("username", ""), "ada@example.com");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(host.run("getIdentity", json::object(), connection()).error.code,
                  SLUICE_UNAVAILABLE);
    }
}

TEST(salesforce_describe, lists_objects) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/sobjects").reply(200, R"({"sobjects": [
        {"name": "Account", "label": "Account", "custom": false, "urls": {}},
        {"name": "Size__c", "label": "Size", "custom": true, "urls": {}}]})");
    const call_result all = host.run("listObjects", json::object(), connection());
    EXPECT_EQ(all.output["items"].size(), 2u) << all.explain();
    const call_result own = host.run("listObjects", json{{"customOnly", true}}, connection());
    ASSERT_EQ(own.output["items"].size(), 1u);
    EXPECT_EQ(own.output["items"][0].get_or("name", ""), "Size__c");
    EXPECT_FALSE(own.output["items"][0].contains("urls"));
}

}  // namespace
}  // namespace sluice::salesforce::testing
