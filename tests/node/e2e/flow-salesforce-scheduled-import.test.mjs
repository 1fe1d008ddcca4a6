// flows/salesforce-scheduled-import, end to end: all accounts once, then changes, over kills.
import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { FlowWorld, hurried } from "./salesforce-flows.mjs";

const NAME = "salesforce-scheduled-import";
const COUNT = 900;
// Salesforce's records are left alone for half a minute after their stamps: these are older.
const at = (second) => ({ at: Math.floor(Date.now() / 1000) * 1000 - 600_000 + second * 1000 });

test("everything that is there comes once, then what changes, and nothing new costs one request", async (t) => {
  const made = [];
  const world = await FlowWorld.start(t, NAME, {
    apply: hurried(t, NAME),
    before: ({ salesforce }) => {
      salesforce.pageSize = 200;
      for (let i = 0; i < COUNT; ++i)
        made.push(salesforce.createRecord("Account", { Name: `Account ${i}`, BillingCity: "Köln" }, at(i % 7)));
    },
  });
  const { salesforce } = world;
  await world.deployed();
  // Killed while pages come in.
  await waitFor("the first ones", async () => (await world.records("accounts")).length > 0);
  await world.killHost();
  await world.startHost();
  await world.quiet("all of them", async () => (await world.records("accounts")).length === COUNT);
  const stored = await world.records("accounts");
  assert.deepEqual(stored.map(({ externalId }) => externalId).sort(), made.map(({ Id }) => Id).sort());
  assert.ok(stored.every(({ version, city, deleted }) => version === 1 && city === "Köln" && !deleted));
  const runs = (await world.executions()).filter(({ flow }) => flow === "accounts").length;
  assert.ok(runs < 20, `${runs} runs for ${COUNT} accounts`);

  // Nothing new: one small request, no run, nothing written.
  const before = world.asked(/\/query/).length;
  await waitFor("three calls more", () => world.asked(/\/query/).length >= before + 3);
  assert.equal((await world.executions()).filter(({ flow }) => flow === "accounts").length, runs);
  assert.match(decodeURIComponent(world.asked(/\/query/).at(-1)), /SystemModstamp.>=/);

  // Changed, deleted and made; both sides are away for a moment.
  salesforce.failNext({ match: /\/query(All)?\?.*IN/, status: 503 });
  await world.killApp();
  salesforce.updateRecord("Account", made[3].Id, { Name: "Renamed" }, at(100));
  salesforce.deleteRecord("Account", made[4].Id, at(101));
  const late = salesforce.createRecord("Account", { Name: "Late" }, at(102));
  await waitFor("a run that finds no app", async () =>
    (await world.executions()).filter(({ flow }) => flow === "accounts").length > runs);
  await world.startApp();
  await world.quiet("the changes", async () => (await world.records("accounts")).length === COUNT + 1);
  const now = new Map((await world.records("accounts")).map((one) => [one.externalId, one]));
  assert.deepEqual([now.get(made[3].Id).name, now.get(made[3].Id).version], ["Renamed", 2]);
  assert.equal(now.get(made[4].Id).deleted, true);
  assert.equal(now.get(late.Id).name, "Late");
  assert.equal([...now.values()].filter(({ version }) => version > 1).length, 2);

  // The cursor outlives a restart, too: nothing comes again.
  await world.restart();
  const asked = world.asked(/\/query/).length;
  await waitFor("calls after the restart", () => world.asked(/\/query/).length >= asked + 2);
  assert.equal([...await world.records("accounts")].filter(({ version }) => version > 1).length, 2);
  await world.removed();
});

test("a field that Salesforce does not have fails the deployment, not the nights after it", async (t) => {
  const world = await FlowWorld.start(t, NAME, {
    before: ({ salesforce }) => {
      const { fields } = salesforce.schema.find("Account");
      fields.splice(fields.findIndex(({ name }) => name === "BillingCountry"), 1);
    },
  });
  await world.deployed("failed");
  const [failed] = (await world.settled()).filter(({ flow }) => flow === "onDeploy");
  assert.match(JSON.stringify(await world.execution(failed.id)), /BillingCountry/);
  await world.stopCleanly();
});
