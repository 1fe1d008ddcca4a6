// flows/salesforce-two-way, end to end: Opportunities and deals change at both sides, over kills, and
// no change ever comes back to where it was made.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { FlowWorld } from "./salesforce-flows.mjs";

const NAME = "salesforce-two-way";
const opportunity = (world, name) => world.salesforce.all("Opportunity").find((one) => one.Name === name);
const deal = async (world, name) => (await world.records("deals")).find((one) => one.name === name);
const writes = (world) => world.asked(/^(PATCH|POST) .*\/sobjects\/Opportunity\//).length;
const newOpportunity = (world, Name, more = {}) => world.salesforce.createRecord("Opportunity", {
  Name, StageName: "Prospecting", CloseDate: "2026-12-31", ...more });

// Everything that was sent has come, and everything that began has ended.
const rest = (world) => world.quiet("nothing is under way", async () =>
  world.salesforce.outbound.waiting.length === 0
  && (await world.inApp("GET", "webhooks")).webhooks.every(({ pending }) => pending === 0));

test("a change at either side reaches the other one once, and never comes back", async (t) => {
  const world = await FlowWorld.start(t, NAME);
  const { salesforce } = world;
  await world.deployed();
  assert.deepEqual(salesforce.workflow.all("WorkflowOutboundMessage").map(({ fullName }) => fullName).sort(), [
    "Contact.Sluice_demo_ContactCreated", "Opportunity.Sluice_demo_OpportunityCreated",
    "Opportunity.Sluice_demo_OpportunityUpdated"]);

  // Made in Salesforce: in your app, and linked. That link is the one write to Salesforce.
  const { Id } = newOpportunity(world, "From Salesforce", { Amount: 10 });
  await waitFor("the deal", () => deal(world, "From Salesforce").then((one) => one ?? false));
  await rest(world);
  const first = await deal(world, "From Salesforce");
  assert.deepEqual([first.externalId, first.amount, first.stage, first.version], [Id, 10, "Prospecting", 1]);
  assert.equal(opportunity(world, "From Salesforce").YourApp_Id__c, first.id);
  assert.equal(writes(world), 1);

  // Changed in your app: one write to Salesforce, none back.
  await world.inApp("PATCH", `deals/${first.id}`, { stage: "Qualification" });
  await waitFor("the stage", () => opportunity(world, "From Salesforce").StageName === "Qualification");
  await rest(world);
  assert.deepEqual([writes(world), (await deal(world, "From Salesforce")).version], [2, 2]);

  // Changed in Salesforce: one write to your app, none back.
  salesforce.updateRecord("Opportunity", Id, { Amount: 20 });
  await waitFor("the amount", async () => (await deal(world, "From Salesforce")).amount === 20);
  await rest(world);
  assert.deepEqual([writes(world), (await deal(world, "From Salesforce")).version], [2, 3]);

  // The echo that comes after a kill is still known as one.
  salesforce.outbound.pause();
  await world.inApp("PATCH", `deals/${first.id}`, { amount: 30 });
  await waitFor("the amount", () => opportunity(world, "From Salesforce").Amount === 30);
  await world.settled();
  await world.killHost();
  salesforce.outbound.resume();
  await waitFor("an attempt that fails", () => salesforce.outbound.attempts.at(-1)?.acknowledged === false);
  await world.startHost();
  await rest(world);
  assert.deepEqual([writes(world), (await deal(world, "From Salesforce")).version], [3, 4]);

  // Made in your app: in Salesforce, and linked.
  const made = await world.inApp("POST", "deals", {
    name: "From the app", stage: "Prospecting", amount: 5, closeDate: "2026-12-31" });
  await waitFor("the opportunity", () => opportunity(world, "From the app"));
  await rest(world);
  const second = await deal(world, "From the app");
  assert.equal(second.externalId, opportunity(world, "From the app").Id);
  assert.equal(opportunity(world, "From the app").YourApp_Id__c, made.id);
  assert.deepEqual([writes(world), second.version], [4, 2]);
  assert.equal(salesforce.all("Opportunity").length, 2);
  assert.equal((await world.records("deals")).length, 2);

  // A contact has a flow and an address of its own.
  const contact = salesforce.createRecord("Contact", { FirstName: "Ada", LastName: "Lovelace" });
  const [copy] = await waitFor("the contact", async () => {
    const all = await world.records("contacts");
    return all.length > 0 && all;
  });
  assert.deepEqual([copy.externalId, copy.lastName], [contact.Id, "Lovelace"]);
  await world.allSucceeded();
  await world.removed();
  assert.deepEqual(salesforce.workflow.all("WorkflowOutboundMessage"), []);
  assert.deepEqual((await world.inApp("GET", "webhooks")).webhooks, []);
});

const LINK = /^PATCH .*\/sobjects\/Opportunity\/006/;
const MAKE = /^PATCH .*\/sobjects\/Opportunity\/YourApp_Id__c\//;

test("what people change while the two are being made and linked stays, at either side", async (t) => {
  const world = await FlowWorld.start(t, NAME);
  const { salesforce } = world;
  await world.deployed();

  // Made in Salesforce. The deal is there, and its own event done, while the link is on its way.
  const link = world.hold(LINK);
  const { Id } = newOpportunity(world, "One", { Amount: 10 });
  await link.came;
  await world.waitForExecutions("dealToSalesforce", 1);
  assert.equal(writes(world), 1, "the event of the new deal is an echo");
  salesforce.updateRecord("Opportunity", Id, { Amount: 20 });
  await world.inApp("PATCH", `deals/${(await deal(world, "One")).id}`, { stage: "Qualification" });
  await waitFor("the stage", () => opportunity(world, "One").StageName === "Qualification");
  link.go();
  await rest(world);
  const one = await deal(world, "One");
  assert.deepEqual([one.amount, one.stage], [20, "Qualification"]);
  assert.deepEqual([opportunity(world, "One").Amount, opportunity(world, "One").StageName], [20, "Qualification"]);
  assert.equal(opportunity(world, "One").YourApp_Id__c, one.id);
  assert.deepEqual([writes(world), one.version], [2, 3]);

  // Made in your app.
  const make = world.hold(MAKE);
  const made = await world.inApp("POST", "deals", {
    name: "Two", stage: "Prospecting", amount: 10, closeDate: "2026-12-31" });
  await make.came;
  await world.inApp("PATCH", `deals/${made.id}`, { amount: 20 });
  make.go();
  await waitFor("the change", () => opportunity(world, "Two")?.Amount === 20);
  await rest(world);
  const two = await deal(world, "Two");
  assert.deepEqual([two.amount, two.externalId], [20, opportunity(world, "Two").Id]);
  assert.deepEqual([writes(world), salesforce.all("Opportunity").length], [4, 2]);
  await world.allSucceeded();
  await world.stopCleanly();
});

test("the host dies while the two are being made, linked and changed: one of each, and nothing is lost", async (t) => {
  const world = await FlowWorld.start(t, NAME);
  const { salesforce } = world;
  await world.deployed();
  let made;
  await world.killDuring(LINK, () => { made = newOpportunity(world, "One", { Amount: 10 }); });
  await waitFor("the link", () => opportunity(world, "One").YourApp_Id__c !== null);
  await rest(world);
  await world.killDuring(MAKE, () => world.inApp("POST", "deals", {
    name: "Two", stage: "Prospecting", amount: 10, closeDate: "2026-12-31" }));
  await waitFor("the link", async () => (await deal(world, "Two")).externalId !== undefined);
  await rest(world);
  await world.killDuring(LINK, async () => world.inApp("PATCH", `deals/${(await deal(world, "One")).id}`, { amount: 30 }));
  salesforce.updateRecord("Opportunity", made.Id, { StageName: "Qualification" });
  await waitFor("the stage", async () => (await deal(world, "One")).stage === "Qualification");
  await rest(world);
  const all = await world.records("deals");
  assert.deepEqual(all.map(({ name, version }) => [name, version]), [["One", 3], ["Two", 2]]);
  assert.equal(salesforce.all("Opportunity").length, 2);
  for (const one of all) {
    const there = opportunity(world, one.name);
    assert.deepEqual([there.Id, there.YourApp_Id__c, there.Amount, there.StageName],
      [one.externalId, one.id, one.amount, one.stage]);
  }
  assert.deepEqual(all.map(({ amount }) => amount), [30, 10]);
  await world.allSucceeded();
  await world.stopCleanly();
});

test("both sides change other fields of the same deals at the same time: both changes stay", async (t) => {
  const world = await FlowWorld.start(t, NAME);
  const { salesforce } = world;
  await world.deployed();
  const ids = Array.from({ length: 12 }, (_, i) => newOpportunity(world, `Deal ${i}`).Id);
  await waitFor("all deals", async () => (await world.records("deals")).length === ids.length);
  await rest(world);
  const deals = await world.records("deals");
  // One answer says to come later, one is lost.
  salesforce.failNext({ match: LINK, status: 503 });
  salesforce.failNext({ match: LINK, lose: true });
  await Promise.all(deals.map(async (one, i) => {
    salesforce.updateRecord("Opportunity", one.externalId, { Amount: 100 + i });
    await world.inApp("PATCH", `deals/${one.id}`, { stage: "Qualification" });
  }));
  await rest(world);
  await rest(world);
  for (const [i, one] of deals.entries()) {
    const there = salesforce.all("Opportunity").find(({ Id }) => Id === one.externalId);
    const here = await world.inApp("GET", `deals/${one.id}`);
    assert.deepEqual([there.Amount, there.StageName], [100 + i, "Qualification"], `Salesforce: ${one.name}`);
    assert.deepEqual([here.amount, here.stage], [100 + i, "Qualification"], `your app: ${one.name}`);
  }
  // Each was tried again by its `deal`.
  const failed = (await world.settled()).filter(({ state }) => state !== "succeeded");
  assert.deepEqual(failed.map(({ flow }) => flow), ["dealToSalesforce", "dealToSalesforce"]);
  await world.stopCleanly();
});

test("an organization that is not the connection's is refused at deploy time", async (t) => {
  const world = await FlowWorld.start(t, NAME, { env: { SALESFORCE_ORGANIZATION: "00Dd0000000zzzz" } });
  await world.deployed("failed");
  assert.deepEqual(world.salesforce.workflow.all("WorkflowOutboundMessage"), []);
  await world.stopCleanly();
});
