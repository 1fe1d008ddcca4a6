// Results, addresses of executions, callbacks, and what is kept: the envelope of a flow end to end.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { GateServer } from "./gate-server.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const KEY = "whsec_" + Buffer.from("a key of the test").toString("base64");
const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const TERMINAL = new Set(["succeeded", "failed", "cancelled"]);

async function start(t) {
  const server = await GateServer.start(t);
  const world = await World.start(t, {
    connectors: [], apply: [fixture("envelope.yaml"), fixture("envelope-instance.yaml")],
    arguments: ["--allow-egress", server.host],
    env: { TEST_SERVER: server.url, CALLBACK_KEY: KEY },
  });
  return { world, server };
}

// The whole answer: {status, headers, body}.
async function ask(method, url, content) {
  const response = await fetch(url, {
    method, signal: AbortSignal.timeout(30_000),
    ...(content !== undefined && { body: JSON.stringify(content), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  let body = text;
  try { body = JSON.parse(text); } catch { /* as it is */ }
  return { status: response.status, headers: response.headers, body };
}

const post = (world, flow, content) => ask("POST", world.hooks()[flow], content);

function whenOver(address) {
  return waitFor("the end of the execution", async () => {
    const { status, body } = await ask("GET", address);
    assert.equal(status, 200);
    return TERMINAL.has(body.state) && body;
  });
}

// The host has another port after a restart.
const moved = (address, world) => world.url + new URL(address).pathname;

function checkSignature({ headers, body }) {
  const content = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signature = createHmac("sha256", "a key of the test").update(content).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${signature}`);
}

test("a synchronous flow answers with its output, or with its problem", async (t) => {
  const { world } = await start(t);
  const plain = await post(world, "answer", { give: { status: 404, title: "an order" } });
  assert.equal(plain.status, 200);
  assert.deepEqual(plain.body, { status: 404, title: "an order" });
  const shaped = await post(world, "answer", { give: { status: 201, headers: { "x-made": "1" }, body: { id: 7 } } });
  assert.equal(shaped.status, 201);
  assert.equal(shaped.headers.get("x-made"), "1");
  assert.deepEqual(shaped.body, { id: 7 });
  for (const [fail, status] of [[418, 418], [599, 599], [299, 500], [700, 500]]) {
    const failed = await post(world, "answer", { fail });
    assert.equal(failed.status, status);
    assert.equal(failed.headers.get("content-type"), "application/problem+json");
    assert.equal(failed.body.title, "Asked for");
  }
  await world.stopCleanly();
});

test("past its deadline it answers 202, and the address tells the rest", async (t) => {
  const { world, server } = await start(t);
  const late = await post(world, "slow", {});
  assert.equal(late.status, 202);
  const address = late.headers.get("location");
  assert.deepEqual(late.body, { execution: late.body.execution, address });
  const running = await ask("GET", address);
  assert.equal(running.body.ended, null);
  assert.equal(running.body.output, undefined);
  server.open();
  const over = await whenOver(address);
  assert.deepEqual({ state: over.state, output: over.output, flow: over.flow },
                   { state: "succeeded", output: { opened: true }, flow: "slow" });

  await world.killHost();
  await world.startHost();
  assert.deepEqual((await ask("GET", moved(address, world))).body, over);
  for (const wrong of [`${address}x`, address.slice(0, -1), address.replace(/\..*$/, ""), `${address}/`]) {
    assert.equal((await ask("GET", moved(wrong, world))).status, 404, wrong);
    assert.equal((await ask("DELETE", moved(wrong, world))).status, 404, wrong);
  }
  await world.stopCleanly();
});

test("an execution can be cancelled by its address, its sub-flows with it", async (t) => {
  const { world, server } = await start(t);
  const accepted = await post(world, "outer", {});
  assert.equal(accepted.status, 202);
  await waitFor("the sub-flow's request", () => server.waiting.length === 1);
  assert.equal((await ask("DELETE", accepted.body.address)).status, 202);
  assert.equal((await whenOver(accepted.body.address)).state, "cancelled");
  const states = (await world.settled()).map((one) => [one.flow, one.state]);
  assert.deepEqual(new Map(states), new Map([["outer", "cancelled"], ["inner", "cancelled"]]));
  const again = await ask("DELETE", accepted.body.address);
  assert.equal(again.status, 409, JSON.stringify(again.body));
  await world.stopCleanly();
});

test("the result is called back, signed, and again after a 503", async (t) => {
  const { world, server } = await start(t);
  server.callbackStatuses = [503, 307];
  const accepted = await post(world, "report", { replyTo: `${server.url}/done`, rows: [1, 2] });
  const silent = await post(world, "report", { rows: [3] });
  await waitFor("the third try", () => server.callbacks.length === 3);
  const all = await world.settled();
  for (const one of server.callbacks) {
    checkSignature(one);
    assert.equal(one.headers["webhook-id"], accepted.body.execution);
    assert.deepEqual(JSON.parse(one.body), {
      execution: accepted.body.execution, flow: "report", state: "succeeded", output: { total: 3 } });
  }
  assert.equal(server.redirected, undefined, "a redirect was followed");
  assert.equal((await whenOver(silent.body.address)).output.total, 3);
  const deliveries = all.filter((one) => one.trigger === "callback");
  assert.deepEqual(deliveries.map((one) => [one.flow, one.state, one.steps]), [["report.callback", "succeeded", 3]]);
  assert.equal(server.callbacks.length, 3);
  await world.stopCleanly();
});

test("a host that dies between the end and the delivery delivers all the same", async (t) => {
  const { world, server } = await start(t);
  server.callbackStatuses = Array(1000).fill(503);
  const accepted = await post(world, "report", { replyTo: `${server.url}/done`, rows: [5] });
  await waitFor("a refused try", () => server.callbacks.length > 0);
  await world.killHost();
  const before = server.callbacks.length;
  server.callbackStatuses = [];
  await world.startHost();
  await world.settled();
  assert.ok(server.callbacks.length > before);
  const last = server.callbacks.at(-1);
  checkSignature(last);
  assert.equal(last.headers["webhook-id"], accepted.body.execution);
  assert.equal(last.body, server.callbacks[0].body);
  await world.stopCleanly();
});

test("record: none keeps nothing, record: metadata no bodies", async (t) => {
  const { world } = await start(t);
  const quick = await post(world, "price", { net: 21 });
  assert.deepEqual([quick.status, quick.body, quick.headers.get("sluice-recorded")], [200, { gross: 42 }, "none"]);
  assert.deepEqual(await world.executions(), []);

  const discreet = await post(world, "discreet", { name: "Ada Lovelace" });
  await world.settled();
  const shown = await world.execution(discreet.body.execution);
  assert.equal(shown.record, "metadata");
  assert.equal(JSON.stringify(shown).includes("Ada"), false);
  assert.deepEqual(shown.steps.map((step) => [step.name, step.ok]), [["mask", true]]);
  assert.equal((await ask("GET", discreet.body.address)).body.output, undefined);
  await world.stopCleanly();
});
