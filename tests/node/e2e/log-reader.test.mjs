// The host outlives whoever reads its log.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { issueEvent } from "./issues.mjs";
import { World } from "./world.mjs";

test("the reader of the log ends: the host goes on", async (t) => {
  const world = await World.start(t);
  world.stopReadingHostLog();
  // Each of these writes a line to the log, which nobody reads.
  const forged = await world.send("issues", issueEvent("opened", { number: 1 }), randomUUID(), "guessed");
  assert.equal(forged.status, 401);
  const good = await world.send("issues", issueEvent("opened", { number: 2 }), randomUUID());
  assert.equal(good.status, 202);
  await world.settled();
  assert.equal((await world.tickets()).size, 1);
  await world.stopCleanly();
});
