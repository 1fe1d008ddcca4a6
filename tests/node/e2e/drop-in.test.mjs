import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { issueEvent } from "./issues.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

test("a connector that is copied into the folder of the running host works", async (t) => {
  const world = await World.start(t, { connectors: ["your-app"] });
  const delivery = randomUUID();
  const send = () => world.send("issues", issueEvent("opened", { number: 1 }), delivery);
  const before = await send();
  assert.ok(before.status >= 500, "without its verifier no event may be accepted");
  assert.deepEqual(await world.executions(), []);

  world.addConnector("github");
  const accepted = await waitFor("the connector", async () => {
    const answer = await send();
    return answer.status === 202 && answer;
  });
  const [execution] = await world.settled();
  assert.equal(execution.id, accepted.body.execution);
  assert.ok((await world.tickets()).has("1000001"));
  await world.stopCleanly();
});
