// A world for one test: the real your-app and the real Sluice beside each other, each on a port of
// its own choice, in a folder that goes away.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { signedRequest } from "../webhook-examples.mjs";
import { Program, waitFor } from "./processes.mjs";

const run = promisify(execFile);
const root = resolve(fileURLToPath(import.meta.url), "../../../..");
export const flows = join(root, "flows");
export const flowFolder = join(flows, "github-to-your-app");
const KEY = "e2e-key";
export const SECRET = "e2e-webhook-secret";
const TERMINAL = new Set(["succeeded", "failed", "quarantined", "cancelled"]);

function setting(name) {
  if (!process.env[name]) throw new Error(`set ${name}; tests/node/README.md says what it is`);
  return resolve(process.env[name]);
}

export class World {
  folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  data = join(this.folder, "data");
  plugins = join(this.folder, "plugins");
  #app;
  #host;
  #options;

  // options: connectors (names), arguments (more of them for serve), apply (manifest files), env,
  // hookless (no webhook is to be waited for).
  static async start(t, options = {}) {
    const world = new World();
    await world.start(t, options);
    return world;
  }

  // The same, for a test that writes its own manifests into `folder` before.
  async start(t, options) {
    const world = this;
    world.#options = { connectors: ["github", "your-app"], arguments: [], ...options };
    t.after(() => world.#end(t));
    mkdirSync(world.plugins, { recursive: true });
    for (const name of world.#options.connectors) world.addConnector(name);
    await world.startApp();
    await world.startHost();
  }

  async #end(t) {
    await this.#host?.kill();
    await this.#app?.kill();
    if (t.passed === false) t.diagnostic(`the host's last lines:\n${this.#host?.logTail()}`);
    if (!process.env.SLUICE_KEEP) rmSync(this.folder, { recursive: true, force: true });
  }

  // A file in the world's folder, also before it starts; its path.
  write = (name, text) => {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  // As a person would: a half-copied file must not be picked up.
  addConnector(name, from = setting("SLUICE_CONNECTORS")) {
    mkdirSync(this.plugins, { recursive: true });
    const target = join(this.plugins, `${name}.so`);
    copyFileSync(join(from, `${name}.so`), `${target}.part`);
    renameSync(`${target}.part`, target);
  }

  killApp() { return this.#app.kill(); }

  // After its end: at the same address, with the same data.
  async startApp() {
    this.#app = new Program("python3", [
      join(root, "tools/your-app/your_app.py"), "--data", join(this.folder, "tickets.db"),
      "--listen", this.appUrl ? new URL(this.appUrl).host : "127.0.0.1:0", "--api-key", KEY, "--enable-faults",
    ], { log: join(this.folder, "your-app.log") });
    this.appUrl = await this.#app.ready();
  }

  // `changes` are other options from this start on.
  async startHost(changes = {}) {
    Object.assign(this.#options, changes);
    const apply = this.#options.apply ?? [
      join(flowFolder, "integration.yaml"),
      ...readdirSync(join(flowFolder, "instances")).map((name) => join(flowFolder, "instances", name)),
    ];
    this.#host = new Program(setting("SLUICE_BIN"), [
      "serve", "--data", this.data, "--plugins", this.plugins, "--listen", "127.0.0.1:0",
      "--admin-listen", "127.0.0.1:0",
      ...apply.flatMap((file) => ["--apply", file]),
      "--allow-egress", new URL(this.appUrl).host, ...this.#options.arguments,
    ], {
      log: join(this.folder, "sluice.log"),
      env: { YOUR_APP_URL: this.appUrl, YOUR_APP_KEY: KEY, GITHUB_WEBHOOK_SECRET: SECRET,
             GITHUB_TOKEN: "e2e-token", ...this.#options.env },
    });
    this.url = await this.#host.ready();
    // Before it the token, at the first start alone.
    this.adminUrl = (await waitFor("the admin API's address", () =>
      this.#host.lines.find((line) => line.startsWith("admin ")))).split(" ")[1];
    this.adminToken = this.#host.lines.find((line) => line.startsWith("admin-token "))?.split(" ")[1];
    if (this.#options.hookless) return;
    this.hook = await waitFor("the webhook's address", () =>
      this.#host.lines.find((line) => line.startsWith("hook "))?.split(" ")[3]);
  }

  // The end that an operator brings about; anything but exit code 0 (a leak, a cut-off drain) is an
  // error.
  async stopCleanly() {
    const how = await this.#host.stop();
    if (how.code !== 0) throw new Error(`sluice ended with ${JSON.stringify(how)}\n${this.hostLog()}`);
  }

  // The address of each flow's webhook.
  hooks() {
    const lines = this.#host.lines.filter((line) => line.startsWith("hook "));
    return Object.fromEntries(lines.map((line) => line.split(" ").slice(2, 4)));
  }

  // The same for each instance.
  hooksByInstance() {
    const found = {};
    for (const line of this.#host.lines.filter((one) => one.startsWith("hook "))) {
      const [, instance, flow, url] = line.split(" ");
      (found[instance] ??= {})[flow] = url;
    }
    return found;
  }

  // The next time of each schedule, as said at the start.
  schedules() {
    const lines = this.#host.lines.filter((line) => line.startsWith("schedule "));
    return Object.fromEntries(lines.map((line) => line.split(" ").slice(2, 4)));
  }

  // The state of each instance, as last said.
  instanceStates() {
    const lines = this.#host.lines.filter((line) => line.startsWith("instance "));
    return Object.fromEntries(lines.map((line) => line.split(" ").slice(1, 3)));
  }

  // Those of the present host beside what every one gets.
  get arguments() { return this.#options.arguments; }

  stopHost(signal, deadlineMs) { return this.#host.stop(signal, deadlineMs); }
  killHost() { return this.#host.kill(); }
  get hostPid() { return this.#host.pid; }
  stopReadingHostLog() { this.#host.stopReadingErrors(); }
  hostLog() { return this.#host.logTail(); }
  // To look for what must never be in it: after the host's end, as lines may come later.
  wholeHostLog() { return this.#host.log({ all: true }); }
  // What the host says may get to its file after its answer to a request.
  logs(pattern) { return waitFor(`${pattern} in the log`, () => pattern.test(this.#host.log())); }

  // {status, body}; throws when no answer came. Flows of tests answer within a minute.
  async post({ headers, body }, url = this.hook, patienceMs = 90_000) {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(patienceMs) });
    const text = await response.text();
    let parsed = text;
    try { parsed = JSON.parse(text); } catch { /* not JSON: as it is */ }
    return { status: response.status, body: parsed };
  }

  async send(event, payload, delivery, secret = SECRET) {
    return this.post(await signedRequest({ event, payload, secret, delivery }));
  }

  async #ask(path) {
    const response = await fetch(`${this.appUrl}${path}`, { headers: { authorization: `Bearer ${KEY}` } });
    if (!response.ok) throw new Error(`your-app answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  async setFaults(settings) {
    const response = await fetch(`${this.appUrl}/test/faults`, {
      method: "POST", body: JSON.stringify(settings), headers: { authorization: `Bearer ${KEY}` } });
    if (!response.ok) throw new Error(`your-app refused the faults: ${response.status}`);
  }

  // A request to your app as somebody who works with it makes it.
  async inApp(method, path, content) {
    const response = await fetch(`${this.appUrl}/api/${path}`, {
      method, headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      ...(content && { body: JSON.stringify(content) }) });
    if (!response.ok) throw new Error(`your-app answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  }

  upsert(collection, records) { return this.inApp("POST", `${collection}/upsert`, { records }); }

  createWebhook(webhook) { return this.inApp("POST", "webhooks", webhook); }

  requestCounts() { return this.#ask("/test/requests"); }

  // All of a collection, oldest first.
  async records(collection) {
    const found = [];
    for (let cursor = ""; cursor !== null;) {
      const page = await this.#ask(`/api/${collection}?limit=500${cursor && `&cursor=${cursor}`}`);
      found.push(...page.records);
      cursor = page.nextCursor;
    }
    return found;
  }

  // All tickets by their external id.
  async tickets() {
    return new Map((await this.records("tickets")).map((ticket) => [ticket.externalId, ticket]));
  }

  async #sluice(...args) {
    const { stdout } = await run(setting("SLUICE_BIN"), args, { timeout: 60_000, maxBuffer: 1 << 28 });
    return JSON.parse(stdout);
  }

  // Every execution there is, newest first.
  async executions() {
    const found = [];
    for (let before = null; ;) {
      const page = await this.#sluice("execution", "list", "--data", this.data, "--limit", "1000", "--json",
                                      ...(before ? ["--before", before] : []));
      found.push(...page.executions);
      before = page.next;
      if (!before) return found;
    }
  }

  async instances() {
    return (await this.#sluice("instance", "list", "--data", this.data, "--json")).instances;
  }

  instance(name) { return this.#sluice("instance", "show", name, "--data", this.data, "--json"); }

  execution(id) { return this.#sluice("execution", "show", id, "--data", this.data, "--json"); }

  // Waits until nothing is under way, then gives every execution.
  settled(deadlineMs = 120_000) {
    return waitFor("the end of all executions", async () => {
      const all = await this.executions();
      return all.every((one) => TERMINAL.has(one.state)) && all;
    }, deadlineMs);
  }

  // The executions of a flow, once there are so many and all have ended.
  waitForExecutions(flow, count) {
    return waitFor(`${count} executions of ${flow}`, async () => {
      const found = (await this.executions()).filter((one) => one.flow === flow);
      return found.length >= count && found.every((one) => TERMINAL.has(one.state)) && found;
    });
  }
}
