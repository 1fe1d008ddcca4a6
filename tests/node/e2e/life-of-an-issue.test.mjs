// flows/github-to-your-app as it stands there: what becomes of issues.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { asAdmin, commandsFor } from "./commands.mjs";
import { issueEvent } from "./issues.mjs";
import { World } from "./world.mjs";

test("an issue's ticket follows it through opened, edited, closed and reopened", async (t) => {
  const world = await World.start(t);
  const steps = [
    ["opened", { number: 1, title: "It broke" }, { title: "It broke", status: "open" }],
    ["edited", { number: 1, title: "Grüße 🐛" }, { title: "Grüße 🐛", status: "open" }],
    ["closed", { number: 1, title: "Grüße 🐛" }, { status: "closed" }],
    ["reopened", { number: 1, title: "Grüße 🐛" }, { status: "open" }],
    ["labeled", { number: 1, title: "left alone" }, { title: "Grüße 🐛", status: "open" }],
  ];
  for (const [action, issue, expected] of steps) {
    const { status } = await world.send("issues", issueEvent(action, issue), randomUUID());
    assert.equal(status, 202);
    await world.settled();
    const ticket = (await world.tickets()).get("1000001");
    for (const [name, value] of Object.entries(expected)) assert.equal(ticket[name], value, action);
  }
  assert.equal((await world.tickets()).size, 1);
  await world.stopCleanly();
});

test("events of one issue take effect in the order in which they were accepted", async (t) => {
  const world = await World.start(t);
  await world.setFaults({ delayMs: 20 });
  const issues = [1, 2, 3, 4, 5];
  for (let round = 1; round <= 8; ++round) {
    for (const number of issues) {
      const event = issueEvent("edited", { number, title: `round ${round}` });
      assert.equal((await world.send("issues", event, randomUUID())).status, 202);
    }
  }
  await world.settled();
  for (const [, ticket] of await world.tickets()) {
    assert.equal(ticket.title, "round 8");
    assert.equal(ticket.version, 8);
  }
  await world.stopCleanly();
});

test("a product that fails for a while gets the ticket once it is back", async (t) => {
  const world = await World.start(t);
  await world.setFaults({ failNext: 2, status: 503 });
  const { status } = await world.send("issues", issueEvent("opened", { number: 7 }), randomUUID());
  assert.equal(status, 202);
  const [execution] = await world.settled();
  assert.equal(execution.state, "succeeded", JSON.stringify(execution));
  assert.ok((await world.tickets()).has("1000007"));
  // Three tries, one key: the product could tell that they were the same step.
  const { byIdempotencyKey } = await world.requestCounts();
  assert.deepEqual(Object.values(byIdempotencyKey), [3]);
  await world.stopCleanly();
});

test("an event that failed and is replayed after a newer one changes nothing", async (t) => {
  const world = await World.start(t);
  const sluice = commandsFor(world);
  const event = (title, second) => {
    const payload = issueEvent("edited", { number: 9, title });
    payload.issue.updated_at = `2026-01-31T12:00:0${second}Z`;
    return world.send("issues", payload, randomUUID());
  };
  await world.setFaults({ failNext: 1, status: 401 });
  await event("old", 1);
  const [failed] = await world.settled();
  assert.equal(failed.state, "failed");
  await event("new", 2);
  await world.settled();
  const replayed = await sluice("execution", "replay", failed.id, ...asAdmin(world));
  assert.equal(replayed.code, 0, replayed.stderr);
  await world.settled();
  const again = await world.execution(replayed.stdout.trim().split(" ").at(-1));
  assert.deepEqual([again.state, again.output.done], ["succeeded", "overtaken"]);
  assert.equal((await world.tickets()).get("1000009").title, "new");
  await world.stopCleanly();
});
