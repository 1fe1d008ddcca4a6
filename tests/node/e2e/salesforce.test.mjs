// The Salesforce connector, inside the real host, against the simulator that jsforce has proven.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { APP, startSalesforce } from "../salesforce-simulator.mjs";
import { CALLBACK } from "./account.mjs";
import { livesOn, startPerson } from "./person.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const KEY = { name: "Key__c", type: "string", length: 40, externalId: true, unique: true };
const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

async function start(t) {
  const salesforce = await startSalesforce({
    apps: [{ ...APP, certificate: publicKey }], fields: { Account: [KEY] } });
  t.after(() => salesforce.close());
  const world = await World.start(t, {
    connectors: ["salesforce"],
    apply: [fixture("salesforce.yaml"), fixture("salesforce-instance.yaml")],
    arguments: [salesforce.url, salesforce.loginUrl].flatMap((url) => ["--allow-egress", new URL(url).host]),
    env: {
      SALESFORCE_LOGIN: salesforce.loginUrl, SALESFORCE_ORGANIZATION: salesforce.organizationId,
      SALESFORCE_CLIENT: APP.clientId, SALESFORCE_SECRET: APP.clientSecret, SALESFORCE_KEY: privateKey,
    },
  });
  const call = (flow, content = {}) => world.post(
    { headers: { "content-type": "application/json" }, body: JSON.stringify(content) }, world.hooks()[flow]);
  return { salesforce, world, call };
}

const outputs = async (world, flow) => {
  const all = (await world.executions()).filter((one) => one.flow === flow).reverse();
  return Promise.all(all.map(async (one) => (await world.execution(one.id)).output));
};

test("records are made, changed, found and deleted", async (t) => {
  const { salesforce, world, call } = await start(t);
  for (let i = 0; i < 500; ++i) salesforce.createRecord("Contact", { LastName: `C${i}` });
  const { status, body } = await call("records");
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body, {
    me: "integration@example.com", organization: salesforce.organizationId,
    city: "Köln", owner: "integration@example.com",
    upserts: [true, false, true], many: [199, 1, false],
    found: ["Köln"], pages: [400, 100, false], unlike: 500, both: [201, 201],
    described: true, listed: true, limits: 15000, deleted: [true, false],
  });
  // Tokens come from the login address, and go to the organization's own one alone.
  assert.ok(salesforce.requests.some(({ path }) => path.startsWith("/services/oauth2/token")));
  await world.stopCleanly();
});

test("an ended session is renewed, and refusals are told as what they are", async (t) => {
  const { salesforce, world, call } = await start(t);
  const find = (query) => call("find", { query });
  assert.equal((await find("SELECT Id FROM Account")).status, 200);
  salesforce.tokens.expireSessions();
  assert.equal((await find("SELECT Id FROM Account")).status, 200);
  const malformed = await find("SELECT FROM");
  assert.equal(malformed.status, 400, JSON.stringify(malformed.body));
  assert.match(JSON.stringify(malformed.body), /MALFORMED_QUERY/);
  salesforce.failNext({ match: /query/, status: 503 });
  assert.equal((await find("SELECT Id FROM Account")).status, 503);
  salesforce.apiLimit.used = salesforce.apiLimit.max;
  const limited = await find("SELECT Id FROM Account");
  assert.equal(limited.status, 403, JSON.stringify(limited.body));
  assert.match(JSON.stringify(limited.body), /REQUEST_LIMIT_EXCEEDED/);
  const shown = await Promise.all((await world.executions()).map((one) => world.execution(one.id)));
  await world.stopCleanly();
  const said = world.wholeHostLog() + JSON.stringify(shown);
  for (const secret of [APP.clientSecret, privateKey.split("\n")[1], "Bearer "])
    assert.ok(!said.includes(secret), "a secret got out");
});

test("files go in and out by Bulk API 2.0", async (t) => {
  const { salesforce, world } = await start(t);
  const hooks = world.hooks();
  const rows = Array.from({ length: 300 }, (_, i) => `b${String(i).padStart(3, "0")},"N ""${i}"""`);
  rows[17] = "b017,";
  const file = `Key__c,Name\n${rows.join("\n")}\n`;
  const loaded = await fetch(hooks.load, { method: "POST", body: file, headers: { "content-type": "text/csv" } });
  const failed = await loaded.text();
  assert.equal(loaded.status, 200, failed);
  assert.equal(loaded.headers.get("x-processed"), "300");
  assert.equal(loaded.headers.get("x-failed"), "1");
  assert.match(failed, /sf__Error/);
  assert.match(failed, /b017/);
  assert.equal(salesforce.all("Account").length, 299);
  const exported = await fetch(hooks.export, {
    method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  const text = await exported.text();
  assert.equal(exported.status, 200, text);
  assert.equal(exported.headers.get("x-records"), "299");
  assert.equal(text.split("\n").filter(Boolean).length, 300);
  assert.match(text, /"b299","N ""299"""/);
  await world.stopCleanly();
});

test("changes are found once each, over pages, kills and equal times", async (t) => {
  const { salesforce, world } = await start(t);
  const at = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  const names = [];
  const write = (from, to, time) => {
    for (let i = from; i < to; ++i) {
      salesforce.createRecord("Contact", { LastName: `Polled ${i}` }, time ? { at: time } : {});
      names.push(`created Polled ${i}`);
    }
  };
  write(0, 10, at);
  salesforce.createRecord("Contact", { LastName: "Other" });
  await waitFor("the first ones", async () => (await outputs(world, "contacts")).length >= 4);
  await world.killHost();
  write(10, 15);
  await world.startHost();
  await waitFor("all of them", async () => (await world.executions())
    .filter((one) => one.flow === "contacts" && one.state === "succeeded").length >= 15);
  const id = salesforce.all("Contact").find((one) => one.LastName === "Polled 3").Id;
  salesforce.updateRecord("Contact", id, { LastName: "Polled three" });
  names.push("updated Polled three");
  await waitFor("the change", async () => (await world.executions())
    .filter((one) => one.flow === "contacts" && one.state === "succeeded").length >= 16);
  const seen = (await outputs(world, "contacts")).map(({ change, name }) => `${change} ${name}`);
  assert.deepEqual(seen.sort(), names.sort());
  await world.stopCleanly();
});

test("outbound messages are registered, received once each, acknowledged, and taken back", async (t) => {
  const { salesforce, world, call } = await start(t);
  const register = async () => {
    const { status, body } = await call("register", { messages: [{
      object: "Opportunity", name: "Sluice_deals", endpointUrl: world.hooks().opportunities,
      fields: ["Name"], automation: "workflowRule" }] });
    assert.equal(status, 200, JSON.stringify(body));
    return [body.messages[0].message, body.messages[0].automation];
  };
  const deal = (i) => salesforce.createRecord("Opportunity", {
    Name: `Deal ${i}`, StageName: "Prospecting", CloseDate: "2026-12-31" });
  const { attempts } = salesforce.outbound;
  assert.deepEqual(await register(), ["created", "created"]);
  assert.deepEqual(await register(), ["unchanged", "unchanged"]);

  salesforce.outbound.pause();
  // Of one that is deleted before Salesforce sends, nothing is said; the others come all the same.
  salesforce.deleteRecord("Opportunity", deal("gone").Id);
  for (let i = 0; i < 130; ++i) deal(i);
  salesforce.outbound.resume();
  await waitFor("all are acknowledged", async () => salesforce.outbound.waiting.length === 0);
  assert.ok(attempts.every(({ acknowledged }) => acknowledged), JSON.stringify(attempts[0]));
  assert.equal(Math.max(...attempts.map(({ ids }) => ids.length)), 100);

  // What Salesforce delivers twice starts nothing twice.
  const [message] = salesforce.workflow.all("WorkflowOutboundMessage");
  const [first] = salesforce.all("Opportunity").filter((one) => one.Name === "Deal 0");
  assert.ok(await salesforce.outbound.again(message, [{ id: attempts[0].ids[0], recordId: first.Id }]));

  // While the host is down nothing is acknowledged; it comes back at another address and says so.
  await world.killHost();
  deal(130);
  await waitFor("an attempt that fails", async () => !attempts.at(-1).acknowledged);
  await world.startHost();
  assert.deepEqual(await register(), ["changed", "unchanged"]);
  await waitFor("all are acknowledged", async () => salesforce.outbound.waiting.length === 0);
  const all = await world.waitForExecutions("opportunities", 131);
  assert.equal(all.length, 131);
  const found = (await outputs(world, "opportunities")).map(({ name, sent }) => `${name}/${sent}`);
  const expected = Array.from({ length: 131 }, (_, i) => `Deal ${i}/Deal ${i}`);
  assert.deepEqual(found.sort(), expected.sort());

  for (const body of ["<a/>", "", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]) {
    const answer = await fetch(world.hooks().opportunities, {
      method: "POST", body, headers: { "content-type": "text/xml" } });
    assert.equal(answer.status, 400);
  }
  salesforce.organizationId = salesforce.to18("00Dd0000000zzzz");
  deal(131);
  await waitFor("another organization is refused", async () => attempts.at(-1).status === 401);
  const gone = await call("register", { messages: [] });
  assert.deepEqual(gone.body.deleted, ["Opportunity.Sluice_deals"], JSON.stringify(gone.body));
  assert.equal(salesforce.workflow.all("WorkflowRule").length, 0);
  await world.stopCleanly();
});

test("a person authorizes the connection, which lives on when sessions end and over a kill", async (t) => {
  const salesforce = await startSalesforce();
  t.after(() => salesforce.close());
  salesforce.tokens.allowRedirect(CALLBACK);
  salesforce.tokens.rotate = true;
  const person = await startPerson(t, {
    connector: "salesforce", type: "oauth2", action: "getIdentity", allow: [salesforce.url, salesforce.loginUrl],
    fields: { loginUrl: salesforce.loginUrl, clientId: APP.clientId, clientSecret: { $env: "SALESFORCE_SECRET" } },
    env: { SALESFORCE_SECRET: APP.clientSecret },
  });
  const { searchParams } = await livesOn(person, () => salesforce.tokens.expireSessions(), (body) => {
    assert.equal(body.organizationId, salesforce.organizationId);
    assert.equal(body.username, salesforce.users[0].username);
  });
  assert.equal(searchParams.get("code_challenge_method"), "S256");
  assert.equal(searchParams.get("scope"), "api refresh_token");
});
