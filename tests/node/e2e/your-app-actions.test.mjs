// The connector that people copy, inside the real host, against the real product.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const json = (body) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

test("every action does in the product what it says, and its events come back", async (t) => {
  const world = await World.start(t, {
    connectors: ["your-app"],
    apply: [fixture("your-app-actions.yaml"), fixture("your-app-instance.yaml")],
  });
  const hooks = world.hooks();
  const { status, body } = await world.post(json({ receiver: hooks.receive }), hooks.all);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body, {
    version: 2, got: { externalId: "x/1", color: "blue", size: null },
    counts: { created: 1200, updated: 0, unchanged: 1 }, listed: 700, rest: 501, end: null,
    one: true, hooks: true, hook: body.hook,
  });
  const [received] = await world.waitForExecutions("receive", 1);
  const { output } = await world.execution(received.id);
  assert.deepEqual(output, { text: "Grüße", actor: "sluice" });

  const removed = await world.post(json({ hook: body.hook }), hooks.remove);
  assert.deepEqual(removed, { status: 200, body: { deleted: true } });
  const again = await world.post(json({ hook: body.hook }), hooks.remove);
  assert.equal(again.status, 404, JSON.stringify(again.body));

  // Another's stays, ours become what is wanted, and a second time nothing changes.
  const other = { url: "http://127.0.0.1:9/hooks/OTHER", events: ["*"] };
  const ours = { url: hooks.receive, events: ["pings.*"] };
  const settle = async (wanted) => {
    const answer = await world.post(json({ wanted }), hooks.settle);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await world.inApp("POST", "webhooks", other);
  assert.deepEqual(await settle([ours]), {
    counts: { created: 1, deleted: 0, unchanged: 0 }, hooks: [other, ours] });
  assert.deepEqual(await settle([ours]), {
    counts: { created: 0, deleted: 0, unchanged: 1 }, hooks: [other, ours] });
  const more = { ...ours, events: ["pings.*", "things.*"] };
  assert.deepEqual(await settle([more]), {
    counts: { created: 1, deleted: 1, unchanged: 0 }, hooks: [other, more] });
  assert.deepEqual(await settle([]), {
    counts: { created: 0, deleted: 1, unchanged: 0 }, hooks: [other] });

  const forged = await world.post(json({ record: { text: "x" } }), hooks.receive);
  assert.equal(forged.status, 401);
  await world.stopCleanly();
});
