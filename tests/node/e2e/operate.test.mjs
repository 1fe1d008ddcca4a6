// A customer's event fails. An operator finds out why with the commands, mends it, and the event
// goes on from where it failed: what had worked is not done again.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { asAdmin, commandsFor } from "./commands.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: operate, version: 1.0.0, title: Operate }
connectors: { your-app: "*" }
connections:
  app: { connector: your-app, type: apiKey }
config:
  collection: { type: string, required: true }
flows:
  import:
    trigger: { webhook: {} }
    do:
      - note:
          call: your-app.createRecord
          with: { connection: app, collection: notes, externalId: "\${ .body.id }", fields: { seen: true } }
      - target: { set: { collection: "\${ $config.collection }" } }
      - ticket:
          call: your-app.createRecord
          with:
            connection: app
            collection: "\${ .collection }"
            externalId: "\${ $trigger.body.id }"
            fields: { title: "\${ $trigger.body.title }" }
`;

const instance = (collection) => `manifest: "1"
instance: acme-import
customer: acme
integration: test/operate
config: { collection: "${collection}" }
connections:
  app: { type: apiKey, baseUrl: { $env: YOUR_APP_URL }, apiKey: { $env: YOUR_APP_KEY } }
`;

async function start(t, collection, options = {}) {
  const world = new World();
  mkdirSync(world.folder, { recursive: true });
  const files = ["integration.yaml", "acme.yaml"].map((name) => join(world.folder, name));
  writeFileSync(files[0], INTEGRATION);
  writeFileSync(files[1], instance(collection));
  await world.start(t, { connectors: ["your-app"], apply: files, ...options });
  return { world, files };
}

const event = (id) => ({ body: JSON.stringify({ id, title: `Ticket ${id}` }), headers: { "content-type": "application/json" } });

test("an operator finds out why an event failed, mends it and resumes it", async (t) => {
  const { world, files } = await start(t, "no such collection!");
  const sluice = commandsFor(world);
  const admin = asAdmin(world);
  assert.equal((await world.post(event("e1"))).status, 202);
  await world.settled();

  const doctor = await sluice("doctor", ...admin);
  assert.equal(doctor.code, 1, doctor.stderr);
  assert.match(doctor.stdout, /1 execution of acme-import\/import failed/);
  const list = await sluice("execution", "list", "--customer", "acme", "--state", "failed", "--json", ...admin);
  assert.equal(list.code, 0, list.stderr);
  const [failed] = JSON.parse(list.stdout).executions;
  const shown = await sluice("execution", "show", failed.id, ...admin);
  assert.match(shown.stdout, /ticket\s+call.*FAILED/);
  const lines = await sluice("execution", "logs", failed.id, ...admin);
  assert.equal(lines.code, 0, lines.stderr);
  assert.match(lines.stdout, /an execution failed/);
  assert.ok((await sluice("dead", "list", ...admin)).stdout.includes(failed.id));

  // The value was wrong: the instance's file is corrected, and the host started with it.
  writeFileSync(files[1], instance("tickets"));
  await world.stopCleanly();
  await world.startHost();
  const again = commandsFor(world);
  const resumed = await again("execution", "resume", failed.id, ...admin);
  assert.equal(resumed.code, 0, resumed.stderr);
  const watched = await again("execution", "watch", failed.id, ...admin);
  assert.equal(watched.code, 0, watched.stdout);

  const { byIdempotencyKey } = await world.requestCounts();
  assert.deepEqual(Object.values(byIdempotencyKey).sort(), [1, 2],
    "the step that had worked ran once, the other twice under one key");
  assert.deepEqual([...(await world.tickets()).keys()], ["e1"]);
  const one = await world.execution(failed.id);
  assert.equal(one.state, "succeeded");
  assert.equal(one.attempts.length, 1);
  assert.equal(one.attempts[0].state, "failed");
  assert.equal((await again("execution", "resume", failed.id, ...admin)).code, 1);
  assert.equal((await again("dead", "list", "--json", ...admin)).stdout.includes(failed.id), false);
  assert.match((await again("execution", "show", failed.id, ...admin)).stdout, /an earlier attempt ended as failed/);
  await world.stopCleanly();
});

test("many dead executions are redriven no faster than asked for", async (t) => {
  const { world } = await start(t, "tickets");
  const sluice = commandsFor(world);
  const admin = asAdmin(world);
  await world.setFaults({ failNext: 1000, status: 422 });
  for (let i = 0; i < 8; ++i) await world.post(event(`m${i}`));
  await world.settled();
  await world.setFaults({});

  const dry = await sluice("dead", "redrive", "--flow", "import", "--dry-run", ...admin);
  assert.match(dry.stdout, /these 8 would be resumed/);
  assert.equal((await world.tickets()).size, 0);
  const began = Date.now();
  const done = await sluice("dead", "redrive", "--flow", "import", "--limit", "6", "--rate", "4/s", ...admin);
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.match(done.stdout, /resume: 6 of 6, 0 refused/);
  assert.ok(Date.now() - began >= 1250, "six at four a second take more than a second");
  const replayed = await sluice("execution", "replay", "--state", "failed", "--flow", "import", "--rate", "50/s", ...admin);
  assert.match(replayed.stdout, /replay: 2 of 2, 0 refused/);
  await world.settled();
  assert.equal((await world.tickets()).size, 8);
  assert.equal(JSON.parse((await sluice("dead", "list", "--json", ...admin)).stdout).executions.length, 0);
  await world.stopCleanly();
});

test("machines learn that it lives, whether it is ready, and its numbers", async (t) => {
  const { world } = await start(t, "tickets");
  const sluice = commandsFor(world);
  await world.post(event("n1"));
  await world.settled();
  const get = (path, headers = {}) => fetch(world.adminUrl + path, { headers });
  assert.equal((await get("/healthz")).status, 200);
  const ready = await get("/readyz");
  assert.equal(ready.status, 200, await ready.text());
  assert.equal((await get("/metrics")).status, 401);
  const numbers = await get("/metrics", { authorization: `Bearer ${world.adminToken}` });
  assert.equal(numbers.status, 200);
  assert.match(numbers.headers.get("content-type"), /^text\/plain; version=0.0.4/);
  const text = await numbers.text();
  for (const line of [
    /^sluice_webhook_requests_total\{class="2xx"\} 1$/m,
    /^sluice_executions_total\{flow="test\/operate\/import",state="succeeded"\} 1$/m,
    /^sluice_call_seconds_count\{action="createRecord",connector="your-app",outcome="ok"\} 2$/m,
    /^sluice_http_client_requests_total\{class="2xx"\} 2$/m,
    /^sluice_executions\{state="running"\} 0$/m,
    /^sluice_store_commit_seconds_count [1-9]/m,
    /^sluice_disk_free_bytes [1-9]/m,
  ]) assert.match(text, line);
  assert.ok(!/acme/.test(text), "no label names a customer or an instance");

  const bound = await sluice("token", "create", "--name", "b", "--scope", "read", "--customer", "acme", ...asAdmin(world));
  assert.equal((await get("/metrics", { authorization: `Bearer ${bound.stdout.trim()}` })).status, 403);
  const log = await sluice("logs", "--json", ...asAdmin(world));
  assert.equal(log.code, 0, log.stderr);
  await world.stopCleanly();
});
