// Instances are deployed and removed by the real program: their hooks at GitHub are exactly the
// wanted ones, whenever the host dies, and no secret of theirs lies in a file.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startGithub } from "../github-simulator.mjs";
import { asAdmin, commandsFor } from "./commands.mjs";
import { sleep, waitFor } from "./processes.mjs";
import { seeded } from "./random.mjs";
import { World } from "./world.mjs";

const integration = fileURLToPath(new URL("fixtures/lifecycle.yaml", import.meta.url));
// One stands in the instance's file, one in the environment.
const TOKEN = "ghp_canary0123456789abcdef";
const SECRET = "canary-hook-secret-of-the-environment";
const CUSTOMERS = ["acme", "globex", "initech"];
// Nobody listens there; what counts is what GitHub was told.
const PUBLIC = "http://127.0.0.1:9";

async function start(t) {
  const folder = mkdtempSync(join(tmpdir(), "sluice-instances-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const repositories = CUSTOMERS.map((name) => `octo/${name}`);
  const github = await startGithub({ tokens: [TOKEN], repositories, basePath: "/api/v3" });
  t.after(() => github.close());
  const apply = [integration, ...CUSTOMERS.map((name) => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, `instance: ${name}
customer: ${name}
integration: test/lifecycle
config: { repository: octo/${name}, hookSecret: { $env: HOOK_SECRET } }
connections:
  gh: { type: token, baseUrl: { $env: GITHUB_URL }, token: ${TOKEN} }
`);
    return file;
  })];
  const common = ["--allow-egress", new URL(github.url).host, "--public-url", PUBLIC];
  const world = await World.start(t, {
    connectors: ["github"], apply, arguments: common, hookless: true,
    env: { GITHUB_URL: github.url, HOOK_SECRET: SECRET },
  });
  return { github, world, apply, common };
}

// The addresses of the hooks at GitHub, by repository.
async function hooks(github) {
  const found = {};
  for (const name of CUSTOMERS) {
    const response = await fetch(`${github.url}/repos/octo/${name}/hooks`, {
      headers: { authorization: `Bearer ${TOKEN}`, "user-agent": "test" } });
    found[name] = (await response.json()).map((hook) => hook.config.url);
  }
  return found;
}

const all = (state) => Object.fromEntries(CUSTOMERS.map((name) => [name, state]));

function reached(world, state, names = CUSTOMERS) {
  return waitFor(`${names} ${state}`, () => {
    const states = world.instanceStates();
    return names.every((name) => states[name] === state);
  });
}

async function heard(github, line) {
  await waitFor(line.source, () =>
    github.requests.some(({ method, path }) => line.test(`${method} ${path}`)));
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test("hooks at GitHub are exactly the wanted ones, across kills", async (t) => {
  const random = seeded();
  t.diagnostic(`seed ${random.seed}`);
  const { github, world, apply, common } = await start(t);

  // Deployed, with kills: one while GitHub answers, others at any moment.
  await heard(github, /^POST \/repos\/octo\/\w+\/hooks/);
  for (let kill = 0; kill < 4; ++kill) {
    await world.killHost();
    await world.startHost();
    await sleep(random.between(0, 120));
  }
  await reached(world, "deployed");
  const addresses = Object.fromEntries((await world.instances()).map(({ instance }) => [instance, null]));
  assert.deepEqual(Object.keys(addresses), CUSTOMERS);
  const wanted = await hooks(github);
  for (const name of CUSTOMERS) {
    assert.equal(wanted[name].length, 1, name);
    assert.match(wanted[name][0], /^http:\/\/127\.0\.0\.1:9\/hooks\/[\w-]{43}$/);
  }
  assert.equal(new Set(Object.values(wanted).flat()).size, CUSTOMERS.length);
  const runs = (await world.executions()).filter((one) => one.flow === "onDeploy");
  assert.equal(runs.length, CUSTOMERS.length, "one deploy run each");
  const shown = await world.instance("acme");
  assert.equal(shown.state, "deployed");
  assert.equal(shown.customer, "acme");
  assert.deepEqual(shown.flows.map(({ flow, state }) => [flow, state]), [["onDeploy", "succeeded"]]);
  assert.deepEqual((await world.execution(shown.flows[0].execution)).payload,
                   { reason: "new", previousVersion: null });

  // Without their files: the store knows them, nothing is done again.
  await world.stopCleanly();
  const asked = github.requests.length;
  await world.startHost({ apply: [] });
  await reached(world, "deployed");
  const local = (name) => `${world.url}${new URL(wanted[name][0]).pathname}`;
  const answer = async (name) => (await world.post({ headers: {}, body: "{}" }, local(name))).status;
  assert.equal(await answer("acme"), 401, "it is there, and wants a signature");
  assert.equal(github.requests.length, asked);

  // One is removed, killed while GitHub answers; the same command goes on.
  await world.killHost();
  await world.startHost({ arguments: [...common, "--remove", "acme"] });
  await heard(github, /^DELETE /);
  await world.killHost();
  await world.startHost();
  await reached(world, "removed", ["acme"]);
  assert.deepEqual(await hooks(github), { ...wanted, acme: [] });
  assert.equal(await answer("acme"), 404);
  assert.equal(await answer("globex"), 401);
  await world.stopCleanly();
  await world.startHost();
  await reached(world, "removed", ["acme"]); // again, and nothing happens
  assert.equal((await world.executions()).filter((one) => one.flow === "onUndeploy").length, 1);

  // It comes again as a new one, with a new address.
  await world.stopCleanly();
  await world.startHost({ apply, arguments: common });
  await reached(world, "deployed");
  const again = await hooks(github);
  assert.equal(again.acme.length, 1);
  assert.notEqual(again.acme[0], wanted.acme[0]);
  assert.deepEqual({ ...again, acme: wanted.acme }, wanted);

  // All go.
  await world.stopCleanly();
  await world.startHost({ apply: [], arguments: [...common, ...CUSTOMERS.flatMap((name) => ["--remove", name])] });
  await reached(world, "removed");
  assert.deepEqual(await hooks(github), all([]));
  assert.deepEqual((await world.instances()).map(({ state }) => state), CUSTOMERS.map(() => "removed"));
  await world.stopCleanly();

  const files = [...filesBelow(world.data), join(world.folder, "sluice.log")];
  assert.ok(files.length > 3, files.join());
  for (const file of files) {
    const content = readFileSync(file);
    for (const secret of [TOKEN, SECRET]) assert.ok(!content.includes(secret), `${secret} in ${file}`);
  }
});

test("a deploy flow that fails says so, and the next start tries it again", async (t) => {
  const { github, world } = await start(t);
  await reached(world, "deployed");
  const sluice = commandsFor(world); // now: the token is told at the first start alone
  const doctor = async () => (await sluice("doctor", ...asAdmin(world))).stdout;
  await world.stopCleanly();
  github.failNext({ match: /^GET .*octo\/acme\/hooks/, status: 403 });
  const changed = "http://127.0.0.1:10";
  const host = new URL(github.url).host;
  await world.startHost({ arguments: ["--allow-egress", host, "--public-url", changed] });
  await reached(world, "failed", ["acme"]);
  await reached(world, "deployed", ["globex", "initech"]);
  const shown = await world.instance("acme");
  assert.match(shown.error, /^onDeploy: /);
  assert.equal(shown.reason, "changed", "hooks have other addresses now");
  await world.logs(/deploy flow failed.*acme/);
  const told = await doctor();
  assert.match(told, /the instance acme could not be deployed: onDeploy: [^]*sluice instance show acme; mend what the error names, then apply the instance again/);
  assert.doesNotMatch(told, /redrive|resume/, "what deploys is not run by itself");
  await world.killHost();
  await world.startHost();
  await reached(world, "deployed");
  assert.equal((await world.instance("acme")).reason, "retry");
  assert.doesNotMatch(await doctor(), /acme/, "it is mended");
  const found = await hooks(github);
  assert.ok(found.acme.some((url) => url.startsWith(changed)), found.acme.join());
  await world.stopCleanly();
});

test("another master key is refused in words", async (t) => {
  const { world } = await start(t);
  await reached(world, "deployed");
  await world.stopCleanly();
  rmSync(join(world.data, "master.key"));
  await assert.rejects(world.startHost(), /it ended early/);
  await world.logs(/bring the file back/);
});
