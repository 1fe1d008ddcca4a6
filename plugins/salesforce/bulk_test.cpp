#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

const std::string ingest = base + "/jobs/ingest";
const std::string one_job = ingest + "/" + ingest_job;

std::string job(const std::string& state, const std::string& why = "") {
    json out{{"id", ingest_job}, {"state", state}};
    if (!why.empty()) out.set("errorMessage", why);
    return out.dump();
}

json load_of(const json& file) {
    return json{{"object", "Account"},
                {"operation", "upsert"},
                {"externalIdField", "Key__c"},
                {"file", file}};
}

// "POST /jobs/ingest" and so on, of all requests so far.
std::vector<std::string> asked(const mock_host& host) {
    std::vector<std::string> out;
    for (const recorded_request& one : host.requests())
        out.push_back(one.method + " " + one.url.substr(base.size()));
    return out;
}

TEST(salesforce_bulk, loads_a_file) {
    mock_host host(sluice_connector_v1);
    host.on("POST", ingest).reply(200, job("Open"));
    host.on("PUT", one_job + "/batches").reply(201, "");
    host.on("PATCH", one_job).reply(200, job("UploadComplete"));
    const json file = host.add_blob("text/csv", "Key__c,Name\n1,Acme\n");
    json input = load_of(file);
    input.set("lineEnding", "CRLF");
    input.set("columnDelimiter", "TAB");
    const call_result result = host.run("bulkIngest", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("job", ""), ingest_job);
    EXPECT_EQ(result.output.get_or("state", ""), "UploadComplete");
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"object", "Account"},
                                                       {"operation", "upsert"},
                                                       {"contentType", "CSV"},
                                                       {"externalIdFieldName", "Key__c"},
                                                       {"lineEnding", "CRLF"},
                                                       {"columnDelimiter", "TAB"}}));
    EXPECT_EQ(host.requests().at(1).body, "Key__c,Name\n1,Acme\n");
    EXPECT_TRUE(host.requests().at(1).header("Content-Type").starts_with("text/csv"));
    EXPECT_EQ(host.requests().at(2).body, R"({"state":"UploadComplete"})");
}

// The answer to the last request is lost, and the host makes the step again.
TEST(salesforce_bulk, does_not_load_twice_when_a_step_is_repeated) {
    mock_host host(sluice_connector_v1);
    host.on("POST", ingest).reply(200, job("Open"));
    host.on("PUT", one_job + "/batches").reply(201, "");
    host.on("PATCH", one_job).fail(SLUICE_UNAVAILABLE, "the connection was reset");
    host.on("GET", one_job).reply(200, job("InProgress"));
    const json input = load_of(host.add_blob("text/csv", "Key__c\n1\n"));
    EXPECT_EQ(host.run("bulkIngest", input, connection()).error.code, SLUICE_UNAVAILABLE);
    const std::size_t before = host.requests().size();
    const call_result again = host.run("bulkIngest", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_TRUE(again.output.get_or("resumed", false));
    EXPECT_EQ(host.requests().size(), before + 1);
    // Another step has a job of its own.
    sluice::testing::call_options other;
    other.idempotency_key = "key-2";
    host.run("bulkIngest", input, connection(), other);
    EXPECT_EQ(asked(host).at(before + 1), "POST /jobs/ingest");
}

TEST(salesforce_bulk, begins_anew_when_the_first_try_did_not_get_to_its_end) {
    const std::string second = "7505g00000TcBxhAAF";
    mock_host host(sluice_connector_v1);
    host.on("POST", ingest).reply(200, job("Open")).reply(200, json{{"id", second}}.dump());
    host.on("PUT", one_job + "/batches").fail(SLUICE_TIMEOUT, "late");
    host.on("GET", one_job).reply(200, job("Open"));
    host.on("PATCH", one_job).reply(200, job("Aborted"));
    host.on("PUT", ingest + "/" + second + "/batches").reply(201, "");
    host.on("PATCH", ingest + "/" + second)
        .reply(200, json{{"id", second}, {"state", "UploadComplete"}}.dump());
    const json input = load_of(host.add_blob("text/csv", "Key__c\n1\n"));
    EXPECT_EQ(host.run("bulkIngest", input, connection()).error.code, SLUICE_TIMEOUT);
    const call_result again = host.run("bulkIngest", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output.get_or("job", ""), second);
    EXPECT_FALSE(again.output.get_or("resumed", true));
    EXPECT_EQ(host.requests().at(3).body, R"({"state":"Aborted"})");
}

TEST(salesforce_bulk, forgets_jobs_that_salesforce_has_forgotten) {
    mock_host host(sluice_connector_v1);
    host.on("POST", ingest).reply(200, job("Open"));
    host.on("PUT", one_job + "/batches").reply(201, "");
    host.on("PATCH", one_job)
        .fail(SLUICE_UNAVAILABLE, "the connection was reset")
        .reply(200, job("UploadComplete"));
    host.on("GET", one_job).reply(404, errors("NOT_FOUND", "gone"));
    const json input = load_of(host.add_blob("text/csv", "Key__c\n1\n"));
    EXPECT_EQ(host.run("bulkIngest", input, connection()).error.code, SLUICE_UNAVAILABLE);
    const call_result again = host.run("bulkIngest", input, connection());
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_FALSE(again.output.get_or("resumed", true));
}

sluice::testing::call_options step(int number) {
    sluice::testing::call_options options;
    options.idempotency_key = "step-" + std::to_string(number);
    return options;
}

// Each of many that were under way when the host was killed finds its own job, for as long as
// Salesforce keeps it.
TEST(salesforce_bulk, remembers_the_jobs_of_all_steps) {
    mock_host host(sluice_connector_v1);
    constexpr std::int64_t day_ms = 24 * 3600 * 1000;
    constexpr int loads = 300;
    host.set_unix_ms(1'769'860'800'000);
    host.on("POST", ingest).reply(200, job("Open"));
    host.on("PUT", one_job + "/batches").reply(201, "");
    host.on("PATCH", one_job).reply(200, job("UploadComplete"));
    host.on("GET", one_job).reply(200, job("InProgress"));
    const json input = load_of(host.add_blob("text/csv", "Key__c\n1\n"));
    for (int i = 0; i < loads; ++i)
        ASSERT_TRUE(host.run("bulkIngest", input, connection(), step(i)).ok);
    for (int i = 0; i < loads; ++i) {
        const call_result again = host.run("bulkIngest", input, connection(), step(i));
        EXPECT_TRUE(again.output.get_or("resumed", false)) << i << again.explain();
    }
    // What is kept does not grow for ever.
    host.set_unix_ms(1'769'860'800'000 + 8 * day_ms);
    for (int i = loads; i < 3 * loads; ++i)
        ASSERT_TRUE(host.run("bulkIngest", input, connection(), step(i)).ok);
    int found = 0;
    for (int i = 0; i < loads; ++i) {
        const call_result again = host.run("bulkIngest", input, connection(), step(i));
        if (again.output.get_or("resumed", false)) ++found;
    }
    EXPECT_LT(found, loads / 2);
}

TEST(salesforce_bulk, refuses_files_and_jobs_that_cannot_work) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", "Key__c\n1\n");
    const json large = host.add_blob("text/csv", std::string(100'000'001, 'x'));
    const json bad[] = {
        load_of(host.add_blob("text/csv", "")),
        load_of(large),
        load_of(json{{"$blob", "none"}}),
        load_of(file).set("operation", "merge"),
        load_of(file).set("externalIdField", json()),
        load_of(file).set("object", "Account;"),
        load_of(file).set("lineEnding", "CR"),
        load_of(file).set("columnDelimiter", ","),
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("bulkIngest", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(salesforce_bulk, gives_results_as_files) {
    mock_host host(sluice_connector_v1);
    host.on("GET", one_job + "/successfulResults/")
        .reply(200, "sf__Id,sf__Created\n", {{"Content-Type", "text/csv"}});
    host.on("GET", one_job + "/failedResults/").reply(200, "sf__Id,sf__Error\n");
    host.on("GET", one_job + "/unprocessedrecords/").reply(200, "");
    const call_result all = host.run("bulkResults", json{{"job", ingest_job}}, connection());
    ASSERT_TRUE(all.ok) << all.explain();
    EXPECT_EQ(host.blob_bytes(all.output["successful"]["file"]), "sf__Id,sf__Created\n");
    EXPECT_EQ(host.blob_bytes(all.output["failed"]["file"]), "sf__Id,sf__Error\n");
    EXPECT_TRUE(all.output.contains("unprocessed"));
    const json some{{"job", ingest_job}, {"which", json::array({"failed"})}};
    const call_result failed = host.run("bulkResults", some, connection());
    EXPECT_EQ(failed.output.size(), 1u) << failed.explain();
    const json wrong{{"job", ingest_job}, {"which", json::array({"fialed"})}};
    EXPECT_EQ(host.run("bulkResults", wrong, connection()).error.code, SLUICE_INVALID_INPUT);
}

// The explanation arrives as a file, too.
TEST(salesforce_bulk, reads_refusals_that_come_as_files) {
    mock_host host(sluice_connector_v1);
    host.on("GET", one_job + "/failedResults/")
        .reply(400, errors("INVALIDJOBSTATE", "the job is not finished"));
    const json input{{"job", ingest_job}, {"which", json::array({"failed"})}};
    const call_result result = host.run("bulkResults", input, connection());
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(result.error.message.find("the job is not finished"), std::string::npos)
        << result.explain();
}

TEST(salesforce_bulk, waits_for_a_job_until_its_time_is_over) {
    mock_host host(sluice_connector_v1);
    host.on("GET", one_job)
        .reply(200, job("InProgress"))
        .reply(200, job("InProgress"))
        .reply(200, job("JobComplete"));
    const json input{{"job", ingest_job}};
    const call_result done = host.run("awaitBulkJob", input, connection());
    EXPECT_TRUE(done.output.get_or("finished", false)) << done.explain();
    EXPECT_EQ(host.now_ms(), 3000u);

    mock_host slow(sluice_connector_v1);
    slow.on("GET", base + "/jobs/query/" + ingest_job).reply(200, job("InProgress"));
    const json short_wait{{"job", ingest_job}, {"kind", "query"}, {"waitSeconds", 100}};
    const call_result late = slow.run("awaitBulkJob", short_wait, connection());
    ASSERT_TRUE(late.ok) << late.explain();
    EXPECT_FALSE(late.output.get_or("finished", true));
    EXPECT_EQ(slow.now_ms(), 100'000u);
    EXPECT_LT(slow.requests().size(), 12u);
}

TEST(salesforce_bulk, tells_of_jobs_that_failed) {
    mock_host host(sluice_connector_v1);
    host.on("GET", one_job)
        .reply(200, job("Failed", "InvalidBatch : Field name not found : Nmae"))
        .reply(200, job("Aborted"))
        .reply(200, job("Failed"));
    const json input{{"job", ingest_job}};
    const call_result failed = host.run("awaitBulkJob", input, connection());
    EXPECT_EQ(failed.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(failed.error.message.find("Nmae"), std::string::npos) << failed.error.message;
    EXPECT_EQ(failed.error.details["job"].get_or("state", ""), "Failed");
    EXPECT_EQ(host.run("awaitBulkJob", input, connection()).error.code, SLUICE_CONFLICT);
    const call_result looked = host.run("getBulkJob", input, connection());
    EXPECT_TRUE(looked.output.get_or("finished", false)) << looked.explain();
}

TEST(salesforce_bulk, aborts) {
    mock_host host(sluice_connector_v1);
    host.on("PATCH", one_job).reply(200, job("Aborted"));
    const call_result result = host.run("abortBulkJob", json{{"job", ingest_job}}, connection());
    EXPECT_EQ(result.output.get_or("state", ""), "Aborted") << result.explain();
    EXPECT_EQ(host.requests().at(0).body, R"({"state":"Aborted"})");

    // An earlier try has done it.
    const std::string refusal =
        errors("INVALIDJOBSTATE", "Aborting already Aborted Job not allowed");
    mock_host again(sluice_connector_v1);
    again.on("PATCH", one_job).reply(400, refusal);
    again.on("GET", one_job).reply(200, job("Aborted")).reply(200, job("JobComplete"));
    const call_result repeated = again.run("abortBulkJob", json{{"job", ingest_job}}, connection());
    EXPECT_EQ(repeated.output.get_or("state", ""), "Aborted") << repeated.explain();
    const call_result late = again.run("abortBulkJob", json{{"job", ingest_job}}, connection());
    EXPECT_EQ(late.error.code, SLUICE_INVALID_INPUT) << late.explain();
}

TEST(salesforce_bulk, queries_into_files_part_by_part) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base + "/jobs/query").reply(200, job("UploadComplete"));
    const json query{{"query", "SELECT Id FROM Account WHERE Name = :n"},
                     {"parameters", json{{"n", "O'Hara"}}},
                     {"includeDeleted", true}};
    const call_result started = host.run("bulkQuery", query, connection());
    EXPECT_EQ(started.output.get_or("job", ""), ingest_job) << started.explain();
    const json sent = host.requests().at(0).body_json();
    EXPECT_EQ(sent.get_or("operation", ""), "queryAll");
    EXPECT_EQ(sent.get_or("query", ""), R"(SELECT Id FROM Account WHERE Name = 'O\'Hara')");

    const std::string results = base + "/jobs/query/" + ingest_job + "/results";
    host.on("GET", results + "?maxRecords=2")
        .reply(200, "\"Id\"\n\"1\"\n\"2\"\n",
               {{"Sforce-Locator", "MTAwMDA"}, {"Sforce-NumberOfRecords", "2"}});
    host.on("GET", results + "?locator=MTAwMDA&maxRecords=2")
        .reply(200, "\"Id\"\n\"3\"\n",
               {{"Sforce-Locator", "null"}, {"Sforce-NumberOfRecords", "1"}});
    json input{{"job", ingest_job}, {"maxRecords", 2}};
    const call_result first = host.run("bulkQueryResults", input, connection());
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_TRUE(first.output.get_or("more", false));
    EXPECT_EQ(first.output.get_or("records", 0), 2);
    input.set("cursor", first.output["cursor"]);
    const call_result last = host.run("bulkQueryResults", input, connection());
    EXPECT_FALSE(last.output.get_or("more", true)) << last.explain();
    EXPECT_TRUE(last.output["cursor"].is_null());
    EXPECT_EQ(host.blob_bytes(last.output["file"]), "\"Id\"\n\"3\"\n");
}

}  // namespace
}  // namespace sluice::salesforce::testing
