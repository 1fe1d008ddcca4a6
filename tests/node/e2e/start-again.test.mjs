// Starts that go wrong, and the way back: a variable that is not set, a lost administrator's token,
// another master key.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { asAdmin, commandsFor } from "./commands.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: starts, version: 1.0.0 }
config: { key: { type: secret } }
flows:
  hook: { trigger: { webhook: {} }, do: [ { note: { set: { seen: true } } } ] }
`;
const instance = (name, key) =>
  `instance: ${name}\ncustomer: ${name}\nintegration: test/starts\nconfig: { key: { $env: ${key} } }\n`;

async function start(t, options = {}) {
  const world = new World();
  mkdirSync(world.folder, { recursive: true });
  const files = { "integration.yaml": INTEGRATION, "north.yaml": instance("north", "KEY_OF_NORTH"),
                  "south.yaml": instance("south", "KEY_OF_SOUTH") };
  const apply = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(world.folder, name), text);
    return join(world.folder, name);
  });
  await world.start(t, { connectors: [], apply, hookless: true,
    env: { KEY_OF_NORTH: "key-of-the-north", KEY_OF_SOUTH: "key-of-the-south" }, ...options });
  return world;
}

// Addresses do not change from start to start, the port does.
const post = (world, path) => fetch(new URL(path, world.url), { method: "POST", body: "{}",
  headers: { "content-type": "application/json" } });

test("an instance that cannot run is there to be seen, and its senders come again", async (t) => {
  const world = await start(t);
  const sluice = commandsFor(world);
  const hooks = world.hooksByInstance();
  const paths = { north: new URL(hooks.north.hook).pathname, south: new URL(hooks.south.hook).pathname };
  assert.equal((await post(world, paths.north)).status, 202);
  await world.stopCleanly();

  await world.startHost({ apply: [], env: { KEY_OF_SOUTH: "key-of-the-south" } });
  const again = (...args) => sluice(...args, "--admin", world.adminUrl, ...asAdmin(world));
  const refused = await post(world, paths.north);
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  assert.equal((await post(world, paths.south)).status, 202);
  const listed = JSON.parse((await again("instance", "list", "--json")).stdout).instances;
  assert.deepEqual(listed.map((one) => [one.name, one.state]), [["north", "failed"], ["south", "deployed"]]);
  const shown = await again("instance", "show", "north");
  assert.match(shown.stdout, /it does not run: .*the environment variable KEY_OF_NORTH is not set/);
  const doctor = await again("doctor");
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /the instance north does not run: .*KEY_OF_NORTH is not set/);

  // Mended on the running host, with a file instead of the variable.
  writeFileSync(join(world.folder, "key.txt"), "key-of-the-north\n");
  const set = await again("instance", "set", "north",
    `key={"$file":"${join(world.folder, "key.txt")}"}`);
  assert.equal(set.code, 0, set.stderr);
  assert.equal((await post(world, paths.north)).status, 202);
  assert.equal((await again("doctor")).code, 0);
});

test("who has lost all administrators' tokens gets a new one at a start", async (t) => {
  const world = await start(t);
  assert.ok(world.adminToken);
  await world.stopCleanly();
  await world.startHost();
  assert.equal(world.adminToken, undefined);
  await world.stopCleanly();
  await world.startHost({ arguments: ["--new-admin-token"] });
  assert.ok(world.adminToken);
  const listed = await commandsFor(world)("token", "list", "--json", ...asAdmin(world));
  assert.equal(listed.code, 0, listed.stderr);
  assert.equal(JSON.parse(listed.stdout).tokens.length, 2);
});

test("a new master key takes over in the background, and the old one can go", async (t) => {
  const world = await start(t);
  const sluice = commandsFor(world);
  const file = join(world.data, "master.key");
  const old = readFileSync(file, "utf8").trim();
  const fresh = randomBytes(32).toString("base64");
  await world.stopCleanly();
  rmSync(file);
  writeFileSync(file, `${fresh}\n${old}\n`, { mode: 0o400 });
  await world.startHost({ apply: [] });
  await waitFor("all keys under the new one", async () => {
    const logs = (await sluice("logs", ...asAdmin(world), "--admin", world.adminUrl)).stdout;
    return /all keys are wrapped with the newest master key/.test(logs);
  });
  await world.stopCleanly();
  // Now from a command, and without the old one.
  rmSync(file);
  const kept = join(world.folder, "kept key");
  writeFileSync(kept, `${fresh}\n`, { mode: 0o400 });
  await world.startHost({ arguments: ["--master-key-command", `cat '${kept}'`] });
  const listed = await sluice("instance", "list", "--json", ...asAdmin(world), "--admin", world.adminUrl);
  assert.deepEqual(JSON.parse(listed.stdout).instances.map((one) => one.state), ["deployed", "deployed"]);
});

test("an instance is created with a command, once", async (t) => {
  const world = await start(t);
  const sluice = commandsFor(world);
  const create = (...args) => sluice("instance", "create", "west", "--customer", "west", "--wait", ...args,
    ...asAdmin(world));
  const wrong = await create("--integration", "test/starts", "kay=5");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /"kay".*did you mean "key"/);
  const made = await create("--integration", "test/starts", 'key={"$env":"KEY_OF_NORTH"}');
  assert.equal(made.code, 0, made.stderr);
  const again = await create("--integration", "test/starts");
  assert.equal(again.code, 1);
  assert.match(again.stderr, /there is an instance "west" already/);
  const listed = JSON.parse((await sluice("instance", "list", "--json", ...asAdmin(world))).stdout).instances;
  assert.deepEqual(listed.map((one) => one.name), ["north", "south", "west"]);
});
