// A world for the examples that connect your app with Salesforce: their own files, behind a public
// address that outlives restarts.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { APP, startSalesforce } from "../salesforce-simulator.mjs";
import { FrontDoor } from "./front-door.mjs";
import { waitFor } from "./processes.mjs";
import { World, flows } from "./world.mjs";

// The field that administrators make in Salesforce, as the READMEs say.
export const KEY = { name: "YourApp_Id__c", type: "string", length: 40, externalId: true, unique: true };

// Both the manifest and the instances of flows/NAME.
export function filesOf(name) {
  const folder = join(flows, name);
  return [join(folder, "integration.yaml"),
          ...readdirSync(join(folder, "instances")).map((file) => join(folder, "instances", file))];
}

// The same, but what happens every minute, or `every`, happens every second: a test does not wait for
// minutes.
export function hurried(t, name, every = "PT1M") {
  const [manifest, ...instances] = filesOf(name);
  const text = readFileSync(manifest, "utf8");
  assert.ok(text.includes(`every: ${every}`));
  const folder = mkdtempSync(join(tmpdir(), "sluice-flow-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, "integration.yaml");
  writeFileSync(copy, text.replace(`every: ${every}`, "every: PT1S"));
  return [copy, ...instances];
}

export class FlowWorld extends World {
  static async start(t, name, { apply, env = {}, allow = [], connectors = ["your-app", "salesforce"], before } = {}) {
    const world = new FlowWorld();
    world.door = await FrontDoor.open(t);
    world.salesforce = await startSalesforce({ fields: { Account: [KEY], Contact: [KEY], Opportunity: [KEY] } });
    t.after(() => world.salesforce.close());
    world.before = () => before?.(world);
    const { url, loginUrl, organizationId } = world.salesforce;
    await world.start(t, {
      connectors, hookless: true, apply: apply ?? filesOf(name),
      arguments: ["--public-url", world.door.url,
                  ...[url, loginUrl, ...allow].flatMap((one) => ["--allow-egress", new URL(one).host])],
      env: {
        SALESFORCE_LOGIN: loginUrl, SALESFORCE_CLIENT: APP.clientId, SALESFORCE_SECRET: APP.clientSecret,
        SALESFORCE_ORGANIZATION: organizationId, SALESFORCE_AUTOMATION: "workflowRule",
        YOUR_APP_HOOK_SECRET: "a secret of your app's webhook", ...env,
      },
    });
    return world;
  }

  async startHost(changes) {
    await this.before?.();
    this.before = undefined;
    await super.startHost(changes);
    this.door.target = this.url;
  }

  // Of the only instance.
  deployed(state = "deployed") {
    return waitFor(`the instance is ${state}`, () => {
      const states = Object.values(this.instanceStates());
      if (state !== "failed" && states.includes("failed")) throw new Error(`it failed\n${this.hostLog()}`);
      return states.length > 0 && states.every((one) => one === state);
    });
  }

  async restart() {
    await this.stopCleanly();
    await this.startHost();
  }

  async removed(instance = "demo") {
    await this.stopCleanly();
    await this.startHost({ apply: [], arguments: [...this.arguments, "--remove", instance] });
    await this.deployed("removed");
    await this.stopCleanly();
  }

  async allSucceeded() {
    const others = (await this.settled()).filter(({ state }) => state !== "succeeded");
    assert.deepEqual(others, []);
  }

  // The requests that Salesforce got, like "PATCH /services/data/v65.0/sobjects/...".
  asked(pattern) {
    return this.salesforce.requests.map(({ method, path }) => `${method} ${path}`)
      .filter((line) => pattern.test(line));
  }

  // Salesforce keeps the next request that fits open, until `go()`; `came` is there when it is.
  hold(pattern) {
    let go;
    const before = this.asked(pattern).length;
    this.salesforce.failNext({ match: pattern, until: new Promise((done) => { go = done; }) });
    return { go, came: waitFor(`a request ${pattern}`, () => this.asked(pattern).length > before) };
  }

  // The host dies while Salesforce has such a request, which it then does for nobody to hear.
  async killDuring(pattern, begin) {
    const { go, came } = this.hold(pattern);
    await begin();
    await came;
    await this.killHost();
    go();
    await this.startHost();
  }

  // The host dies while your app has a request that fits, like "GET /api/orders/7".
  async killDuringInApp(pattern, begin) {
    const count = async () => Object.entries((await this.requestCounts()).byRoute)
      .reduce((sum, [route, times]) => sum + (pattern.test(route) ? times : 0), 0);
    const before = await count();
    await this.setFaults({ delayMs: 1500 });
    await begin();
    await waitFor(`a request ${pattern}`, async () => (await count()) > before);
    await this.killHost();
    await this.setFaults({});
    await this.startHost();
  }

  // Waits until a condition holds and everything that began has ended.
  async quiet(what, condition) {
    await waitFor(what, condition, 90_000);
    return this.settled();
  }
}
