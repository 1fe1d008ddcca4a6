// The simulator is faithful: jsforce, the client of the Salesforce developers' tools, works against
// it as it does against Salesforce.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { VERSION, code, loggedIn, refusal, send } from "./salesforce-client.mjs";
import { USER, startSalesforce } from "./salesforce-simulator.mjs";

const EXTERNAL = {
  name: "ExternalId__c",
  type: "string",
  length: 40,
  externalId: true,
  unique: true
};
const INVOICE = {
  name: "Invoice__c",
  fields: [
    EXTERNAL,
    { name: "Amount__c", type: "currency" },
    { name: "Paid__c", type: "boolean" },
    { name: "DueAt__c", type: "datetime" },
    { name: "Code__c", type: "string", length: 20, externalId: true },
    {
      name: "Account__c",
      type: "reference",
      referenceTo: ["Account"],
      relationshipName: "Account__r"
    }
  ]
};

let salesforce;
let client;
const raw = (path, init) => send(client, path, init);

describe("salesforce simulator", () => {
  beforeEach(async () => {
    salesforce = await startSalesforce({
      objects: [INVOICE],
      fields: { Account: [EXTERNAL], Opportunity: [EXTERNAL], Contact: [EXTERNAL] }
    });
    client = await loggedIn(salesforce);
  });
  afterEach(() => salesforce.close());

  describe("records", () => {
    test("are created, read, changed and deleted", async () => {
      const account = await client
        .sobject("Account")
        .create({ Name: "Größe & Söhne", BillingCity: "Köln" });
      assert.equal(account.success, true);
      assert.match(account.id, /^001\w{15}$/);
      const read = await client.sobject("Account").retrieve(account.id);
      assert.equal(read.Name, "Größe & Söhne");
      assert.match(read.SystemModstamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/);
      assert.equal(
        (await client.sobject("Account").retrieve(account.id.slice(0, 15))).Id,
        account.id
      );
      await client.sobject("Account").update({ Id: account.id, Name: "Other" });
      assert.equal((await client.sobject("Account").retrieve(account.id)).Name, "Other");
      await client.sobject("Account").destroy(account.id);
      assert.equal(
        (await refusal(client.sobject("Account").destroy(account.id))).errorCode,
        "ENTITY_IS_DELETED"
      );
    });

    test("errors have Salesforce's codes", async () => {
      const account = client.sobject("Account");
      const { id } = await account.create({ Name: "One", ExternalId__c: "e1" });
      assert.equal(await code(account.create({})), "REQUIRED_FIELD_MISSING");
      assert.equal(await code(account.create({ Name: "x", Nope: 1 })), "INVALID_FIELD");
      assert.equal(await code(account.create({ Name: "x".repeat(256) })), "STRING_TOO_LONG");
      assert.equal(
        await code(account.create({ Name: "x", ExternalId__c: "E1" })),
        "DUPLICATE_VALUE"
      );
      assert.equal(
        await code(account.create({ Name: "x", CreatedDate: "2024-01-01" })),
        "INVALID_FIELD_FOR_INSERT_UPDATE"
      );
      assert.equal(
        await code(account.create({ Name: "x", AnnualRevenue: "many" })),
        "JSON_PARSER_ERROR"
      );
      assert.equal(await code(account.update({ Id: "nonsense", Name: "x" })), "MALFORMED_ID");
      assert.equal(await code(account.retrieve(`${id.slice(0, 13)}zzAAA`)), "MALFORMED_ID");
      assert.equal(await code(account.retrieve("001000000000000AAA")), "NOT_FOUND");
      assert.equal(await code(client.sobject("Nope").create({})), "NOT_FOUND");
      assert.equal(
        await code(
          client.sobject("Contact").create({ LastName: "x", AccountId: "001000000000000AAA" })
        ),
        "INVALID_CROSS_REFERENCE_KEY"
      );
      assert.equal(
        await code(
          client
            .sobject("Opportunity")
            .create({ Name: "x", StageName: "Nope", CloseDate: "2024-01-01" })
        ),
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
      );
      const broken = await raw("/sobjects/Account", { method: "POST", body: "{" });
      assert.equal((await broken.json())[0].errorCode, "JSON_PARSER_ERROR");
      salesforce.records.lock([id]);
      assert.equal(await code(account.update({ Id: id, Name: "x" })), "UNABLE_TO_LOCK_ROW");
      await account.update({ Id: id, Name: "x" });
      salesforce.records.duplicateRule = (object, record) =>
        object === "Account" && record.Name === "One" ? id : undefined;
      assert.equal(await code(account.create({ Name: "One" })), "DUPLICATES_DETECTED");
      salesforce.records.validationRule = () => ({ message: "Not on a Sunday" });
      assert.equal(
        await code(account.create({ Name: "Two" })),
        "FIELD_CUSTOM_VALIDATION_EXCEPTION"
      );
    });

    test("upsert by external id: created, updated, and 300 for several", async () => {
      const invoice = client.sobject("Invoice__c");
      const first = await invoice
        .upsert({ ExternalId__c: "a/b 1", Amount__c: 1 }, "ExternalId__c")
        .catch((error) => error);
      assert.notEqual(first.success, true, "jsforce does not encode the value");
      const created = await raw(
        `/sobjects/Invoice__c/ExternalId__c/${encodeURIComponent("a/b 1")}`,
        { method: "PATCH", body: '{"Amount__c":1}' }
      );
      assert.equal(created.status, 201);
      assert.equal((await created.json()).created, true);
      const updated = await raw("/sobjects/Invoice__c/ExternalId__c/A%2FB%201", {
        method: "PATCH",
        body: '{"Amount__c":2}'
      });
      assert.equal(updated.status, 200);
      assert.equal((await updated.json()).created, false);
      assert.equal(
        (await invoice.upsert({ ExternalId__c: "plain", Amount__c: 3 }, "ExternalId__c")).created,
        true
      );
      for (const amount of [1, 2]) await invoice.create({ Code__c: "twice", Amount__c: amount });
      const several = await refusal(invoice.upsert({ Code__c: "twice", Amount__c: 3 }, "Code__c"));
      assert.equal(several.errorCode, "MULTIPLE_CHOICES");
      assert.equal(several.data.length, 2);
      const only = await raw("/sobjects/Invoice__c/ExternalId__c/absent?updateOnly=true", {
        method: "PATCH",
        body: '{"Amount__c":2}'
      });
      assert.equal(only.status, 404);
      assert.equal(
        (await invoice.retrieve((await invoice.findOne({ ExternalId__c: "plain" })).Id)).Amount__c,
        3
      );
    });

    test("an external id is free again once its record has another or is gone", async () => {
      const account = client.sobject("Account");
      const first = await account.create({ Name: "One", ExternalId__c: "e1" });
      await account.update({ Id: first.id, ExternalId__c: "e2" });
      const second = await account.create({ Name: "Two", ExternalId__c: "e1" });
      await account.destroy(second.id);
      const { id } = await account.upsert({ Name: "Three", ExternalId__c: "e1" }, "ExternalId__c");
      assert.ok(![first.id, second.id].includes(id));
    });

    test("a parent is named by its external id", async () => {
      await client.sobject("Account").create({ Name: "Parent", ExternalId__c: "p1" });
      await client
        .sobject("Contact")
        .create({ LastName: "Child", Account: { ExternalId__c: "p1" } });
      const {
        records: [contact]
      } = await client.query("SELECT Name, Account.Name, Account.Owner.Username FROM Contact");
      assert.equal(contact.Account.Name, "Parent");
      assert.equal(contact.Account.Owner.Username, USER.username);
      assert.equal(contact.Account.attributes.type, "Account");
    });

    test("describe, describeGlobal, versions, limits", async () => {
      const global = await client.describeGlobal();
      assert.ok(global.sobjects.some((one) => one.name === "Invoice__c" && one.custom));
      const { fields } = await client.sobject("Invoice__c").describe();
      const external = fields.find((field) => field.name === "ExternalId__c");
      assert.deepEqual(
        [external.externalId, external.unique, external.idLookup, external.updateable],
        [true, true, true, true]
      );
      assert.equal(fields.find((field) => field.name === "SystemModstamp").updateable, false);
      const versions = await (await fetch(`${salesforce.url}/services/data/`)).json();
      assert.ok(
        versions.some(
          ({ version, url }) => version === VERSION && url === `/services/data/v${VERSION}`
        )
      );
      const { DailyApiRequests } = await client.limits();
      assert.equal(DailyApiRequests.Max, 15000);
      assert.equal(client.limitInfo.apiUsage.limit, 15000);
    });

    test("conditional requests", async () => {
      const { id } = await client.sobject("Account").create({ Name: "One" });
      const first = await raw(`/sobjects/Account/${id}`);
      assert.equal(
        (
          await raw(`/sobjects/Account/${id}`, {
            headers: { "if-none-match": first.headers.get("etag") }
          })
        ).status,
        304
      );
      const described = await raw("/sobjects/Account/describe");
      const since = { "if-modified-since": described.headers.get("last-modified") };
      assert.equal((await raw("/sobjects/Account/describe", { headers: since })).status, 304);
      const late = await raw(`/sobjects/Account/${id}`, {
        method: "PATCH",
        body: '{"Name":"x"}',
        headers: { "if-unmodified-since": "Mon, 01 Jan 2024 00:00:00 GMT" }
      });
      assert.equal(late.status, 412);
    });

    test("updated and deleted in a span of time", async () => {
      const { id } = await client.sobject("Account").create({ Name: "One" });
      const gone = await client.sobject("Account").create({ Name: "Two" });
      await client.sobject("Account").destroy(gone.id);
      const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
      assert.deepEqual((await client.sobject("Account").updated(from, to)).ids, [id]);
      assert.equal(
        (await client.sobject("Account").deleted(from, to)).deletedRecords[0].id,
        gone.id
      );
    });
  });

  describe("collections and composite", () => {
    test("create many: one fails, the others are there", async () => {
      const results = await client.sobject("Account").create([{ Name: "a" }, {}, { Name: "c" }]);
      assert.deepEqual(
        results.map(({ success }) => success),
        [true, false, true]
      );
      assert.equal(results[1].errors[0].statusCode, "REQUIRED_FIELD_MISSING");
      assert.equal(salesforce.all("Account").length, 2);
    });

    test("all or none: one fails, none is there", async () => {
      const results = await client
        .sobject("Account")
        .create([{ Name: "a" }, {}], { allOrNone: true });
      assert.deepEqual(
        results.map(({ errors }) => errors[0].statusCode),
        ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
      );
      assert.equal(salesforce.all("Account").length, 0);
    });

    test("update, upsert, retrieve and delete many", async () => {
      const created = await client.sobject("Account").create([{ Name: "a" }, { Name: "b" }]);
      const ids = created.map(({ id }) => id);
      const updated = await client.sobject("Account").update([
        { Id: ids[0], Name: "A" },
        { Id: "001000000000000AAA", Name: "x" }
      ]);
      assert.deepEqual(
        updated.map(({ success }) => success),
        [true, false]
      );
      const upserted = await client
        .sobject("Invoice__c")
        .upsert([{ ExternalId__c: "1" }, { ExternalId__c: "2" }], "ExternalId__c");
      assert.deepEqual(
        upserted.map(({ created: fresh }) => fresh),
        [true, true]
      );
      assert.equal(
        (await client.sobject("Invoice__c").upsert([{ ExternalId__c: "1" }], "ExternalId__c"))[0]
          .created,
        false
      );
      const read = await client
        .sobject("Account")
        .retrieve([...ids, "001000000000000AAA"], { fields: ["Name"] });
      assert.deepEqual(
        read.map((one) => one?.Name),
        ["A", "b", undefined]
      );
      assert.deepEqual(
        (await client.sobject("Account").destroy(ids)).map(({ success }) => success),
        [true, true]
      );
      assert.equal(
        (
          await refusal(
            client.sobject("Account").create(Array.from({ length: 201 }, () => ({ Name: "x" })))
          )
        ).errorCode,
        "EXCEEDED_ID_LIMIT"
      );
    });

    const request = (allOrNone, lastName) => ({
      allOrNone,
      compositeRequest: [
        {
          method: "POST",
          url: `/services/data/v${VERSION}/sobjects/Account`,
          referenceId: "account",
          body: { Name: "Parent" }
        },
        {
          method: "POST",
          url: `/services/data/v${VERSION}/sobjects/Contact`,
          referenceId: "contact",
          body: { ...lastName, AccountId: "@{account.id}" }
        },
        {
          method: "GET",
          url: `/services/data/v${VERSION}/sobjects/Contact/@{contact.id}?fields=LastName,AccountId`,
          referenceId: "read"
        }
      ]
    });

    test("composite with references", async () => {
      const {
        compositeResponse: [account, contact, read]
      } = await client.requestPost("/composite", request(false, { LastName: "Child" }));
      assert.deepEqual(
        [account, contact, read].map(({ httpStatusCode }) => httpStatusCode),
        [201, 201, 200]
      );
      assert.equal(read.body.AccountId, account.body.id);
      assert.ok(account.httpHeaders.Location.endsWith(account.body.id));
    });

    test("composite where one fails, with and without all or none", async () => {
      const loose = await client.requestPost("/composite", request(false, {}));
      assert.deepEqual(
        loose.compositeResponse.map(({ httpStatusCode }) => httpStatusCode),
        [201, 400, 400]
      );
      assert.equal(loose.compositeResponse[2].body[0].errorCode, "PROCESSING_HALTED");
      assert.equal(salesforce.all("Account").length, 1);
      const strict = await client.requestPost("/composite", request(true, {}));
      assert.deepEqual(
        strict.compositeResponse.map(({ body }) => body[0].errorCode),
        ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
      );
      assert.equal(salesforce.all("Account").length, 1);
    });

    test("composite with a collection inside: its own all or none, or the whole request's", async () => {
      const url = `/services/data/v${VERSION}/composite/sobjects`;
      const records = [
        { attributes: { type: "Account" }, Name: "a" },
        { attributes: { type: "Account" } }
      ];
      const ask = (outer, inner) =>
        client.requestPost("/composite", {
          allOrNone: outer,
          compositeRequest: [
            {
              method: "POST",
              url: url.replace("composite/sobjects", "sobjects/Lead"),
              referenceId: "lead",
              body: { LastName: "l", Company: "c" }
            },
            { method: "POST", url, referenceId: "all", body: { allOrNone: inner, records } }
          ]
        });
      const statuses = ({ compositeResponse }) =>
        compositeResponse.map(({ httpStatusCode }) => httpStatusCode);
      assert.deepEqual(statuses(await ask(false, true)), [201, 200]);
      assert.deepEqual([salesforce.all("Lead").length, salesforce.all("Account").length], [1, 0]);
      assert.deepEqual(statuses(await ask(false, false)), [201, 200]);
      assert.deepEqual([salesforce.all("Lead").length, salesforce.all("Account").length], [2, 1]);
      const strict = await ask(true, false);
      assert.deepEqual(statuses(strict), [400, 200]);
      assert.deepEqual(
        strict.compositeResponse[1].body.map(({ errors }) => errors[0].statusCode),
        ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
      );
      assert.deepEqual([salesforce.all("Lead").length, salesforce.all("Account").length], [2, 1]);
    });
  });

  describe("faults", () => {
    test("limits, failures, lost answers", async () => {
      salesforce.apiLimit.used = salesforce.apiLimit.max;
      assert.equal(
        (await refusal(client.query("SELECT Id FROM Account"))).errorCode,
        "REQUEST_LIMIT_EXCEEDED"
      );
      salesforce.apiLimit.used = 0;
      const query = "/query?q=SELECT+Id+FROM+Account";
      salesforce.failNext({ match: /GET .*query/, status: 400, code: "OPERATION_TOO_LARGE" });
      assert.equal(await code(client.query("SELECT Id FROM Account")), "OPERATION_TOO_LARGE");
      salesforce.failNext({ match: /GET .*query/, delayMs: 80 });
      const begun = performance.now();
      assert.equal((await raw(query)).status, 200);
      assert.ok(performance.now() - begun >= 75);
      salesforce.failNext({ match: /GET .*query/, status: 503 });
      assert.equal((await raw("/query?q=SELECT+Id+FROM+Account")).status, 503);
      salesforce.failNext({ match: /POST .*Account/, lose: true });
      await assert.rejects(
        raw("/sobjects/Account", { method: "POST", body: '{"Name":"Done all the same"}' })
      );
      assert.equal(salesforce.all("Account")[0].Name, "Done all the same");
      salesforce.failNext({ match: /POST .*Account/, destroy: true });
      await assert.rejects(raw("/sobjects/Account", { method: "POST", body: '{"Name":"Never"}' }));
      assert.equal(salesforce.all("Account").length, 1);
    });

    test("what was lost and comes late: a record may show up with a time before a poll's cursor", async () => {
      salesforce.createRecord(
        "Account",
        { Name: "Late" },
        { at: Date.parse("2024-01-02T03:04:05.678Z") }
      );
      const { records } = await client.query("SELECT SystemModstamp FROM Account");
      assert.equal(records[0].SystemModstamp, "2024-01-02T03:04:05.000+0000");
    });
  });

  // Both pairs stand in Salesforce's documentation or in published messages.
  test("the long form of an id", () => {
    assert.equal(salesforce.to18("00190000001pPvH"), "00190000001pPvHAAU");
    assert.equal(salesforce.to18("04l0800002nrC5B"), "04l0800002nrC5BAAU");
  });
});
