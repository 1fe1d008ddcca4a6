// The promise: an event whose sender got a 2xx is never lost, whenever the host dies.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { issueEvent } from "./issues.mjs";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World } from "./world.mjs";

const KILLS = 20;
const EVENTS_PER_KILL = 10;

test("200 events and 20 kills: every acknowledged event is one ticket", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed} (SLUICE_SEED=${random.seed} repeats the choices)`);
  const world = await World.start(t);
  await world.setFaults({ delayMs: 25 });

  const acknowledged = new Map(); // issue number -> execution
  const unsure = new Set(); // sent without a 2xx
  const otherAnswers = [];
  let answered = 0; // in this life of the host
  const send = async (number, delivery) => {
    unsure.add(number);
    try {
      const { status, body } = await world.send("issues", issueEvent("opened", { number }), delivery);
      ++answered;
      if (status !== 202 && status !== 200) return otherAnswers.push(status);
      acknowledged.set(number, body.execution);
      unsure.delete(number);
    } catch {
      // The host died before it answered.
    }
  };

  const deliveries = new Map();
  let killedBusy = 0;
  for (let kill = 0; kill < KILLS; ++kill) {
    answered = 0;
    // Some of those without an answer are sent again, as a person at GitHub would.
    const again = [...unsure].filter(() => random.next() < 0.5).slice(0, 30);
    const fresh = Array.from({ length: EVENTS_PER_KILL }, (_, i) => kill * EVENTS_PER_KILL + i + 1);
    for (const number of fresh) deliveries.set(number, randomUUID());
    const sending = [...again, ...fresh].map(async (number) => {
      await sleep(random.between(0, 200));
      await send(number, deliveries.get(number));
    });
    // At a random moment, however fast this machine is: after so many answers, and a little later.
    const enough = random.between(0, sending.length);
    await Promise.race([Promise.all(sending), waitFor("answers", () => answered >= enough)]);
    await sleep(random.between(0, 60));
    await world.killHost();
    await Promise.all(sending);
    if ((await world.executions()).some((one) => one.state !== "succeeded")) ++killedBusy;
    await world.startHost();
  }

  const executions = await world.settled();
  const tickets = await world.tickets();
  t.diagnostic(`${acknowledged.size} acknowledged, ${unsure.size} without an answer, `
    + `${executions.length} executions, ${killedBusy} kills with work under way`);
  assert.deepEqual(otherAnswers, []);
  // About half of all get through (a kill comes at a random moment, and every event has another try
  // or more); less than a quarter, or no kill with work under way, would test little.
  assert.ok(acknowledged.size >= KILLS * EVENTS_PER_KILL / 4, "the kills left hardly any event through");
  assert.ok(killedBusy > 0, "no kill hit any work");

  for (const [number, execution] of acknowledged) {
    assert.ok(tickets.has(String(1_000_000 + number)), `event ${number} (${execution}) was lost`);
  }
  const sent = new Set([...deliveries.keys()].map((number) => String(1_000_000 + number)));
  for (const id of tickets.keys()) assert.ok(sent.has(id), `a ticket ${id} out of nothing`);
  assert.deepEqual(executions.filter((one) => one.state !== "succeeded"), []);
  // One execution per ticket: no event was accepted twice.
  assert.equal(executions.length, tickets.size);
  assert.equal(new Set(acknowledged.values()).size, acknowledged.size);
  // A step that was repeated after a crash came with the key of its first try.
  const { byIdempotencyKey } = await world.requestCounts();
  assert.equal(Object.keys(byIdempotencyKey).length, executions.length);
  await world.stopCleanly();
});
