// flows/your-app-to-salesforce, end to end: your app's own webhook, the real host, Salesforce's
// simulator.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { FlowWorld } from "./salesforce-flows.mjs";

const NAME = "your-app-to-salesforce";
const byKey = (salesforce, object) =>
  new Map(salesforce.all(object).map((record) => [record.YourApp_Id__c, record]));

test("what was there comes in pages at deploy time, what changes in seconds, over a kill", async (t) => {
  const old = [];
  const world = await FlowWorld.start(t, NAME, {
    before: async (one) => {
      await one.upsert("contacts", Array.from({ length: 450 }, (_, i) =>
        ({ externalId: `c${i}`, lastName: `Old ${i}`, email: `old${i}@example.com` })));
      old.push(...await one.records("contacts"));
    },
  });
  const { salesforce } = world;
  await world.deployed();
  await world.quiet("all pages are there", async () => salesforce.all("Contact").length === 450);
  // Three pages, each in one request.
  assert.equal(world.asked(/^PATCH .*composite\/sobjects\/Contact/).length, 3);
  assert.equal(byKey(salesforce, "Contact").get(old[7].id).LastName, old[7].lastName);
  const { webhooks } = await world.inApp("GET", "webhooks");
  assert.deepEqual(webhooks.map(({ events }) => events), [["contacts.*", "orders.*"]]);
  assert.ok(webhooks[0].url.startsWith(world.door.url));

  // Created, changed, paid, deleted.
  const ada = await world.inApp("POST", "contacts", { firstName: "Ada", lastName: "Byron" });
  const order = await world.inApp("POST", "orders", {
    number: 1001, status: "open", total: 99.5, orderedAt: "2026-01-31T10:00:00Z" });
  await world.inApp("PATCH", `contacts/${ada.id}`, { lastName: "Lovelace" });
  await world.inApp("PATCH", `orders/${order.id}`, { status: "paid" });
  await world.inApp("DELETE", `contacts/${old[3].id}`);
  await world.quiet("the changes are there", async () =>
    byKey(salesforce, "Contact").get(ada.id)?.LastName === "Lovelace"
    && byKey(salesforce, "Opportunity").get(order.id)?.StageName === "Closed Won"
    && !byKey(salesforce, "Contact").has(old[3].id));
  const sold = byKey(salesforce, "Opportunity").get(order.id);
  assert.deepEqual([sold.Name, sold.Amount, sold.CloseDate], ["Order 1001", 99.5, "2026-01-31"]);

  // While the host is dead your app keeps its events; a public address that stays finds it again.
  await world.killHost();
  const late = await world.inApp("POST", "contacts", { lastName: "Late" });
  await world.startHost();
  await world.quiet("what happened meanwhile is there", async () => byKey(salesforce, "Contact").has(late.id));
  assert.equal((await world.inApp("GET", "webhooks")).webhooks.length, 1, "registered once");
  assert.ok((await world.executions()).every(({ state }) => state === "succeeded"));

  // Removing it takes the webhook away, and leaves the data.
  await world.removed();
  assert.deepEqual((await world.inApp("GET", "webhooks")).webhooks, []);
  assert.equal(salesforce.all("Contact").length, 451);
});

test("the host dies while Salesforce has a page, a change, a deletion: each is done, and nothing twice", async (t) => {
  let page;
  const PAGE = /^PATCH .*composite\/sobjects\/Contact/;
  const world = await FlowWorld.start(t, NAME, {
    before: async (one) => {
      await one.upsert("contacts", Array.from({ length: 250 }, (_, i) => ({ externalId: `c${i}`, lastName: `Old ${i}` })));
      page = one.hold(PAGE);
    },
  });
  const { salesforce } = world;
  await page.came;
  await world.killHost();
  page.go();
  await world.startHost();
  await world.deployed();
  await world.quiet("all pages", async () => salesforce.all("Contact").length === 250);
  const [first, second] = await world.records("contacts");
  await world.killDuring(PAGE, () => world.inApp("PATCH", `contacts/${first.id}`, { lastName: "New" }));
  await world.quiet("the change", async () => byKey(salesforce, "Contact").get(first.id).LastName === "New");
  await world.killDuring(/^DELETE .*Contact/, () => world.inApp("DELETE", `contacts/${second.id}`));
  await world.quiet("the deletion", async () => !byKey(salesforce, "Contact").has(second.id));
  await world.allSucceeded();
  assert.equal(salesforce.all("Contact").length, 249);
  assert.deepEqual(await world.records("problems"), []);
  await world.stopCleanly();
});

test("Salesforce that is away, locked records, and what it refuses for good", async (t) => {
  const world = await FlowWorld.start(t, NAME);
  const { salesforce } = world;
  await world.deployed();
  await world.settled();

  salesforce.failNext({ match: /composite\/sobjects/, status: 503 });
  const first = await world.inApp("POST", "contacts", { lastName: "First" });
  await world.quiet("the first one is there", async () => byKey(salesforce, "Contact").has(first.id));
  salesforce.records.lock([byKey(salesforce, "Contact").get(first.id).Id]);
  await world.inApp("PATCH", `contacts/${first.id}`, { lastName: "Second" });
  await world.quiet("the locked one is changed", async () =>
    byKey(salesforce, "Contact").get(first.id).LastName === "Second");
  assert.equal(world.asked(/^PATCH .*composite\/sobjects/).length, 4);

  // A contact without a last name: told in your app, closed there when it is mended.
  const bad = await world.inApp("POST", "contacts", { firstName: "Nameless" });
  const problem = await waitFor("a problem is told", async () => (await world.records("problems"))[0]);
  assert.equal(problem.externalId, `contacts/${bad.id}`);
  assert.equal(problem.status, "open");
  assert.match(problem.reason, /REQUIRED_FIELD_MISSING/);
  await world.inApp("PATCH", `contacts/${bad.id}`, { lastName: "Named" });
  await world.quiet("it is solved", async () => (await world.records("problems"))[0].status === "solved");
  assert.equal(byKey(salesforce, "Contact").get(bad.id).LastName, "Named");

  // Somebody who does not know the secret.
  const [{ url }] = (await world.inApp("GET", "webhooks")).webhooks;
  const forged = await world.post({
    headers: { "content-type": "application/json", "x-yourapp-signature": `sha256=${"0".repeat(64)}` },
    body: JSON.stringify({ event: "contacts.created", record: { id: "1" } }) }, url);
  assert.equal(forged.status, 401);
  assert.ok((await world.settled()).every(({ state }) => state === "succeeded"));
  await world.stopCleanly();
});
