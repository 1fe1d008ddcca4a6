import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { signedRequest } from "../webhook-examples.mjs";
import { issueEvent } from "./issues.mjs";
import { waitFor } from "./processes.mjs";
import { SECRET, World } from "./world.mjs";

// {status}, or {error, reused}: whether it failed on a connection that had been used before.
function post(agent, url, { headers, body }) {
  return new Promise((done) => {
    const sending = request(url, { method: "POST", headers, agent }, (response) => {
      response.resume();
      response.once("end", () => done({ status: response.statusCode }));
      response.once("error", (error) => done({ error, reused: false }));
    });
    sending.once("error", (error) => done({ error, reused: sending.reusedSocket }));
    sending.end(body);
  });
}

test("SIGTERM under load: no accepted event is dropped, and the host ends in time", async (t) => {
  const world = await World.start(t);
  await world.setFaults({ delayMs: 30 });
  const accepted = new Set();
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const answers = [];
  const broken = [];
  let next = 1;
  let stopped = false;
  const sender = async () => {
    while (!stopped && next <= 5000) {
      const number = next++;
      const event = await signedRequest({
        event: "issues", payload: issueEvent("opened", { number }), secret: SECRET, delivery: randomUUID() });
      let sent = await post(agent, world.hook, event);
      // A server may close a kept connection while the next request is on its way to it; that one
      // was never read, and HTTP lets its sender try again on a connection of its own.
      if (sent.error && sent.reused) sent = await post(false, world.hook, event);
      if (!sent.error) {
        answers.push(sent.status);
        if (sent.status === 202) accepted.add(number);
        continue;
      }
      // Nobody listens any more: that is the end. Anything else happened to a request that had
      // reached the host.
      if (sent.error.code !== "ECONNREFUSED") broken.push(sent.error);
      return;
    }
  };
  const senders = Array.from({ length: 16 }, sender);
  await waitFor("some accepted events", () => accepted.size >= 50);
  // It has 25 s; beyond that it did not keep its deadline.
  const end = await world.stopHost("SIGTERM", 28_000);
  stopped = true;
  await Promise.all(senders);
  assert.deepEqual(end, { code: 0, signal: null }, world.hostLog());
  assert.deepEqual(broken, [], "a request that had been sent got no answer");
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

test("SIGTERM while a product hangs: the step is parked, its caller is told, the end is orderly", async (t) => {
  const world = await World.start(t, { arguments: ["--drain-seconds", "5"] });
  await world.setFaults({ delayMs: 60_000 });
  const { status } = await world.send("issues", issueEvent("opened", { number: 1 }), randomUUID());
  assert.equal(status, 202);
  await waitFor("the step", async () => (await world.requestCounts()).total > 0 || undefined);
  // Anything that was cut off, the deadline itself included, would be exit code 1.
  assert.deepEqual(await world.stopHost("SIGTERM"), { code: 0, signal: null }, world.hostLog());
  await world.setFaults({});
  await world.startHost();
  await world.settled();
  assert.equal((await world.tickets()).size, 1);
  await world.stopCleanly();
});
