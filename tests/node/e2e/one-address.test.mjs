// One address for several senders: a flow that chooses, and the signature of the one it chose.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { signedRequest } from "../webhook-examples.mjs";
import { issueEvent } from "./issues.mjs";
import { SECRET, World } from "./world.mjs";

const APP_KEY = "a key of the other sender";
const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

function fromApp(content, key = APP_KEY) {
  const body = JSON.stringify(content);
  const signature = createHmac("sha256", key).update(body).digest("hex");
  return { body, headers: { "content-type": "application/json", "x-yourapp-event": "notes.created",
                            "x-yourapp-signature": `sha256=${signature}` } };
}

test("each request goes to the flow that the preprocess flow names, if its sender is genuine", async (t) => {
  const world = await World.start(t, {
    apply: [fixture("one-address.yaml"), fixture("one-address-instance.yaml")],
    env: { CALLBACK_KEY: APP_KEY },
  });
  assert.deepEqual(Object.keys(world.hooks()), ["pick"]);

  const delivery = randomUUID();
  const issue = issueEvent("opened", { number: 5 });
  const first = await world.send("issues", issue, delivery);
  assert.equal(first.status, 202);
  const again = await world.send("issues", issue, delivery);
  assert.deepEqual([again.status, again.body.execution], [200, first.body.execution]);
  assert.deepEqual(await world.post(fromApp({ text: "hello" })),
                   { status: 200, body: { got: "hello", addresses: 1 } });
  await world.settled();
  assert.deepEqual((await world.execution(first.body.execution)).output, { number: 5, chosen: true });
  const kept = (await world.executions()).length;
  assert.equal(kept, 2);

  // Each flow asks for the proof of its own sender.
  const forged = await world.send("issues", issue, randomUUID(), "not the secret");
  assert.equal(forged.status, 401);
  assert.equal((await world.post(fromApp({ text: "x" }, "another key"))).status, 401);
  const crossed = await signedRequest({ event: "issues", payload: issue, secret: SECRET, delivery: randomUUID() });
  crossed.headers["x-test-flow"] = "fromApp";
  assert.equal((await world.post(crossed)).status, 401);

  assert.equal((await world.send("ping", {}, randomUUID())).status, 204);
  const unknown = await world.post({ headers: { "content-type": "application/json" }, body: "{}" });
  assert.deepEqual([unknown.status, unknown.body.status], [422, 422]);
  assert.match(unknown.body.detail, /nowhere/);
  const raised = await world.send("unheard-of", {}, randomUUID());
  assert.deepEqual([raised.status, raised.body.type], [422, "urn:test:unheard-of"]);
  assert.equal((await world.executions()).length, kept, "a refused request was kept");
  await world.logs(/taken by no flow/);
  await world.stopCleanly();
});
