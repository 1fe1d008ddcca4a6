import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { issueEvent } from "./issues.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

test("SIGTERM under load: no accepted event is dropped, and the host ends in time", async (t) => {
  const world = await World.start(t);
  await world.setFaults({ delayMs: 30 });
  const accepted = new Set();
  const answers = [];
  let next = 1;
  let stopped = false;
  const sender = async () => {
    while (!stopped && next <= 5000) {
      const number = next++;
      try {
        const { status } = await world.send("issues", issueEvent("opened", { number }), randomUUID());
        answers.push(status);
        if (status === 202) accepted.add(number);
      } catch {
        return; // nobody listens any more
      }
    }
  };
  const senders = Array.from({ length: 16 }, sender);
  await waitFor("some accepted events", () => accepted.size >= 50);
  const end = await world.stopHost("SIGTERM", 45_000);
  stopped = true;
  await Promise.all(senders);
  assert.deepEqual(end, { code: 0, signal: null }, world.hostLog());
  assert.deepEqual([...new Set(answers)].filter((status) => status !== 202 && status !== 503), []);

  await world.startHost();
  await world.setFaults({});
  await world.settled();
  const tickets = await world.tickets();
  const lost = [...accepted].filter((number) => !tickets.has(String(1_000_000 + number)));
  assert.deepEqual(lost, []);
  assert.equal(tickets.size, accepted.size, "what was not accepted became a ticket");
  await world.stopCleanly();
});
