// The admin API of the real program: what an operator does with it, and that no token reaches what
// is not its own. Every route, every scope, own and other tenants; the routes are those of the
// API's own document, and every answer is checked against it.
import Ajv2020 from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const JSON_BODY = { "content-type": "application/json" };
const SCOPES = ["read", "operate", "deploy", "secrets", "admin"];

// What a request has to say with it.
const BODIES = { "/apply": { documents: [] }, "/instances/{name}/config": { values: {} },
  "/redrives": { dead: true, dryRun: true } };

const INTEGRATION = `manifest: "1"
integration: { namespace: test, name: admin, version: 1.0.0, title: Admin }
connectors: { nowhere: "*" }
connections: { crm: { connector: nowhere, type: oauth } }
flows:
  check:
    trigger: { webhook: {} }
    queue: { dedupe: "\${ .body.id }" }
    do:
      - refuse:
          if: \${ .body.bad == true }
          raise: { error: { type: "urn:test:bad", status: 422, title: Bad on purpose } }
      - keep: { set: { ok: true } }
  rest:
    trigger: { webhook: {} }
    do: [ { pause: { wait: PT1H } } ]
`;

// A world with two tenants, and a way to ask its API.
async function start(t) {
  const world = new World();
  const file = world.write;
  const instance = (name, customer) => file(`${name}.yaml`,
    `manifest: "1"\ninstance: ${name}\ncustomer: ${customer}\nintegration: test/admin\nconnections: { crm: { type: oauth } }\n`);
  const shared = "connections: { crm: { connector: nowhere, type: oauth } }\n";
  await world.start(t, {
    connectors: [],
    apply: [file("integration.yaml", INTEGRATION), instance("own", "acme"), instance("other", "globex"),
            file("acme.yaml", `customer: acme\n${shared}`),
            file("organization.yaml", `organization: { title: All }\n${shared}`)],
  });
  return world;
}

function asker(world, document) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...document, $id: "openapi" });
  const pointer = (path) => path.map((one) => one.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
  return async (method, path, { token, body, operation } = {}) => {
    const response = await fetch(`${world.adminUrl}/api/v1${path}`, {
      method, body: body && JSON.stringify(body),
      headers: token ? { authorization: `Bearer ${token}` } : {}, signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    const answer = { status: response.status, text, body: text ? JSON.parse(text) : null };
    if (!operation) return answer;
    let where = ["paths", operation, method.toLowerCase(), "responses", String(response.status)];
    let described = where.reduce((part, name) => part?.[name], document);
    assert.ok(described, `${method} ${operation} answered ${response.status}, which its document does not name`);
    if (described.$ref) {
      where = described.$ref.slice(2).split("/");
      described = where.reduce((part, name) => part[name], document);
    }
    if (!described.content) return answer;
    const [type] = Object.keys(described.content);
    assert.equal(response.headers.get("content-type"), type);
    const check = ajv.compile({ $ref: `openapi#/${pointer([...where, "content", type, "schema"])}` });
    assert.ok(check(answer.body), `${method} ${operation}: ${JSON.stringify(check.errors)}\n${text}`);
    return answer;
  };
}

test("no token reaches what is not its own", async (t) => {
  const world = await start(t);
  const document = await (await fetch(`${world.adminUrl}/api/v1/openapi.json`)).json();
  const ask = asker(world, document);
  const admin = world.adminToken;

  const hooks = world.hooksByInstance();
  for (const [instance, flows] of Object.entries(hooks)) {
    assert.equal((await world.post({ body: `{"id":"${instance}"}`, headers: JSON_BODY }, flows.check)).status, 202);
  }
  const [first, second] = await world.settled();
  const executionOf = { [first.instance]: first.id, [second.instance]: second.id };

  const bindings = [
    { name: "nobody's", owner: true }, { name: "instance own", instance: "own", owner: true },
    { name: "customer acme", customer: "acme", owner: true },
    { name: "instance other", instance: "other", owner: false },
    { name: "customer globex", customer: "globex", owner: false },
  ];
  let asked = 0;
  for (const scope of SCOPES) {
    for (const { name, owner, ...bound } of bindings) {
      const isBound = Object.keys(bound).length > 0;
      const made = await ask("POST", "/tokens", {
        token: admin, operation: "/tokens", body: { name, scopes: [scope], ...bound } });
      if (isBound && scope === "admin") {
        assert.equal(made.status, 400);
        continue;
      }
      assert.equal(made.status, 201);
      for (const [operation, methods] of Object.entries(document.paths)) {
        for (const [method, { security }] of Object.entries(methods)) {
          const needs = security[0]?.token[0];
          const isHosts = /^\/(health|tokens|audit|doctor|connectors)/.test(operation);
          const isObject = /^\/(executions|instances)\/\{/.test(operation);
          // Of a customer and of the organization: who is bound to an instance has neither.
          const isCustomers = operation.startsWith("/customers/{");
          const isOrganizations = operation.startsWith("/organization/");
          const path = operation.startsWith("/executions/") ? operation.replace("{id}", executionOf.own)
            : operation.replace("{name}", isCustomers ? "acme" : "own").replace("{connection}", "crm").replace("{id}", made.body.id);
          // What the rules say: first the scope, then the host's own, then the tenant.
          let expected = "served";
          if (needs && scope !== "admin" && scope !== needs) expected = 403;
          else if (isHosts && isBound) expected = 403;
          else if (isObject && !owner) expected = 404;
          else if (isCustomers && isBound && bound.customer !== "acme") expected = 404;
          else if (isOrganizations && isBound) expected = 404;
          // An administrator revokes and makes tokens elsewhere; here it would only saw its branch.
          if (expected === "served" && operation.startsWith("/tokens") && method !== "get") continue;
          // Who may remove it would remove it for those who come after.
          if (expected === "served" && operation.endsWith("/remove")) continue;
          const body = method === "get" ? undefined : BODIES[operation];
          const told = await ask(method.toUpperCase(), path, {
            token: made.body.token, body, operation: needs && operation });
          ++asked;
          const what = `${method} ${operation}: ${scope}, ${name}`;
          if (expected !== "served") assert.equal(told.status, expected, what);
          else {
            // Without a body nothing is made; no key, redrive or connector has a token's id.
            const fine = /^\/redrives\/\{id\}|^\/connectors\/\{id\}|\/keys\/\{id\}$/.test(operation) ? [404] : [200, 202, 400, 409];
            assert.ok(fine.includes(told.status), `${what}: ${told.status}`);
          }
          if (!owner && needs) {
            assert.ok(!told.text.includes(executionOf.own) && !told.text.includes('"own"'), what);
          }
          const without = await ask(method.toUpperCase(), path, { operation: needs && operation });
          assert.equal(without.status, needs ? 401 : 200, what);
        }
      }
    }
  }
  assert.ok(asked > 200, `${asked} requests`);
  await world.stopCleanly();
});

test("a tenant's token changes its own instances alone, and reads nothing of the host", async (t) => {
  const world = await start(t);
  const document = await (await fetch(`${world.adminUrl}/api/v1/openapi.json`)).json();
  const ask = asker(world, document);
  const { body: { token } } = await ask("POST", "/tokens", {
    token: world.adminToken, operation: "/tokens",
    body: { name: "acme", scopes: ["deploy", "read"], customer: "acme" } });
  const apply = (text, dryRun = false) => ask("POST", "/apply", {
    token, operation: "/apply", body: { documents: [{ name: "x.yaml", text }], dryRun } });
  const text = (name, customer, more = "") =>
    `instance: ${name}\ncustomer: ${customer}\nintegration: test/admin\n${more || "connections: { crm: { type: oauth } }\n"}`;
  assert.equal((await apply(text("own", "acme"))).status, 200);
  const nobody = await apply(text("nobody", "acme"));
  assert.equal(nobody.status, 404);
  for (const other of [text("other", "globex"), text("other", "acme"), text("own", "globex")]) {
    const told = await apply(other);
    assert.deepEqual([told.status, told.text], [404, nobody.text], other);
  }
  assert.equal((await apply(INTEGRATION)).status, 403);
  assert.equal((await apply("customer: acme\ntitle: Acme\nconnections: { crm: { connector: nowhere, type: oauth } }\n")).status, 200);
  const others = await apply("customer: globex\n");
  assert.deepEqual([others.status, others.text], [404, nobody.text]);
  assert.equal((await apply("organization: {}\n")).status, 403);
  assert.equal((await apply(text("own", "acme", "connections: { crm: { $shared: organization/crm } }\n"))).status, 403);
  assert.equal((await apply(text("own", "acme", "connections: { x: { key: { $file: /etc/passwd } } }"))).status, 403);
  for (const change of ["pause", "resume", "remove", "rollback", "upgrade"]) {
    const told = await ask("POST", `/instances/other/${change}`, {
      token, operation: `/instances/{name}/${change}` });
    assert.deepEqual([told.status, told.text], [404, nobody.text], change);
  }
  const untouched = await ask("GET", "/instances/other", { token: world.adminToken, operation: "/instances/{name}" });
  assert.equal(untouched.body.state, "deployed");
  assert.equal(untouched.body.paused, false);

  // Problems with their places, and a change from the file.
  const wrong = await apply("instance: own\ncustomer: acme\nintegration: test/admin\nodd: 1\n", true);
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.body.problems.map(({ file, line }) => [file, line]), [["x.yaml", 4]]);
  const removed = await ask("POST", "/instances/own/remove", { token, operation: "/instances/{name}/remove" });
  assert.equal(removed.status, 202);
  await waitFor("its end", async () =>
    (await ask("GET", "/instances/own", { token: world.adminToken, operation: "/instances/{name}" })).status === 404);
  await world.stopCleanly();
});

test("an operator finds a failed event and replays it with the commands", async (t) => {
  const world = await start(t);
  const tokenFile = join(world.folder, "admin.token");
  writeFileSync(tokenFile, `${world.adminToken}\n`);
  const sluice = (args, env = {}) => new Promise((done) => {
    execFile(resolve(process.env.SLUICE_BIN), args, { env: { ...process.env, ...env }, timeout: 60_000 },
      (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
  });
  const admin = ["--admin", world.adminUrl, "--token-file", tokenFile];
  const { check, rest } = world.hooksByInstance().own;

  await world.post({ body: '{"id":"e1","bad":true}', headers: JSON_BODY }, check);
  const [failed] = await world.waitForExecutions("check", 1);
  assert.equal(failed.state, "failed");

  const made = await sluice(["token", "create", "--name", "support", "--scope", "operate",
    "--customer", "acme", ...admin]);
  assert.equal(made.code, 0, made.stderr);
  const environment = { SLUICE_ADMIN: world.adminUrl, SLUICE_TOKEN: made.stdout.trim() };
  const replayed = await sluice(["execution", "replay", failed.id, "--json"], environment);
  assert.equal(replayed.code, 0, replayed.stderr);
  const again = JSON.parse(replayed.stdout).execution;
  const found = await waitFor("the replay's end", async () => {
    const one = await world.execution(again);
    return one.state === "failed" && one;
  });
  assert.equal(found.trigger, "replay");
  assert.equal(found.parent, failed.id);
  assert.deepEqual(found.payload, (await world.execution(failed.id)).payload);

  await world.post({ body: "{}", headers: JSON_BODY }, rest);
  const waiting = await waitFor("the one that waits", async () =>
    (await world.executions()).find((one) => one.flow === "rest"));
  assert.equal((await sluice(["execution", "cancel", waiting.id], environment)).code, 0);
  await waitFor("its end", async () => (await world.execution(waiting.id)).state === "cancelled");
  const over = await sluice(["execution", "cancel", waiting.id], environment);
  assert.equal(over.code, 1);
  assert.match(over.stderr, /is over/);

  const list = await sluice(["token", "list", "--json", ...admin]);
  assert.ok(!list.stdout.includes("slc_"));
  const { id } = JSON.parse(list.stdout).tokens.find((one) => one.name === "support");
  assert.equal((await sluice(["token", "revoke", id, ...admin])).code, 0);
  assert.equal((await sluice(["execution", "cancel", waiting.id], environment)).code, 1);
  assert.equal((await sluice(["token", "list"], { SLUICE_ADMIN: world.adminUrl, SLUICE_TOKEN: "" })).code, 2);

  // What the first start has made stays valid; the next start makes no other one.
  const token = world.adminToken;
  await world.stopCleanly();
  await world.startHost();
  assert.equal(world.adminToken, undefined);
  const audit = await (await fetch(`${world.adminUrl}/api/v1/audit`, {
    headers: { authorization: `Bearer ${token}` } })).json();
  assert.deepEqual(audit.items.map((one) => [one.action, one.status]).reverse(), [
    ["POST /tokens", 201], ["POST /executions/{id}/replay", 202], ["POST /executions/{id}/cancel", 202],
    ["POST /executions/{id}/cancel", 409], ["DELETE /tokens/{id}", 204]]);
  await world.stopCleanly();
  assert.ok(!world.wholeHostLog().includes(token));
});
