// Flows that start by the clock, in the real program: no time is lost or comes twice over kills.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

test("every second, over kills: each nominal time once, none is lost", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed}`);
  const world = await World.start(t, {
    connectors: [], apply: [fixture("schedules.yaml"), fixture("schedules-instance.yaml")],
  });
  const often = async () => (await world.executions()).filter((one) => one.flow === "often");
  for (let kill = 0; kill < 3; ++kill) {
    const before = (await often()).length;
    await waitFor("two more runs", async () => (await often()).length >= before + 2);
    await sleep(random.between(0, 1000)); // where in its second the host dies
    await world.killHost();
    await world.startHost();
  }
  const last = (await often()).length;
  await waitFor("a run after the last start", async () => (await often()).length > last);
  await world.stopCleanly();

  const all = await world.executions();
  assert.deepEqual(all.filter((one) => one.flow !== "often"), [], "the nightly one waits for its time");
  const details = await Promise.all(all.map((one) => world.execution(one.id)));
  const nominal = details.map((one) => Date.parse(one.payload.nominal)).sort((a, b) => a - b);
  t.diagnostic(`${nominal.length} runs`);
  for (let i = 1; i < nominal.length; ++i) assert.equal(nominal[i] - nominal[i - 1], 1000);
});

test("the start says when each schedule comes, by the customer's own value and its zone", async (t) => {
  const world = await World.start(t, {
    connectors: [], apply: [fixture("schedules.yaml"), fixture("schedules-instance.yaml")],
  });
  const next = await waitFor("the next times", () => world.schedules().nightly);
  assert.match(next, /^\d{4}-01-01T01:30:00.000Z$/); // 02:30 in Berlin's winter
  await world.stopCleanly();
});
