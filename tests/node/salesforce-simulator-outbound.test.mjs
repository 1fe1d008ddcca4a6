// Outbound messages: made and unmade through the Tooling and the Metadata API by jsforce, fired by
// rules, repeated until they are acknowledged.
import jsforce from "jsforce";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, test } from "node:test";
import { code, loggedIn } from "./salesforce-client.mjs";
import { USER, startSalesforce } from "./salesforce-simulator.mjs";

const ACK = (value) =>
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  `<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>${value}</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>`;
const OTHER = { username: "person@example.com", password: "other" };

let salesforce;
let client;
let receivers;

// answer(n) gives {status?, body?} for the nth message, from 1.
async function startReceiver(answer = () => ({})) {
  const received = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    const { status = 200, body = ACK(true), type = "text/xml" } = answer(received.length);
    response.writeHead(status, { "content-type": type }).end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  receivers.push(server);
  return { received, url: `http://127.0.0.1:${server.address().port}/hooks/x` };
}

async function until(condition) {
  for (const deadline = Date.now() + 20_000; !condition();) {
    if (Date.now() > deadline) assert.fail("It did not happen within 20 s");
    await new Promise((done) => setTimeout(done, 5));
  }
}

const message = (endpointUrl, more = {}) => ({
  apiVersion: 60,
  name: "To us",
  endpointUrl,
  fields: ["Id", "Name", "StageName", "Amount", "SystemModstamp"],
  includeSessionId: false,
  integrationUser: USER.username,
  protected: false,
  useDeadLetterQueue: false,
  ...more
});
const rule = (more = {}) => ({
  active: true,
  triggerType: "onAllChanges",
  formula: "true",
  actions: [{ name: "To_us", type: "OutboundMessage" }],
  ...more
});

async function register(url, ruleMore, messageMore) {
  const made = await client.tooling
    .sobject("WorkflowOutboundMessage")
    .create({ FullName: "Opportunity.To_us", Metadata: message(url, messageMore) });
  const fired = await client.tooling
    .sobject("WorkflowRule")
    .create({ FullName: "Opportunity.Tell us", Metadata: rule(ruleMore) });
  return { message: made.id, rule: fired.id };
}

const opportunity = (more = {}) => ({
  Name: "Big <deal> & more",
  StageName: "Prospecting",
  CloseDate: "2030-01-02",
  ...more
});
const ids = (body) =>
  [...body.matchAll(/<Notification>\s*<Id>(\w+)<\/Id>/g)].map((match) => match[1]);
describe("salesforce simulator: outbound messages", () => {
  beforeEach(async () => {
    receivers = [];
    salesforce = await startSalesforce({ users: [USER, OTHER] });
    client = await loggedIn(salesforce);
  });
  afterEach(async () => {
    await salesforce.close();
    for (const server of receivers) {
      server.close();
      server.closeAllConnections();
    }
  });

  test("a created record is told once, and acknowledged", async () => {
    const { received, url } = await startReceiver();
    const { message: action } = await register(url);
    const { id } = await client.sobject("Opportunity").create(opportunity({ Amount: 12.5 }));
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.equal(received.length, 1);
    const { body, headers } = received[0];
    assert.match(headers["content-type"], /^text\/xml/);
    for (const part of [
      `<OrganizationId>${salesforce.organizationId}</OrganizationId>`,
      `<ActionId>${action}</ActionId>`,
      '<SessionId xsi:nil="true"/>',
      '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">',
      `<sf:Id>${id}</sf:Id>`,
      "<sf:Name>Big &lt;deal&gt; &amp; more</sf:Name>",
      "<sf:Amount>12.5</sf:Amount>",
      'xsi:type="sf:Opportunity"'
    ])
      assert.ok(body.includes(part), part);
    assert.match(ids(body)[0], /^04l\w{15}$/);
  });

  test("without Ack true the same notification comes again, with the record as it is by then", async () => {
    const answers = [{ status: 500 }, { body: ACK(false) }, { body: "OK" }];
    const { received, url } = await startReceiver((n) => answers[n - 1] ?? {});
    await register(url, { triggerType: "onCreateOnly" });
    const { id } = await client.sobject("Opportunity").create(opportunity());
    await until(() => received.length >= 2);
    await client.sobject("Opportunity").update({ Id: id, Name: "Renamed meanwhile" });
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.equal(received.length, 4);
    assert.equal(new Set(received.flatMap(({ body }) => ids(body))).size, 1);
    assert.ok(received[3].body.includes("Renamed meanwhile"));
    assert.deepEqual(
      salesforce.outbound.attempts.map(({ acknowledged }) => acknowledged),
      [false, false, false, true]
    );
  });

  test("only SOAP with Ack true in its place acknowledges", async () => {
    const wrong = [
      { body: ACK(true), status: 202 },
      { body: ACK(true), type: "application/json" },
      { body: ACK(true).replace("2005/09/outbound", "2006/04/metadata") },
      { body: ACK(true).replaceAll("notificationsResponse", "response") },
      { body: "<Ack>true</Ack>" },
      { body: "" }
    ];
    const { url } = await startReceiver((n) => wrong[n - 1] ?? { body: ACK(" true ") });
    await register(url);
    salesforce.outbound.longestRetryMs = 1;
    await client.sobject("Opportunity").create(opportunity());
    await until(() => salesforce.outbound.waiting.length === 0);
    const { attempts } = salesforce.outbound;
    assert.deepEqual(
      attempts.map(({ acknowledged }) => acknowledged),
      [...wrong.map(() => false), true]
    );
  });

  test("what was acknowledged may come once more, with the same id", async () => {
    const { received, url } = await startReceiver();
    await register(url);
    await client.sobject("Opportunity").create(opportunity());
    await until(() => salesforce.outbound.waiting.length === 0);
    await salesforce.outbound.again();
    assert.deepEqual(ids(received[1].body), ids(received[0].body));
  });

  test("a message that is a day old is dropped", async () => {
    const { received, url } = await startReceiver(() => ({ status: 503 }));
    await register(url);
    await client.sobject("Opportunity").create(opportunity());
    await until(() => received.length > 0);
    salesforce.outbound.lifeMs = -1;
    await until(() => salesforce.outbound.dropped.length === 1);
    assert.deepEqual(salesforce.outbound.waiting, []);
    assert.equal(ids(received[0].body)[0], salesforce.outbound.dropped[0]);
  });

  test("a receiver that cannot be reached is tried again", async () => {
    const { received, url } = await startReceiver();
    salesforce.outbound.deadlineMs = 50;
    await register("http://127.0.0.1:9/nobody");
    await client.sobject("Opportunity").create(opportunity());
    await until(() => salesforce.outbound.attempts.length >= 2);
    const found = await client.tooling.query(
      "SELECT Id, Metadata FROM WorkflowOutboundMessage WHERE Name = 'To_us'"
    );
    await client.tooling
      .sobject("WorkflowOutboundMessage")
      .update({
        Id: found.records[0].Id,
        Metadata: { ...found.records[0].Metadata, endpointUrl: url }
      });
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.equal(received.length, 1);
  });

  test("up to 100 notifications in one message", async () => {
    const { received, url } = await startReceiver();
    await register(url);
    salesforce.outbound.pause();
    for (let i = 0; i < 130; ++i)
      salesforce.createRecord("Opportunity", opportunity({ Name: `n${i}` }));
    salesforce.outbound.resume();
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.deepEqual(
      received.map(({ body }) => ids(body).length),
      [100, 30]
    );
    assert.equal(new Set(received.flatMap(({ body }) => ids(body))).size, 130);
  });

  test("rules: on create only, on a change that makes them true, by criteria, with an echo guard", async () => {
    const { received, url } = await startReceiver();
    const made = await register(url, {
      formula: null,
      triggerType: "onCreateOrTriggeringUpdate",
      criteriaItems: [{ field: "Opportunity.StageName", operation: "equals", value: "Closed Won" }]
    });
    const { Id } = salesforce.createRecord("Opportunity", opportunity());
    salesforce.updateRecord("Opportunity", Id, { StageName: "Closed Won" });
    salesforce.updateRecord("Opportunity", Id, { Amount: 3 });
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.equal(received.flatMap(({ body }) => ids(body)).length, 1);
    await client.tooling
      .sobject("WorkflowRule")
      .update({
        Id: made.rule,
        Metadata: rule({
          formula: `AND($User.Username <> "${USER.username}", OR(ISNEW(), ISCHANGED(Amount)))`
        })
      });
    salesforce.updateRecord("Opportunity", Id, { Amount: 4 });
    const other = { user: salesforce.users[1].id };
    salesforce.updateRecord("Opportunity", Id, { Name: "Amount is the same" }, other);
    salesforce.updateRecord("Opportunity", Id, { Amount: 5 }, other);
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.equal(received.flatMap(({ body }) => ids(body)).length, 2);
  });

  test("what a transaction undoes is not told; a session goes along where wanted", async () => {
    const { received, url } = await startReceiver();
    await register(url, {}, { includeSessionId: true });
    await client.sobject("Opportunity").create([opportunity(), {}], { allOrNone: true });
    await client.sobject("Opportunity").create(opportunity({ Name: "Real" }));
    await until(() => salesforce.outbound.waiting.length === 0);
    assert.deepEqual(
      received.map(({ body }) => ids(body).length),
      [1]
    );
    const session = /<SessionId>(.+?)<\/SessionId>/.exec(received[0].body)[1];
    const back = new jsforce.Connection({
      version: "60.0",
      instanceUrl: salesforce.url,
      accessToken: session,
      logLevel: "FATAL"
    });
    assert.equal((await back.query("SELECT Id FROM Opportunity")).totalSize, 1);
  });

  test("made, read and deleted through the Tooling API; a message that a rule uses stays", async () => {
    const { received, url } = await startReceiver();
    const { message: messageId, rule: ruleId } = await register(url);
    const shown = await client.tooling.sobject("WorkflowRule").retrieve(ruleId);
    assert.deepEqual(shown.Metadata.actions, [{ name: "To_us", type: "OutboundMessage" }]);
    assert.equal(
      await code(client.tooling.sobject("WorkflowOutboundMessage").destroy(messageId)),
      "DELETE_FAILED"
    );
    await client.tooling.sobject("WorkflowRule").destroy(ruleId);
    await client.tooling.sobject("WorkflowOutboundMessage").destroy(messageId);
    assert.equal(
      (await client.tooling.query("SELECT Id FROM WorkflowOutboundMessage")).totalSize,
      0
    );
    assert.equal(await code(client.tooling.sobject("WorkflowRule").destroy(ruleId)), "NOT_FOUND");
    await client.sobject("Opportunity").create(opportunity());
    assert.deepEqual([received.length, salesforce.outbound.waiting.length], [0, 0]);
  });

  test("what is refused", async () => {
    const { url } = await startReceiver();
    await register(url);
    const made = client.tooling.sobject("WorkflowOutboundMessage");
    const create = (FullName, more) =>
      code(made.create({ FullName, Metadata: message(url, more) }));
    assert.equal(await create("Opportunity.To_us"), "DUPLICATE_DEVELOPER_NAME");
    assert.equal(await create("Opportunity.not a name"), "INVALID_INPUT");
    assert.equal(
      await create("Opportunity.Other", { endpointUrl: "ftp://x" }),
      "FIELD_INTEGRITY_EXCEPTION"
    );
    assert.equal(
      await create("Opportunity.Other", { fields: ["Nope"] }),
      "INVALID_CROSS_REFERENCE_KEY"
    );
    assert.equal(
      await create("Opportunity.Other", { integrationUser: "nobody" }),
      "INVALID_CROSS_REFERENCE_KEY"
    );
    assert.equal(
      await code(
        client.tooling
          .sobject("WorkflowRule")
          .create({ FullName: "Opportunity.R", Metadata: rule({ formula: "NOPE(" }) })
      ),
      "FORMULA_EXPRESSION_INVALID"
    );
    const query = client.tooling.query("SELECT Id, Metadata FROM WorkflowOutboundMessage");
    assert.equal((await query).totalSize, 1);
    await made.create({ FullName: "Opportunity.Second", Metadata: message(url) });
    assert.equal(
      await code(client.tooling.query("SELECT Id, Metadata FROM WorkflowOutboundMessage")),
      "MALFORMED_QUERY"
    );
  });

  test("the same through the Metadata API", async () => {
    const { received, url } = await startReceiver();
    const { metadata } = client;
    assert.deepEqual(
      await metadata.create("WorkflowOutboundMessage", {
        fullName: "Opportunity.To_us",
        ...message(url)
      }),
      { fullName: "Opportunity.To_us", success: true, errors: [] }
    );
    const [bad] = await metadata.create("WorkflowRule", [
      {
        fullName: "Opportunity.Bad",
        ...rule({ actions: [{ name: "Nope", type: "OutboundMessage" }] })
      }
    ]);
    assert.equal(bad.errors[0].statusCode, "INVALID_CROSS_REFERENCE_KEY");
    assert.equal(
      (await metadata.create("WorkflowRule", { fullName: "Opportunity.Tell us", ...rule() }))
        .success,
      true
    );
    const read = await metadata.read("WorkflowOutboundMessage", "Opportunity.To_us");
    assert.deepEqual(
      [read.endpointUrl, read.fields.length, read.includeSessionId],
      [url, 5, false]
    );
    await client.sobject("Opportunity").create(opportunity());
    await until(() => received.length === 1);
    assert.equal(
      (await metadata.delete("WorkflowOutboundMessage", "Opportunity.To_us")).success,
      false
    );
    assert.equal((await metadata.delete("WorkflowRule", "Opportunity.Tell us")).success, true);
    assert.equal(
      (await metadata.delete("WorkflowOutboundMessage", ["Opportunity.To_us"]))[0].success,
      true
    );
    const expired = new jsforce.Connection({
      version: "60.0",
      instanceUrl: salesforce.url,
      accessToken: "expired",
      logLevel: "FATAL"
    });
    assert.equal(
      await code(expired.metadata.read("WorkflowRule", "Opportunity.Tell us")),
      "sf:INVALID_SESSION_ID"
    );
  });
});
