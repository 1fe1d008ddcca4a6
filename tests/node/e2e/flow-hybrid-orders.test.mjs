// flows/hybrid-orders, end to end: orders go out by events, customers come in by a poll, and what the
// one learns the other uses, over a kill.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { FlowWorld, hurried } from "./salesforce-flows.mjs";

const ago = (seconds) => ({ at: Math.floor(Date.now() / 1000) * 1000 - seconds * 1000 });
const opportunity = (world, { id }) =>
  world.salesforce.all("Opportunity").find((one) => one.YourApp_Id__c === id);
const order = (world, content) => world.inApp("POST", "orders", {
  status: "open", total: 5, orderedAt: "2026-01-31T10:00:00Z", ...content });

test("orders find the accounts that the poll has found; those that come first wait for them", async (t) => {
  const world = await FlowWorld.start(t, "hybrid-orders", {
    apply: hurried(t, "hybrid-orders"),
    before: ({ salesforce }) => {
      salesforce.createRecord("Account", { Name: "Acme", AccountNumber: "C-1", BillingCity: "Köln" }, ago(600));
      salesforce.createRecord("Account", { Name: "Without a number" }, ago(599));
    },
  });
  const { salesforce } = world;
  await world.deployed();
  await world.quiet("the customer", async () => (await world.records("customers")).length === 1);
  const [acme] = salesforce.all("Account").filter(({ Name }) => Name === "Acme");
  const [customer] = await world.records("customers");
  assert.deepEqual([customer.externalId, customer.name, customer.city], ["C-1", "Acme", "Köln"]);

  salesforce.failNext({ match: /^PATCH .*\/Opportunity\//, status: 503 });
  salesforce.failNext({ match: /^PATCH .*\/Opportunity\//, lose: true });
  const first = await order(world, { number: 1, customer: "C-1" });
  const alone = await order(world, { number: 2 });
  const early = await Promise.all([3, 4, 5].map((number) => order(world, { number, customer: "C-2" })));
  await world.quiet("the orders of whom is known", () =>
    Boolean(opportunity(world, first) && opportunity(world, alone)));
  assert.equal(opportunity(world, first).AccountId, acme.Id);
  assert.equal(opportunity(world, alone).AccountId, null);
  assert.equal(salesforce.all("Opportunity").length, 2, "the others wait");
  await world.inApp("PATCH", `orders/${early[0].id}`, { total: 6 });
  await world.settled();

  // Their customer comes while the host is dead.
  await world.killHost();
  const late = salesforce.createRecord("Account", { Name: "Late", AccountNumber: "C-2" }, ago(60));
  await world.startHost();
  await world.quiet("the orders that waited", () => early.every((one) => opportunity(world, one)));
  for (const one of early) assert.equal(opportunity(world, one).AccountId, late.Id);
  assert.equal(opportunity(world, early[0]).Amount, 6);
  assert.equal(salesforce.all("Opportunity").length, 5);

  // From now on it is known, and nothing waits.
  await world.inApp("PATCH", `orders/${early[1].id}`, { status: "paid" });
  await world.quiet("the change", () => opportunity(world, early[1]).StageName === "Closed Won");
  await world.allSucceeded();
  await world.removed();
  assert.deepEqual((await world.inApp("GET", "webhooks")).webhooks, []);
});

test("the host dies while an order lines up, while its customer is stored and while it is sent: it comes once", async (t) => {
  const world = await FlowWorld.start(t, "hybrid-orders", { apply: hurried(t, "hybrid-orders") });
  const { salesforce } = world;
  await world.deployed();
  await world.settled();
  let made;
  // The order is read right before it lines up.
  await world.killDuringInApp(/^GET \/api\/orders\/\d+$/, async () => {
    made = await order(world, { number: 1, customer: "C-9" });
  });
  await world.settled();
  const waits = (await world.executions()).filter(({ flow }) => flow === "sendOrder");
  assert.equal((await world.execution(waits[0].id)).output.done, "waits for its customer");
  assert.equal(salesforce.all("Opportunity").length, 0);

  await world.killDuringInApp(/^POST \/api\/customers\/upsert$/, () =>
    salesforce.createRecord("Account", { Name: "Late", AccountNumber: "C-9" }, ago(60)));
  await world.quiet("the order that waited", () => Boolean(opportunity(world, made)));
  await world.killDuring(/^PATCH .*\/Opportunity\//, () => world.inApp("PATCH", `orders/${made.id}`, { total: 7 }));
  await world.quiet("the change", () => opportunity(world, made).Amount === 7);
  await world.allSucceeded();
  assert.equal(salesforce.all("Opportunity").length, 1);
  assert.deepEqual((await world.records("customers")).map(({ externalId, version }) => [externalId, version]), [["C-9", 1]]);
  await world.stopCleanly();
});
