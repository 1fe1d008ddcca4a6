// SOQL, its pages, and Bulk API 2.0, as jsforce uses them.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { code, loggedIn } from "./salesforce-client.mjs";
import { startSalesforce } from "./salesforce-simulator.mjs";

const EXTERNAL = {
  name: "ExternalId__c",
  type: "string",
  length: 40,
  externalId: true,
  unique: true
};
let salesforce;
let client;

const names = async (where) =>
  (await client.query(`SELECT Name FROM Account ${where}`)).records.map(({ Name }) => Name);

describe("salesforce simulator: queries", () => {
  beforeEach(async () => {
    salesforce = await startSalesforce({ fields: { Account: [EXTERNAL] } });
    client = await loggedIn(salesforce);
  });
  afterEach(() => salesforce.close());

  test("conditions", async () => {
    for (const [Name, NumberOfEmployees, BillingCity] of [
      ["Alpha", 10, "Köln"],
      ["beta", 20, null],
      ["O'Neil 100%", 30, "Bonn"]
    ]) {
      await client.sobject("Account").create({ Name, NumberOfEmployees, BillingCity });
    }
    assert.deepEqual(await names("WHERE Name = 'ALPHA'"), ["Alpha"]);
    assert.deepEqual(await names("WHERE Name != 'alpha' ORDER BY Name"), ["beta", "O'Neil 100%"]);
    assert.deepEqual(await names("WHERE Name = 'O\\'Neil 100%'"), ["O'Neil 100%"]);
    assert.deepEqual(await names("WHERE Name LIKE '%et_'"), ["beta"]);
    assert.deepEqual(
      await names(
        "WHERE NumberOfEmployees >= 20 AND (BillingCity = null OR BillingCity = 'Bonn') ORDER BY NumberOfEmployees DESC"
      ),
      ["O'Neil 100%", "beta"]
    );
    assert.deepEqual(await names("WHERE Name IN ('Alpha', 'beta') AND NOT BillingCity = 'Köln'"), [
      "beta"
    ]);
    assert.deepEqual(await names("WHERE Name NOT IN ('Alpha', 'beta')"), ["O'Neil 100%"]);
    assert.deepEqual(await names("ORDER BY BillingCity NULLS LAST, Name"), [
      "O'Neil 100%",
      "Alpha",
      "beta"
    ]);
    assert.deepEqual(await names("ORDER BY BillingCity, Name LIMIT 1 OFFSET 1"), ["O'Neil 100%"]);
    assert.deepEqual(
      await names(
        "WHERE CreatedDate = TODAY AND CreatedDate > 2020-01-01T00:00:00+02:00 AND NumberOfEmployees < 20"
      ),
      ["Alpha"]
    );
    assert.equal(await client.sobject("Account").count({ NumberOfEmployees: { $gt: 10 } }), 2);
    const { totalSize, records } = await client.query("SELECT COUNT() FROM Account");
    assert.deepEqual([totalSize, records], [3, []]);
    const found = await client
      .sobject("Account")
      .find({ Name: { $like: "%a%" } }, ["Id", "Name"])
      .sort({ Name: -1 });
    assert.deepEqual(
      found.map(({ Name }) => Name),
      ["beta", "Alpha"]
    );
  });

  test("what is refused", async () => {
    assert.equal(await code(client.query("SELECT Id FROM")), "MALFORMED_QUERY");
    assert.equal(await code(client.query("SELECT Id FROM Account WHERE")), "MALFORMED_QUERY");
    assert.equal(
      await code(client.query("SELECT Id FROM Account WHERE Name = 'open")),
      "MALFORMED_QUERY"
    );
    assert.equal(
      await code(
        client.query("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'")
      ),
      "MALFORMED_QUERY"
    );
    assert.equal(await code(client.query("SELECT Nope FROM Account")), "INVALID_FIELD");
    assert.equal(await code(client.query("SELECT Nope.Name FROM Account")), "INVALID_FIELD");
    assert.equal(await code(client.query("SELECT Id FROM Nope")), "INVALID_TYPE");
    assert.equal(
      await code(
        client.query("SELECT Id FROM Account WHERE SystemModstamp > '2024-01-01T00:00:00Z'")
      ),
      "INVALID_FIELD"
    );
    assert.equal(
      await code(client.query("SELECT Id FROM Account WHERE NumberOfEmployees = '3'")),
      "INVALID_FIELD"
    );
    assert.equal(
      await code(client.query("SELECT Id FROM Account WHERE Id = 'nonsense'")),
      "INVALID_QUERY_FILTER_OPERATOR"
    );
    assert.equal(
      await code(client.query("SELECT Id FROM Account OFFSET 2001")),
      "NUMBER_OUTSIDE_VALID_RANGE"
    );
    assert.equal(
      await code(client.queryMore("01g000000000000-2000").execute()),
      "INVALID_QUERY_LOCATOR"
    );
  });

  test("2,500 rows through nextRecordsUrl, in batches as asked", async () => {
    for (let i = 0; i < 2500; ++i) salesforce.createRecord("Account", { Name: `Account ${i}` });
    const first = await client.query("SELECT Id FROM Account");
    assert.deepEqual([first.records.length, first.done, first.totalSize], [2000, false, 2500]);
    const all = await client.query("SELECT Id FROM Account", { autoFetch: true, maxFetch: 5000 });
    assert.equal(new Set(all.records.map(({ Id }) => Id)).size, 2500);
    const small = await client.request({
      method: "GET",
      url: `/query?q=${encodeURIComponent("SELECT Id FROM Account")}`,
      headers: { "Sforce-Query-Options": "batchSize=250" }
    });
    assert.equal(small.records.length, 250);
    assert.match(small.nextRecordsUrl, /^\/services\/data\/v60\.0\/query\/0r8\w{15}-250$/);
  });

  test("queryAll shows what was deleted", async () => {
    const { id } = await client.sobject("Account").create({ Name: "Gone" });
    await client.sobject("Account").destroy(id);
    assert.equal((await client.query("SELECT Id FROM Account")).totalSize, 0);
    const { records } = await client.query("SELECT Id, IsDeleted FROM Account", { scanAll: true });
    assert.deepEqual(
      records.map(({ Id, IsDeleted }) => [Id, IsDeleted]),
      [[id, true]]
    );
  });

  test("polling by SystemModstamp and Id loses none that share a second", async () => {
    const at = Date.parse("2024-05-06T07:08:09Z");
    for (let i = 0; i < 7; ++i)
      salesforce.createRecord("Account", { Name: `n${i}` }, { at: at + i * 300 });
    const seen = [];
    for (let cursor; ;) {
      const where = cursor
        ? `WHERE SystemModstamp > ${cursor.time} OR (SystemModstamp = ${cursor.time} AND Id > '${cursor.id}')`
        : "";
      const { records } = await client.query(
        `SELECT Id, Name, SystemModstamp FROM Account ${where} ORDER BY SystemModstamp, Id LIMIT 3`
      );
      if (records.length === 0) break;
      seen.push(...records.map(({ Name }) => Name));
      const last = records.at(-1);
      cursor = { time: last.SystemModstamp.replace("+0000", "Z"), id: last.Id };
    }
    assert.deepEqual(seen, ["n0", "n1", "n2", "n3", "n4", "n5", "n6"]);
  });

  describe("bulk", () => {
    beforeEach(() => {
      client.bulk2.pollInterval = 10;
    });

    test("ingest with quotes, newlines and failures", async () => {
      const results = await client.bulk2.loadAndWaitForResults({
        object: "Account",
        operation: "insert",
        input: [
          { Name: 'He said "no"', BillingCity: "two\nlines" },
          { Name: "", BillingCity: "x" },
          { Name: "ümlaut, comma", BillingCity: "" }
        ]
      });
      assert.equal(results.successfulResults.length, 2);
      assert.match(results.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
      assert.equal(results.unprocessedRecords.length, 0);
      assert.deepEqual(
        salesforce.all("Account").map(({ Name, BillingCity }) => [Name, BillingCity]),
        [
          ['He said "no"', "two\nlines"],
          ["ümlaut, comma", null]
        ]
      );
    });

    test("states on the way, upsert, update, delete, abort", async () => {
      salesforce.bulk.hold();
      const job = client.bulk2.createJob({
        object: "Account",
        operation: "upsert",
        externalIdFieldName: "ExternalId__c"
      });
      await job.open();
      assert.equal((await job.check()).state, "Open");
      await job.uploadData("ExternalId__c,Name\n1,one\n2,two\n");
      await job.close();
      for (const expected of ["UploadComplete", "InProgress", "JobComplete"]) {
        assert.equal((await job.check()).state, expected);
        salesforce.bulk.step();
      }
      assert.deepEqual(
        (await job.getSuccessfulResults()).map((one) => one.sf__Created),
        ["true", "true"]
      );
      assert.equal((await job.check()).numberRecordsProcessed, 2);
      salesforce.bulk.letGo();
      const ids = salesforce.all("Account").map(({ Id }) => Id);
      const updated = await client.bulk2.loadAndWaitForResults({
        object: "Account",
        operation: "update",
        input: [{ Id: ids[0], Name: "ONE" }]
      });
      assert.equal(updated.successfulResults[0].sf__Created, "false");
      await client.bulk2.loadAndWaitForResults({
        object: "Account",
        operation: "delete",
        input: ids.map((Id) => ({ Id }))
      });
      assert.equal(salesforce.all("Account").length, 0);
      const aborted = client.bulk2.createJob({ object: "Account", operation: "insert" });
      await aborted.open();
      await aborted.abort();
      assert.equal((await aborted.check()).state, "Aborted");
      assert.equal(await code(aborted.close()), "INVALIDJOBSTATE");
      await aborted.delete();
      assert.equal(await code(aborted.check()), "NOT_FOUND");
    });

    test("an empty cell leaves a field as it is, #N/A empties it", async () => {
      const fields = { Name: "a", BillingCity: "Bonn", Phone: "1", NumberOfEmployees: 3 };
      const { Id } = salesforce.createRecord("Account", fields);
      const input = `Id,BillingCity,Phone,NumberOfEmployees\n${Id},,#N/A,4\n`;
      await client.bulk2.loadAndWaitForResults({ object: "Account", operation: "update", input });
      const { BillingCity, Phone, NumberOfEmployees } = salesforce.all("Account")[0];
      assert.deepEqual([BillingCity, Phone, NumberOfEmployees], ["Bonn", null, 4]);
    });

    test("jobs fail as a whole: line ends, columns, the server", async () => {
      const fails = async (input, more = {}) =>
        await client.bulk2
          .loadAndWaitForResults({ object: "Account", operation: "insert", input, ...more })
          .then(
            () => assert.fail("the job should fail"),
            (error) => error.message
          );
      assert.match(await fails("Name\r\na\r\n"), /LineEnding is invalid/);
      assert.match(await fails("Nope\na\n"), /Field name not found : Nope/);
      salesforce.bulk.failJobs(1, "InternalServerError : out of luck");
      assert.match(await fails("Name\na\n"), /out of luck/);
      const { successfulResults } = await client.bulk2.loadAndWaitForResults({
        object: "Account",
        operation: "insert",
        input: "Name\r\na\r\n",
        lineEnding: "CRLF"
      });
      assert.equal(successfulResults.length, 1);
    });

    test("query in pages by Sforce-Locator", async () => {
      salesforce.bulkPageSize = 400;
      for (let i = 0; i < 1000; ++i)
        salesforce.createRecord("Account", { Name: `Account "${i}",\nnext` });
      const rows = await (
        await client.bulk2.query("SELECT Id, Name, CreatedDate FROM Account ORDER BY Name")
      ).toArray();
      // jsforce joins the pages with their header lines; one more row for each further page.
      const records = rows.filter(({ Id }) => Id !== "Id");
      assert.equal(new Set(records.map(({ Id }) => Id)).size, 1000);
      assert.ok(records.some(({ Name }) => Name === 'Account "7",\nnext'));
      assert.match(records[0].CreatedDate, /T\d\d:\d\d:\d\d\.000Z$/);
      assert.equal(salesforce.requests.filter(({ path }) => /results/.test(path)).length, 3);
    });
  });
});
