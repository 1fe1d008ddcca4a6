// One integration for many customers, on a host that runs all the time: applied from files, killed
// in the middle, sent events, upgraded, paused, removed. What counts is what GitHub, the app and the
// callers see. SLUICE_CUSTOMERS says how many there are.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startGithub } from "../github-simulator.mjs";
import { FrontDoor } from "./front-door.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const COUNT = Number(process.env.SLUICE_CUSTOMERS ?? 6);
const REMOVED = Math.min(10, Math.floor(COUNT / 3));
const PATIENCE_MS = 60_000 + COUNT * 600;
const TOKEN = "ghp_of-all-customers-0123456789";
const SECRET = "hook-secret-of-all-customers";
const CUSTOMERS = Array.from({ length: COUNT }, (_, i) => `customer-${i + 1}`);
const fixture = readFileSync(fileURLToPath(new URL("fixtures/two-way.yaml", import.meta.url)), "utf8");

class Scene {
  static async start(t) {
    const scene = new Scene();
    scene.github = await startGithub({ tokens: [TOKEN], basePath: "/api/v3",
                                       repositories: CUSTOMERS.map((name) => `octo/${name}`) });
    scene.github.setRateLimit({ limit: 1_000_000, remaining: 1_000_000, resetSeconds: 36_000 });
    t.after(() => scene.github.close());
    const world = scene.world = new World();
    scene.door = await FrontDoor.open(t);
    await world.start(t, {
      connectors: ["github", "your-app"], apply: [], hookless: true,
      arguments: ["--allow-egress", new URL(scene.github.url).host, "--public-url", scene.door.url],
      env: { GITHUB_URL: scene.github.url, HOOK_SECRET: SECRET, GITHUB_TOKEN: TOKEN },
    });
    scene.door.target = world.url;
    scene.token = world.adminToken;
    scene.files = join(world.folder, "customers");
    mkdirSync(join(scene.files, "instances"), { recursive: true });
    scene.write("integration.yaml", fixture);
    for (const name of CUSTOMERS) {
      scene.write(`instances/${name}.yaml`, `instance: ${name}
customer: ${name}
integration: test/two-way
config: { repository: octo/${name}, hookSecret: { $env: HOOK_SECRET } }
connections:
  gh: { type: token, baseUrl: { $env: GITHUB_URL }, token: { $env: GITHUB_TOKEN } }
  app: { type: apiKey, baseUrl: { $env: YOUR_APP_URL }, apiKey: { $env: YOUR_APP_KEY } }
`);
    }
    return scene;
  }

  async startHost() {
    await this.world.startHost();
    this.door.target = this.world.url;
  }

  write(name, text) { writeFileSync(join(this.files, name), text); }

  // {code, stdout, stderr} of a command that talks to the host.
  sluice(...args) {
    return new Promise((done) => {
      execFile(resolve(process.env.SLUICE_BIN), args, {
        env: { ...process.env, SLUICE_ADMIN: this.world.adminUrl, SLUICE_TOKEN: this.token },
        timeout: PATIENCE_MS, maxBuffer: 1 << 28,
      }, (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
    });
  }
  async succeed(...args) {
    const how = await this.sluice(...args);
    assert.equal(how.code, 0, `${args.join(" ")}\n${how.stdout}${how.stderr}`);
    return how.stdout;
  }
  async get(path) {
    const response = await fetch(`${this.world.adminUrl}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.token}` } });
    return { status: response.status, body: await response.json() };
  }
  async instances() {
    return JSON.parse(await this.succeed("instance", "list", "--json")).instances;
  }
  deployed(names = CUSTOMERS) {
    return waitFor(`${names.length} instances deployed`, async () => {
      const all = await this.instances();
      const failed = all.find((one) => one.state === "failed");
      assert.ok(!failed, JSON.stringify(failed));
      const states = new Map(all.map((one) => [one.name, one.state]));
      return names.every((name) => states.get(name) === "deployed") && all;
    }, PATIENCE_MS);
  }

  async #github(method, path, body) {
    const response = await fetch(`${this.github.url}${path}`, {
      method, body: body && JSON.stringify(body),
      headers: { authorization: `Bearer ${TOKEN}`, "user-agent": "test" } });
    return response.json();
  }
  async hooks() {
    const found = {};
    for (const name of CUSTOMERS) {
      found[name] = (await this.#github("GET", `/repos/octo/${name}/hooks`)).map((hook) => hook.config.url);
    }
    return found;
  }
  open(name, title) { return this.#github("POST", `/repos/octo/${name}/issues`, { title }); }
  comments(name, number) { return this.#github("GET", `/repos/octo/${name}/issues/${number}/comments`); }

  // The title of each customer's ticket for its issue of this number.
  async tickets(number) {
    const found = {};
    for (const [id, ticket] of await this.world.tickets()) {
      const [customer, issue] = id.split("/");
      if (Number(issue) === number) found[customer] = ticket.title;
    }
    return found;
  }
  async openOneEach(what, names) {
    let number;
    for (const [i, name] of names.entries()) {
      ({ number } = await this.open(name, `${what} of ${name}`));
      // A delivery that nobody answers in time is lost, as at GitHub; and one address may hold a
      // hundred connections.
      if (i % 25 === 24) await this.github.deliveries.settle();
    }
    return number;
  }
  async expectTickets(number, wanted) {
    await waitFor(`the tickets of issue ${number}`, async () =>
      Object.keys(await this.tickets(number)).length >= Object.keys(wanted).length, PATIENCE_MS);
    await this.github.deliveries.settle();
    await this.world.settled(PATIENCE_MS);
    assert.deepEqual(await this.tickets(number), wanted);
  }
}

const each = (names, value) => Object.fromEntries(names.map((name) => [name, value(name)]));

test(`one integration for ${COUNT} customers, from the outside`, async (t) => {
  const scene = await Scene.start(t);
  const { github, world } = scene;

  // What would be done, and then half of it.
  const plan = await scene.sluice("plan", "-f", scene.files);
  assert.equal(plan.code, 2, plan.stderr);
  assert.match(plan.stdout, /create integration test\/two-way\n/);
  assert.match(plan.stdout, new RegExp(`\\n${COUNT + 1} of ${COUNT + 1} would change\\n`));
  assert.deepEqual(await scene.instances(), []);
  const started = performance.now();
  await scene.succeed("apply", "-f", scene.files);
  t.diagnostic(`${COUNT} instances applied in ${Math.round(performance.now() - started)} ms`);
  await waitFor("some hooks", () => github.requests.filter(({ method, path }) =>
    method === "POST" && path.endsWith("/hooks")).length >= COUNT / 4, PATIENCE_MS);
  await world.killHost();
  await scene.startHost();
  await scene.deployed();
  t.diagnostic(`deployed after ${Math.round(performance.now() - started)} ms, a kill in between`);

  const hooks = await scene.hooks();
  for (const name of CUSTOMERS) assert.equal(hooks[name].length, 1, `${name}: ${hooks[name]}`);
  assert.equal(new Set(Object.values(hooks).flat()).size, COUNT);
  const nothing = await scene.sluice("plan", "-f", scene.files);
  assert.equal(nothing.code, 0, nothing.stdout);

  // To each its own event and its own ticket.
  const first = await scene.openOneEach("first", CUSTOMERS);
  await scene.expectTickets(first, each(CUSTOMERS, (name) => `first of ${name}`));

  // And the other way.
  const own = await scene.get(`/instances/${CUSTOMERS[1]}`);
  const { url } = own.body.endpoints.find(({ flow }) => flow === "tickets");
  const told = await world.post({ headers: { "content-type": "application/json" },
                                  body: JSON.stringify({ number: first, text: "done" }) }, url);
  assert.equal(told.status, 202);
  const [ended] = await world.waitForExecutions("tickets", 1);
  assert.equal(ended.state, "succeeded", JSON.stringify(ended));
  assert.equal((await scene.comments(CUSTOMERS[1], first)).length, 1);
  assert.deepEqual(await scene.comments(CUSTOMERS[0], first), []);

  // All move to another version; hooks stay the same.
  scene.write("integration.yaml", fixture.replace("version: 1.0.0", "version: 1.1.0")
    .replace('title: ${ $config.prefix + .body.issue.title }',
             'title: ${ $config.prefix + "new " + .body.issue.title }'));
  const moved = await scene.succeed("apply", "-f", scene.files, "--wait");
  assert.equal(moved.match(/^upgrade instance/gm)?.length, COUNT, moved);
  assert.ok((await scene.instances()).every((one) =>
    one.version === "1.1.0" && one.previousVersion === "1.0.0" && one.state === "deployed"));
  assert.deepEqual(await scene.hooks(), hooks);
  const second = await scene.openOneEach("second", CUSTOMERS);
  await scene.expectTickets(second, each(CUSTOMERS, (name) => `new second of ${name}`));

  // One goes back, one gets another value: only these.
  await scene.succeed("instance", "rollback", CUSTOMERS[0], "--wait");
  await scene.succeed("instance", "set", CUSTOMERS[1], "prefix=mine ", "--wait");
  const wrong = await scene.sluice("instance", "set", CUSTOMERS[1], "prefix=5");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /config\.prefix must be/);
  assert.deepEqual(await scene.hooks(), hooks);

  // One is paused, over a restart.
  const paused = CUSTOMERS[2];
  await scene.succeed("instance", "pause", paused);
  await world.stopCleanly();
  await scene.startHost();
  const refused = await fetch(hooks[paused][0], { method: "POST", body: "{}" });
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);

  // Some are removed.
  const removed = CUSTOMERS.slice(-REMOVED);
  const left = CUSTOMERS.slice(0, -REMOVED);
  await Promise.all(removed.map((name) => scene.succeed("instance", "remove", name)));
  await waitFor("their end", async () => (await scene.instances()).length === left.length, PATIENCE_MS);
  assert.deepEqual(await scene.hooks(), { ...hooks, ...each(removed, () => []) });
  assert.equal((await fetch(hooks[removed[0]][0], { method: "POST", body: "{}" })).status, 404);
  assert.equal((await scene.get(`/instances/${removed[0]}`)).status, 404);

  const third = await scene.openOneEach("third", CUSTOMERS);
  await scene.expectTickets(third, {
    ...each(left.filter((name) => name !== paused), (name) => `new third of ${name}`),
    [CUSTOMERS[0]]: `third of ${CUSTOMERS[0]}`,
    [CUSTOMERS[1]]: `mine new third of ${CUSTOMERS[1]}`,
  });
  await scene.succeed("instance", "resume", paused);
  const fourth = await scene.openOneEach("fourth", [paused]);
  await scene.expectTickets(fourth, { [paused]: `new fourth of ${paused}` });

  const audit = (await scene.get("/audit?limit=1000")).body.items.map((one) => one.action);
  assert.equal(audit.filter((one) => one === "POST /instances/{name}/remove").length, REMOVED);
  assert.equal(audit.filter((one) => one === "POST /instances/{name}/pause").length, 1);
  await world.stopCleanly();
});
