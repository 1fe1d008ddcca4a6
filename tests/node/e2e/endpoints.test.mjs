// Addresses that all customers share, and keys: who gets an event, and who is let in.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { signedRequest } from "../webhook-examples.mjs";
import { asAdmin, commandsFor } from "./commands.mjs";
import { issueEvent } from "./issues.mjs";
import { World } from "./world.mjs";

const SECRETS = { north: "the secret of north", south: "the secret of south" };

async function start(t) {
  const world = new World();
  mkdirSync(world.folder, { recursive: true });
  const instance = (name) => {
    const path = join(world.folder, `${name}.yaml`);
    writeFileSync(path, `instance: ${name}-1\ncustomer: ${name}\nintegration: test/shared\n` +
      `config: { hookSecret: { $env: SECRET_OF_${name} } }\n`);
    return path;
  };
  await world.start(t, {
    connectors: ["github"],
    apply: [fileURLToPath(new URL("fixtures/endpoints.yaml", import.meta.url)),
            instance("north"), instance("south")],
    env: { SECRET_OF_north: SECRETS.north, SECRET_OF_south: SECRETS.south },
  });
  return world;
}

function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

test("events at a shared address reach the right customer, proven by its own secret", async (t) => {
  const world = await start(t);
  assert.deepEqual(world.hooksByInstance(), { "*test/shared": world.hooks() });
  const { signed } = world.hooks();
  let delivery = 0;
  const send = async (account, secret) => world.post(await signedRequest({
    event: "issues", payload: { ...issueEvent("opened", { number: ++delivery }), account },
    secret, delivery: `d-${delivery}` }), signed);

  assert.deepEqual(await send("north", SECRETS.north), { status: 200, body: { customer: "north", number: 1 } });
  assert.deepEqual(await send("south-1", SECRETS.south), { status: 200, body: { customer: "south", number: 2 } });
  assert.equal((await send("north", SECRETS.south)).status, 401, "signed by the other customer");
  const unknown = await send("nobody", SECRETS.north);
  const nowhere = await world.post({ headers: {}, body: "{}" }, `${world.url}/hooks/none`);
  assert.deepEqual(unknown, nowhere);
  assert.equal(unknown.status, 404);
  await world.logs(/nobody is called/);
  const all = await world.settled();
  assert.deepEqual(all.map((one) => one.instance).sort(), ["north-1", "south-1"]);

  // The address stays.
  await world.stopCleanly();
  await world.startHost();
  assert.equal(world.hooks().signed.replace(world.url, ""), new URL(signed).pathname);
  await world.stopCleanly();
});

test("keys are made, rotated and revoked by commands and never come to rest", async (t) => {
  const world = await start(t);
  const tokenFile = join(world.folder, "admin.token");
  writeFileSync(tokenFile, `${world.adminToken}\n`);
  const admin = () => ["--admin", world.adminUrl, "--token-file", tokenFile];
  const sluice = (...args) => new Promise((done) => {
    execFile(resolve(process.env.SLUICE_BIN), [...args, ...admin()], { timeout: 60_000 },
      (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout: stdout.trim(), stderr }));
  });
  const send = (account, headers) => world.post(
    { headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ account }) },
    world.hooks().keyed);

  const refused = await send("north", {});
  assert.equal(refused.status, 401);
  assert.equal(refused.body.detail, undefined);
  const first = await sluice("key", "create", "north-1", "--name", "shop");
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^slk_/);
  assert.equal(first.stderr, "");
  const told = await send("north", { "api-key": first.stdout });
  assert.deepEqual([told.status, told.body.instance], [200, "north-1"]);
  assert.ok(!told.body.headers.includes("api-key"), "the flow sees no key");
  assert.equal((await send("south", { "api-key": first.stdout })).status, 401);

  const second = await sluice("key", "create", "north-1", "--name", "shop, from 2027");
  assert.equal((await send("north", { authorization: `Bearer ${second.stdout}` })).status, 200);
  const list = await sluice("key", "list", "north-1", "--json");
  const keys = JSON.parse(list.stdout).keys;
  assert.deepEqual(keys.map((one) => one.name).sort(), ["shop", "shop, from 2027"]);
  const { id } = keys.find((one) => one.name === "shop");
  assert.equal((await sluice("key", "revoke", "north-1", id)).code, 0);
  assert.equal((await send("north", { "api-key": first.stdout })).status, 401);
  assert.equal((await sluice("key", "revoke", "north-1", id)).code, 1);
  assert.equal((await sluice("key", "list", "nobody")).code, 1);

  const token = world.adminToken;
  await world.stopCleanly();
  await world.startHost();
  assert.equal((await send("north", { "api-key": second.stdout })).status, 200, "also after a restart");
  assert.equal((await send("north", { "api-key": first.stdout })).status, 401);
  await world.stopCleanly();
  for (const path of filesBelow(world.folder).filter((one) => !one.endsWith("admin.token"))) {
    const content = readFileSync(path);
    for (const secret of [first.stdout, second.stdout, token]) {
      assert.ok(!content.includes(secret), `${path} holds a key or a token`);
    }
  }
});

test("a key that no webhook asks for is made with a warning", async (t) => {
  const world = new World();
  mkdirSync(world.folder, { recursive: true });
  const file = (name, text) => {
    writeFileSync(join(world.folder, name), text);
    return join(world.folder, name);
  };
  await world.start(t, { apply: [
    file("open.yaml", `manifest: "1"
integration: { namespace: test, name: open, version: 1.0.0 }
flows: { hook: { trigger: { webhook: {} }, do: [ { a: { set: 1 } } ] } }
`), file("instance.yaml", "instance: open-1\ncustomer: open\nintegration: test/open\n")] });
  const made = await commandsFor(world)("key", "create", "open-1", "--name", "shop", ...asAdmin(world));
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^slk_/);
  assert.match(made.stderr, /no webhook of open-1 asks for keys.*endpoint: \{ keys: required \}/);
  await world.stopCleanly();
});
