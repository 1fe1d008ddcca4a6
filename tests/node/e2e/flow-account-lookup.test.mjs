// flows/account-lookup, end to end: asked and answered, called back when it takes longer.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { asAdmin, commandsFor } from "./commands.mjs";
import { GateServer } from "./gate-server.mjs";
import { waitFor } from "./processes.mjs";
import { FlowWorld } from "./salesforce-flows.mjs";

const SECRET = "the secret of call backs";

async function start(t) {
  const server = await GateServer.start(t);
  const world = await FlowWorld.start(t, "account-lookup", {
    connectors: ["salesforce"], allow: [server.url], env: { CALLBACK_SECRET: SECRET } });
  const { salesforce } = world;
  const { Id } = salesforce.createRecord("Account", { Name: "O'Hara", AccountNumber: "A'1", BillingCity: "Köln" });
  for (const [Name, StageName] of [["Open", "Prospecting"], ["Won", "Closed Won"]])
    salesforce.createRecord("Opportunity", { Name, StageName, CloseDate: "2026-12-31", AccountId: Id, Amount: 5 });
  const expected = {
    id: Id, name: "O'Hara", city: "Köln", country: null, owner: "integration@example.com",
    open: [{ name: "Open", stage: "Prospecting", amount: 5, closeDate: "2026-12-31" }] };
  await waitFor("the address", () => world.hooks().lookup);
  const { stdout } = await commandsFor(world)("key", "create", "demo", "--name", "your app", ...asAdmin(world));
  const key = stdout.trim();
  const ask = (content, headers = {}) => world.post({
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(content) }, `${world.door.url}${new URL(world.hooks().lookup).pathname}`);
  // The first question loads the connector and fetches a token: whoever asks it may get 202.
  await waitFor("an answer at once", async () => (await ask({ accountNumber: "nobody's" })).status === 404);
  return { world, server, salesforce, expected, ask };
}

function checkSignature({ headers, body }) {
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signature = createHmac("sha256", SECRET).update(content).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${signature}`);
}

async function look(world, address) {
  const response = await fetch(world.url + new URL(address).pathname);
  return response.json();
}

test("a question is answered at once, or refused for what is wrong with it", async (t) => {
  const { world, salesforce, expected, ask } = await start(t);
  assert.deepEqual(await ask({ accountNumber: "A'1" }), { status: 200, body: expected });
  assert.equal((await ask({ accountNumber: "A'1" }, { authorization: "Bearer wrong" })).status, 401);
  const unknown = await ask({ accountNumber: "' OR Name != '" });
  assert.deepEqual([unknown.status, unknown.body.type], [404, "urn:sluice:no-such-account"]);
  for (const wrong of [{}, { accountNumber: 1 }, { accountNumber: "" }, { accountNumber: "A", more: 1 }, []])
    assert.equal((await ask(wrong)).status, 400, JSON.stringify(wrong));
  salesforce.createRecord("Account", { Name: "Twin", AccountNumber: "A'1" });
  assert.equal((await ask({ accountNumber: "A'1" })).status, 409);

  salesforce.apiLimit.used = salesforce.apiLimit.max;
  const later = await ask({ accountNumber: "A'1" });
  assert.deepEqual([later.status, later.body.type], [503, "urn:sluice:try-again-later"]);
  assert.doesNotMatch(JSON.stringify(later.body), /REQUEST_LIMIT/);
  await world.stopCleanly();
});

test("who asks again after a lost connection gets the first answer's address", async (t) => {
  const { world, expected, ask } = await start(t);
  const headers = { "idempotency-key": randomUUID() };
  const before = world.asked(/\/query/).length;
  assert.equal((await ask({ accountNumber: "A'1" }, headers)).status, 200);
  const again = await ask({ accountNumber: "A'1" }, headers);
  assert.deepEqual([again.status, again.body.duplicate], [200, true]);
  assert.deepEqual((await look(world, again.body.address)).output, expected);
  assert.equal(world.asked(/\/query/).length - before, 2, "asked once, with two queries");
  await world.stopCleanly();
});

test("what takes longer is answered by an address, and by a signed call back, also over a kill", async (t) => {
  const { world, server, salesforce, expected, ask } = await start(t);
  salesforce.failNext({ match: /query.*Account/, delayMs: 7000 });
  server.callbackStatuses = [503];
  const slow = await ask({ accountNumber: "A'1", replyTo: `${server.url}/answers` });
  assert.equal(slow.status, 202, JSON.stringify(slow.body));
  await waitFor("the call back, once more after a 503", () => server.callbacks.length === 2);
  for (const one of server.callbacks) {
    checkSignature(one);
    assert.equal(one.headers["webhook-id"], slow.body.execution);
    assert.deepEqual(JSON.parse(one.body), {
      execution: slow.body.execution, flow: "lookup", state: "succeeded", output: expected });
  }
  assert.deepEqual((await look(world, slow.body.address)).output, expected);

  // The host dies with a question under way: whoever waited hears nothing, and is called back.
  salesforce.failNext({ match: /query.*Account/, delayMs: 4000 });
  const asked = world.asked(/\/query/).length;
  const lost = ask({ accountNumber: "A'1", replyTo: `${server.url}/answers` });
  await waitFor("the question is under way", () => world.asked(/\/query/).length > asked);
  await world.killHost();
  assert.equal((await lost).status, 502);
  await world.startHost();
  await waitFor("the call back", () => server.callbacks.length === 3);
  checkSignature(server.callbacks[2]);
  assert.deepEqual(JSON.parse(server.callbacks[2].body).output, expected);

  // A failure is called back, too.
  salesforce.failNext({ match: /query/, times: 3, status: 503, delayMs: 2500 });
  const failing = await ask({ accountNumber: "A'1", replyTo: `${server.url}/answers` });
  assert.equal(failing.status, 202);
  await waitFor("its call back", () => server.callbacks.length === 4);
  const told = JSON.parse(server.callbacks[3].body);
  assert.deepEqual([told.state, told.error.status], ["failed", 503]);
  await world.stopCleanly();
});
