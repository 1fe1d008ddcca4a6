import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { signedRequest } from "../webhook-examples.mjs";
import { issueEvent } from "./issues.mjs";
import { SECRET, World } from "./world.mjs";

test("a delivery that comes again gets the id of the first execution", async (t) => {
  const world = await World.start(t);
  const delivery = randomUUID();
  const event = issueEvent("opened", { number: 1 });
  const first = await world.send("issues", event, delivery);
  assert.equal(first.status, 202);
  const again = await world.send("issues", event, delivery);
  assert.deepEqual(again, { status: 200, body: { ...first.body, duplicate: true } });

  await world.stopCleanly();
  await world.startHost();
  const afterRestart = await world.send("issues", event, delivery);
  assert.equal(afterRestart.body.execution, first.body.execution);

  await world.killHost();
  await world.startHost();
  const afterCrash = await world.send("issues", event, delivery);
  assert.equal(afterCrash.body.execution, first.body.execution);
  assert.equal((await world.settled()).length, 1);
  await world.stopCleanly();
});

test("of many copies that come at once one is executed", async (t) => {
  const world = await World.start(t);
  const ids = new Set();
  for (let number = 1; number <= 10; ++number) {
    const delivery = randomUUID();
    const event = issueEvent("opened", { number });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.send("issues", event, delivery)));
    assert.equal(answers.filter((answer) => answer.status === 202).length, 1);
    assert.equal(answers.filter((answer) => answer.status === 200).length, 7);
    const named = new Set(answers.map((answer) => answer.body.execution));
    assert.equal(named.size, 1);
    ids.add([...named][0]);
  }
  const executions = await world.settled();
  assert.deepEqual(new Set(executions.map((one) => one.id)), ids);
  assert.equal(executions.length, 10);
  await world.stopCleanly();
});

test("a proxy's own headers do not make a delivery another one", async (t) => {
  const world = await World.start(t);
  const request = await signedRequest({
    event: "issues", payload: issueEvent("opened", { number: 1 }), secret: SECRET, delivery: randomUUID() });
  const through = (id) => world.post({ ...request, headers: { ...request.headers, "x-request-id": id } });
  const first = await through("1");
  const again = await through("2");
  assert.deepEqual(again, { status: 200, body: { ...first.body, duplicate: true } });
  await world.stopCleanly();
});

test("another event under a known delivery id is not thrown away", async (t) => {
  const world = await World.start(t);
  const delivery = randomUUID();
  const first = await world.send("issues", issueEvent("opened", { number: 1 }), delivery);
  const other = await world.send("issues", issueEvent("opened", { number: 2 }), delivery);
  assert.equal(other.status, 202);
  assert.notEqual(other.body.execution, first.body.execution);
  await world.settled();
  assert.equal((await world.tickets()).size, 2);
  await world.stopCleanly();
});
