// Flows that start by what a call finds, in the real program over kills: nothing is lost, nothing
// comes twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { asAdmin, commandsFor } from "./commands.mjs";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

test("every change of a record is found once, over pages and kills", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed}`);
  const world = await World.start(t, {
    connectors: ["your-app"], apply: [fixture("poll.yaml"), fixture("poll-instance.yaml")],
  });
  const changes = new Set(); // "externalId color"
  const write = async (from, to, color) => {
    const records = [];
    for (let i = from; i < to; ++i) {
      records.push({ externalId: `r/${i}`, color });
      changes.add(`r/${i} ${color}`);
    }
    await world.upsert("things", records);
  };
  const found = async () => (await world.executions()).filter((one) => one.flow === "changed");

  await write(0, 40, "red");
  for (let kill = 0; kill < 3; ++kill) {
    const before = (await found()).length;
    await waitFor("some are found", async () => (await found()).length > before || before >= changes.size);
    await sleep(random.between(0, 300)); // where in its pages the host dies
    await world.killHost();
    await write(40 + 5 * kill, 45 + 5 * kill, "green");
    await world.startHost();
  }
  await waitFor("all are found", async () => (await found()).length >= changes.size);
  await write(0, 5, "blue");
  await waitFor("the changed ones, too", async () => (await found()).length >= changes.size);
  const all = (await world.settled()).filter((one) => one.flow === "changed");
  const texts = [];
  for (const one of all) {
    const { output } = await world.execution(one.id);
    texts.push(`${output.record} ${output.color}`);
  }
  texts.sort();
  assert.deepEqual(texts, [...changes].sort());
  await world.stopCleanly();
});

test("the doctor names the flow whose poll fails, and says when it works again", async (t) => {
  const world = await World.start(t, {
    connectors: ["your-app"], apply: [fixture("poll.yaml"), fixture("poll-instance.yaml")],
  });
  const sluice = commandsFor(world);
  const doctor = async () => (await sluice("doctor", ...asAdmin(world))).stdout;
  await world.setFaults({ failNext: 1000, status: 503 });
  const failing = /the poll of poll\/changed does not work; it failed \d+ times? [^]*Unavailable[^]*sluice logs --instance poll --flow changed/;
  await waitFor("it is told", async () => failing.test(await doctor()));
  await world.setFaults({});
  await waitFor("it works again", async () => /the poll of poll\/changed works again after it failed/.test(await doctor()));
  await world.stopCleanly();
});
