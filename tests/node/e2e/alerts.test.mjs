// Alerts end to end: told once when something breaks, whatever happens to the host meanwhile, and
// once when it is over; signed as Standard Webhooks describes.
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { asAdmin, commandsFor } from "./commands.mjs";
import { GateServer } from "./gate-server.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const KEY_BYTES = Buffer.from("a key that signs the alerts");
const KEY = `whsec_${KEY_BYTES.toString("base64")}`;

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: alerts, version: 1.0.0, title: Alerts }
connectors: { your-app: "*" }
connections:
  app: { connector: your-app, type: apiKey }
config:
  collection: { type: string, required: true }
  alertUrl: { type: string }
  alertSecret: { type: secret, required: true }
flows:
  import:
    trigger: { webhook: {} }
    do:
      - target: { set: { collection: "\${ $config.collection }" } }
      - ticket:
          call: your-app.createRecord
          with:
            connection: app
            collection: "\${ .collection }"
            externalId: "\${ $trigger.body.id }"
            fields: { title: "\${ $trigger.body.id }" }
  beat:
    trigger: { webhook: {} }
    do: [ { heard: { set: true } } ]
alerts:
`;
const TOLD = `, url: "\${ $config.alertUrl }", secret: { $ref: config.alertSecret } }\n`;
const BROKEN = `  broken: { on: failure, flows: [ import ]${TOLD}`;
const LATE = `  late: { on: { overdue: { after: PT2S } }, flows: [ beat ]${TOLD}`;
const LOGIN = `  login: { on: connection${TOLD}`;

const instance = (collection) => `manifest: "1"
instance: acme-import
customer: acme
integration: test/alerts
config: { collection: "${collection}", alertUrl: { $env: ALERT_URL }, alertSecret: { $env: ALERT_KEY } }
connections:
  app: { type: apiKey, baseUrl: { $env: YOUR_APP_URL }, apiKey: { $env: APP_KEY } }
`;

// The rules of Standard Webhooks: the signature covers id, time and the body as it came; several
// signatures may stand there; the time is near.
function verify({ headers, body }) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  assert.ok(id && /^\d+$/.test(timestamp), "id and time");
  assert.ok(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300, "the time is near");
  const wanted = createHmac("sha256", KEY_BYTES).update(`${id}.${timestamp}.${body}`).digest();
  const fits = headers["webhook-signature"].split(" ").some((one) => {
    const [version, given] = one.split(",");
    const bytes = Buffer.from(given ?? "", "base64");
    return version === "v1" && bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
  assert.ok(fits, "the signature");
  return { id, ...JSON.parse(body) };
}

async function start(t, alerts, { collection = "tickets", appKey = "e2e-key" } = {}) {
  const receiver = await GateServer.start(t);
  const world = new World();
  mkdirSync(world.folder, { recursive: true });
  const files = ["integration.yaml", "acme.yaml"].map((name) => join(world.folder, name));
  writeFileSync(files[0], INTEGRATION + alerts);
  writeFileSync(files[1], instance(collection));
  const env = { ALERT_URL: `${receiver.url}/alerts`, ALERT_KEY: KEY, APP_KEY: appKey };
  await world.start(t, {
    connectors: ["your-app"], apply: files, env, arguments: ["--allow-egress", receiver.host] });
  commandsFor(world); // keeps the token, which only the first start tells
  const token = world.adminToken;
  const told = () => receiver.callbacks.map(verify);
  const post = (flow, id) => world.post(
    { body: JSON.stringify({ id }), headers: { "content-type": "application/json" } }, world.hooks()[flow]);
  return { world, receiver, told, post, env, token };
}

const ids = (messages) => [...new Set(messages.map((one) => one.id))];
const withState = (messages, state) => messages.filter((one) => one.state === state);

test("a failing flow is told once over a kill, and once when its execution was resumed", async (t) => {
  const { world, receiver, told, post, token } = await start(t, BROKEN, { collection: "no such collection!" });
  receiver.callbackStatuses = Array(1000).fill(503);
  for (let i = 0; i < 5; ++i) assert.equal((await post("import", `e${i}`)).status, 202);
  await waitFor("the failures", async () =>
    (await world.executions()).filter((one) => one.flow === "import" && one.state === "failed").length === 5);
  await world.killHost();
  receiver.callbackStatuses = [];
  await world.startHost();
  await world.settled();
  await waitFor("the message", () => told().length > 0);

  const admin = asAdmin(world);
  const sluice = commandsFor(world);
  assert.equal(ids(told()).length, 1, "one message, whatever was sent again");
  const [message] = told();
  const executions = await world.executions();
  const telling = executions.filter((one) => one.trigger === "alert");
  assert.deepEqual(telling.map((one) => [one.id, one.flow, one.state]), [[message.id, "broken.alert", "succeeded"]]);
  const failed = executions.filter((one) => one.flow === "import");
  assert.ok(failed.some((one) => one.id === message.execution));
  const { error, since, time, execution, id, ...rest } = message;
  assert.deepEqual(rest, { alert: "broken", state: "raised", kind: "failure", instance: "acme-import",
    customer: "acme", integration: "test/alerts", version: "1.0.0", flow: "import", count: 1 });
  assert.equal(since, time);
  assert.equal(error.step, "/do/1/ticket");
  assert.ok(error.title);
  assert.ok(receiver.callbacks.every((one) => !one.body.includes("e2e-key")));

  const listed = await sluice("alert", "list", "--customer", "acme", "--json", ...admin);
  assert.equal(listed.code, 0, listed.stderr);
  const [raised] = JSON.parse(listed.stdout).items;
  assert.deepEqual([raised.alert, raised.flow, raised.count, raised.since], ["broken", "import", 5, since]);
  assert.match((await sluice("alert", "list", ...admin)).stdout, /import of acme-import has failed 5 times since/);
  assert.match((await sluice("doctor", ...admin)).stdout, /alert broken: import of acme-import has failed 5 times/);
  const numbers = await fetch(`${world.adminUrl}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  assert.match(await numbers.text(), /^sluice_alerts_raised\{kind="failure"\} 1$/m);

  assert.equal((await sluice("instance", "set", "acme-import", "collection=tickets", ...admin)).code, 0);
  assert.equal((await sluice("execution", "resume", execution, ...admin)).code, 0);
  await waitFor("the message that it is over", () => withState(told(), "cleared").length > 0);
  const [over] = withState(told(), "cleared");
  assert.deepEqual([over.count, over.since, over.execution, over.error], [5, since, execution, raised.error]);
  assert.notEqual(over.id, message.id);
  assert.deepEqual(JSON.parse((await sluice("alert", "list", "--json", ...admin)).stdout).items, []);
  await world.settled();
  assert.equal(ids(told()).length, 2);
  await world.stopCleanly();
});

test("a flow that does not come is told once over a restart, and that it has come again", async (t) => {
  const { world, told, post } = await start(t, LATE);
  await waitFor("the message", () => told().length > 0);
  await world.stopCleanly();
  await world.startHost();
  assert.equal((await post("beat", "b1")).status, 202);
  await waitFor("the message that it is over", () => withState(told(), "cleared").length > 0);
  const [late] = withState(told(), "raised"); // it may come twice
  const [over] = withState(told(), "cleared");
  assert.deepEqual([late.alert, late.state, late.kind, late.flow], ["late", "raised", "overdue", "beat"]);
  assert.match(late.error.detail, /no execution of beat has succeeded since/);
  assert.deepEqual([over.state, over.since], ["cleared", late.since]);

  await waitFor("it is late again", () => ids(withState(told(), "raised")).length === 2);
  const admin = asAdmin(world);
  const sluice = commandsFor(world);
  assert.equal((await sluice("instance", "remove", "acme-import", "--wait", ...admin)).code, 0);
  assert.deepEqual(JSON.parse((await sluice("alert", "list", "--json", ...admin)).stdout).items, []);
  await world.stopCleanly();
});

test("a connection that is refused is told once, and that it works again", async (t) => {
  const { world, told, post, env } = await start(t, LOGIN, { appKey: "not the key" });
  for (let i = 0; i < 3; ++i) await post("import", `c${i}`);
  await world.settled();
  await waitFor("the message", () => told().length > 0);
  const admin = asAdmin(world);
  let sluice = commandsFor(world);
  const [raised] = JSON.parse((await sluice("alert", "list", "--json", ...admin)).stdout).items;
  assert.deepEqual([raised.kind, raised.connection, raised.count], ["connection", "app", 1]);
  assert.match(raised.advice, /sluice connection test acme-import app/);
  assert.equal(ids(told()).length, 1);
  assert.deepEqual([told()[0].connection, told()[0].error.status], ["app", 401]);
  assert.ok(!JSON.stringify(told()).includes("not the key"));

  await world.stopCleanly();
  const down = await sluice("alert", "list", "--data", world.data, "--customer", "acme", "--json");
  assert.deepEqual(JSON.parse(down.stdout).items, [raised], "the host is down");
  await world.startHost({ env: { ...env, APP_KEY: "e2e-key" } });
  sluice = commandsFor(world);
  await post("import", "c9");
  await waitFor("the message that it is over", () => withState(told(), "cleared").length > 0);
  assert.equal(ids(told()).length, 2);
  assert.deepEqual(JSON.parse((await sluice("alert", "list", "--json", ...admin)).stdout).items, []);
  await world.stopCleanly();
});
