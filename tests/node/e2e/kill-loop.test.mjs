// 100 kills at random moments of a flow with a loop, a fork, a retry, a wait, a nested flow and a
// sibling: what was recorded is not done again, every outcome is there once, order is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CallLog } from "./call-log.mjs";
import { sleep } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { RecordedSteps } from "./recorded-steps.mjs";
import { World } from "./world.mjs";

const KILLS = 100;
const LANES = ["a", "b", null]; // null: without order
const UNDER_WAY = 4; // events that have not come to their last step
const PLACES = ["begin", "round 0", "round 1", "round 2", "left", "right", "flaky",
  "nested first", "nested second", "beside", "end"];
const FLAKY = new Set(["flaky"]);
const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

// One event after the other, each sent until it has an answer: then their order is known.
class Sender {
  accepted = new Map(); // event -> execution
  #stopping = false;

  constructor(world, log, lane, room) {
    this.lane = lane;
    this.over = this.#run(world, log, room);
  }

  async #run(world, log, room) {
    for (let number = 0; !this.#stopping; ++number) {
      if (!room()) {
        await sleep(5);
        --number;
        continue;
      }
      const event = `${this.lane ?? "free"}-${number}`;
      const execution = await this.#deliver(world, event);
      this.accepted.set(event, execution);
    }
  }

  async #deliver(world, event) {
    for (;;) {
      try {
        const request = { headers: { "content-type": "application/json" },
          body: JSON.stringify({ event, ...(this.lane && { lane: this.lane }) }) };
        const { status, body } = await world.post(request);
        assert.ok(status === 202 || status === 200, `the host answered ${status}`);
        return body.execution;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        await sleep(10); // the host is dead
      }
    }
  }

  stop() { this.#stopping = true; }
}

function checkKeys(log, recorded) {
  const keyOf = new Map(); // event and place -> key
  const placeOf = new Map();
  const lives = new Map(); // key and life -> calls
  let repeated = 0;
  for (const { key, event, place, life } of log.calls) {
    const where = `${event}, ${place}`;
    assert.equal(keyOf.get(where) ?? key, key, `${where} was called with two keys`);
    assert.equal(placeOf.get(key) ?? where, where, `two steps have one key`);
    if (lives.size > 0 && keyOf.has(where)) ++repeated;
    keyOf.set(where, key);
    placeOf.set(key, where);
    const done = recorded.lifeOf.get(key);
    assert.ok(done === undefined || life <= done,
      `${where} was recorded before kill ${done + 1} and called again after kill ${life}`);
    const calls = (lives.get(`${key} ${life}`) ?? 0) + 1;
    lives.set(`${key} ${life}`, calls);
    assert.ok(calls === 1 || FLAKY.has(place), `${where} was called ${calls} times in life ${life}`);
  }
  return { keyOf, repeated };
}

// In a lane nothing of an event happens before the one before it is over ("beside" runs on its own).
function checkOrder(log, lane, events) {
  const calls = log.calls.filter(({ event, place }) => place !== "beside" && events.includes(event));
  const order = calls.map(({ event }) => events.indexOf(event));
  const sorted = [...order].sort((left, right) => left - right);
  assert.deepEqual(order, sorted, `lane ${lane} is out of order`);
}

test("100 kills: what was recorded is not done again, every outcome is there once", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed} (SLUICE_SEED=${random.seed} repeats the choices)`);
  const log = await CallLog.start(t, random, { flaky: FLAKY, delayMs: 30 });
  const world = await World.start(t, {
    connectors: [], apply: [fixture("kill.yaml"), fixture("kill-instance.yaml")],
    arguments: ["--allow-egress", log.host], env: { TEST_SERVER: log.url },
  });
  const senders = [];
  const sent = () => senders.reduce((sum, sender) => sum + sender.accepted.size, 0);
  const ended = () => new Set(log.calls.filter((call) => call.place === "end").map((call) => call.event)).size;
  const room = () => sent() - ended() < UNDER_WAY;
  for (const lane of LANES) senders.push(new Sender(world, log, lane, room));

  const recorded = new RecordedSteps();
  let busy = 0;
  for (let kill = 0; kill < KILLS; ++kill) {
    await sleep(random.between(0, 250));
    await world.killHost();
    await log.hostDied();
    await recorded.look(world, log.life - 1);
    if (recorded.unfinished > 0) ++busy;
    const starting = world.startHost();
    // Some die before they have come up.
    if (random.next() < 0.1 && ++kill < KILLS) {
      starting.catch(() => {});
      await sleep(random.between(0, 150));
      await world.killHost();
      await starting.catch(() => {});
      await log.hostDied();
      await recorded.look(world, log.life - 1);
      await world.startHost();
    } else {
      await starting;
    }
  }
  for (const sender of senders) sender.stop();
  await Promise.all(senders.map((sender) => sender.over));
  checkKeys(log, recorded); // before the end: what does a step again may never come to one
  const executions = await world.settled();
  await world.stopCleanly();
  await recorded.look(world, log.life);

  const events = senders.flatMap((sender) => [...sender.accepted.keys()]);
  const { keyOf, repeated } = checkKeys(log, recorded);
  t.diagnostic(`${events.length} events, ${executions.length} executions, ${log.calls.length} calls, `
    + `${repeated} of them again, ${recorded.lifeOf.size} recorded steps, ${busy} kills with work under way`);
  assert.ok(busy > KILLS / 2, "the kills hit hardly any work");
  assert.ok(repeated > KILLS / 10, "the kills cut hardly any call off");

  assert.deepEqual(executions.filter((one) => one.state !== "succeeded"), []);
  for (const sender of senders) {
    for (const [event, execution] of sender.accepted) {
      const { output } = recorded.details.get(execution);
      assert.deepEqual(output, { event, loop: "round 2", both: ["left", "right"], careful: "flaky",
        nested: ["nested first", "nested second"] });
      for (const place of PLACES) assert.ok(keyOf.has(`${event}, ${place}`), `${event} missed ${place}`);
    }
    if (sender.lane) checkOrder(log, sender.lane, [...sender.accepted.keys()]);
  }
  // One execution of each flow for each event: nothing was accepted or started twice.
  for (const flow of ["main", "nested", "beside"]) {
    assert.equal(executions.filter((one) => one.flow === flow).length, events.length, flow);
  }
  assert.equal(keyOf.size, events.length * PLACES.length);
});
