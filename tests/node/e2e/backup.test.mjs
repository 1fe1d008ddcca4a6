// A backup that is taken while events come in: restored elsewhere it has every event that was
// accepted before it began, and what had not ended goes on.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandsFor } from "./commands.mjs";
import { World } from "./world.mjs";

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: backup, version: 1.0.0, title: Backup }
connectors: { your-app: "*" }
connections:
  app: { connector: your-app, type: apiKey }
flows:
  import:
    trigger: { webhook: {} }
    do:
      - breath: { wait: PT0.2S }
      - ticket:
          call: your-app.createRecord
          with: { connection: app, collection: tickets, externalId: "\${ $trigger.body.id }", fields: {} }
`;

const INSTANCE = `manifest: "1"
instance: acme
customer: acme
integration: test/backup
connections:
  app: { type: apiKey, baseUrl: { $env: YOUR_APP_URL }, apiKey: { $env: YOUR_APP_KEY } }
`;

test("a backup under load has all that was accepted before it", async (t) => {
  const world = new World();
  mkdirSync(world.folder, { recursive: true });
  const files = ["integration.yaml", "acme.yaml"].map((name) => join(world.folder, name));
  writeFileSync(files[0], INTEGRATION);
  writeFileSync(files[1], INSTANCE);
  await world.start(t, { connectors: ["your-app"], apply: files });
  const sluice = commandsFor(world);

  const accepted = [];
  let sending = true;
  const load = Promise.all([0, 1, 2, 3].map(async (lane) => {
    for (let i = 0; sending; ++i) {
      const id = `b${lane}-${i}`;
      const { status, body } = await world.post({
        body: JSON.stringify({ id }), headers: { "content-type": "application/json" } });
      if (status === 202) accepted.push({ id, execution: body.execution });
    }
  }));
  while (accepted.length < 100) await new Promise((done) => setTimeout(done, 20));
  const before = [...accepted];
  const file = join(world.folder, "backup.tar");
  const taken = await sluice("backup", "--data", world.data, "--to", file);
  assert.equal(taken.code, 0, taken.stderr);
  assert.match(taken.stdout, /master key is not in it/);
  assert.equal(statSync(file).mode & 0o077, 0, "nobody else may read it");
  assert.equal((await sluice("backup", "--data", world.data, "--to", file)).code, 1);
  sending = false;
  await load;
  assert.ok(accepted.length > before.length, "events came in meanwhile");
  await world.killHost();

  const key = join(world.data, "master.key");
  const elsewhere = join(world.folder, "elsewhere");
  assert.equal((await sluice("restore", "--from", file, "--data", world.data, "--master-key-file", key)).code, 1,
    "a folder that is not empty is refused");
  assert.equal((await sluice("restore", "--from", file, "--data", elsewhere)).code, 1, "the key is needed");
  const other = join(world.folder, "other.key");
  writeFileSync(other, `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o400 });
  assert.equal((await sluice("restore", "--from", file, "--data", elsewhere, "--master-key-file", other)).code, 1);
  const damaged = readFileSync(file);
  const at = damaged.indexOf("externalId", damaged.length >> 3);
  damaged[(at > 0 ? at : damaged.length >> 1)] ^= 1;
  writeFileSync(join(world.folder, "damaged.tar"), damaged);
  const refused = await sluice("restore", "--from", join(world.folder, "damaged.tar"), "--data", elsewhere,
    "--master-key-file", key);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is damaged: its content is not what it was/);
  assert.ok(!existsSync(elsewhere), "nothing of it stays");
  const restored = await sluice("restore", "--from", file, "--data", elsewhere, "--master-key-file", key);
  assert.equal(restored.code, 0, restored.stderr);

  world.data = elsewhere;
  copyFileSync(key, join(elsewhere, "master.key"));
  await world.startHost();
  const found = new Map((await world.settled()).map((one) => [one.id, one]));
  for (const { id, execution } of before) {
    assert.equal(found.get(execution)?.state, "succeeded", `${id} (${execution})`);
  }
  const tickets = await world.tickets();
  for (const { id } of before) assert.ok(tickets.has(id), id);
  await world.stopCleanly();
});
