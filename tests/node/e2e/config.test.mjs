// Configuration variables as an author and an operator meet them: check, form, test, an upgrade that
// renames one, and what flows see.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { World } from "./world.mjs";

const manifest = (version, region, renamed = "") => `manifest: "1"
integration: { namespace: test, name: values, version: ${version} }
config:
  ${region}: { type: picklist, options: [ { value: eu, label: Europe }, us ], required: true }
  since: { type: timestamp, default: "2026-01-31T08:00:00+02:00" }
  batch: { type: integer, minimum: 1, maximum: 500, default: 100, visibility: organization }
  fields: { type: fieldMap, fields: [ { name: id, required: true }, subject ] }
  extra: { type: keyValues, default: {} }
  token: { type: secret, pattern: "k-[0-9]+", patternHint: "write k- and digits" }
pages:
  - { title: Where, variables: [ ${region} ] }
${renamed}flows:
  show:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do: [ { all: { set: "\${ $config }" } } ]
`;

const INSTANCE = `instance: north
customer: north
integration: test/values
config:
  region: us
  fields: { id: Id }
  extra: { a: "1" }
  token: { $env: TOKEN_OF_NORTH }
connections: {}
`;

function prepared(t) {
  const world = new World();
  const file = world.write;
  const sluice = (...args) => new Promise((done) => {
    const env = { ...process.env, TOKEN_OF_NORTH: "hunter2" };
    execFile(resolve(process.env.SLUICE_BIN), args, { timeout: 60_000, cwd: world.folder, env },
      (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
  });
  return { world, file, sluice };
}

test("wrong values are told all at once, each with its variable and place", async (t) => {
  const { file, sluice } = prepared(t);
  file("integration.yaml", manifest("1.0.0", "region"));
  file("north.yaml", INSTANCE.replace("region: us", "region: asia").replace("{ id: Id }", "{ subjct: S }")
    .replace('{ a: "1" }', "{ a: 1 }\n  batch: 501\n  since: 2026-01-31"));
  const { code, stdout } = await sluice("check", "integration.yaml", "north.yaml", "--json");
  assert.equal(code, 1);
  const { problems } = JSON.parse(stdout);
  const told = (line) => problems.filter((one) => one.line === line).map((one) => one.message);
  assert.deepEqual(told(5), ['config.region must be one of its options, not "asia"']);
  assert.deepEqual(told(6), ['config.fields has no field "subjct"', "config.fields.id is required"]);
  assert.deepEqual(told(7), ["config.extra: a value must be text, not a number"]);
  assert.deepEqual(told(8), ["config.batch must be a whole number from 1 to 500, not 501"]);
  assert.deepEqual(told(9), ['config.since must be a time like 2026-01-31T08:00:00Z, not "2026-01-31"']);
  assert.equal(problems.length, 6);
  assert.ok(problems.every((one) => one.file.endsWith("north.yaml")));

  file("tests/values.yaml", `tests:
  - name: wrong
    flow: show
    config: { region: asia, token: hunter2 }
    outcome: { output: {} }
`);
  const tested = await sluice("test", ".");
  assert.equal(tested.code, 1);
  assert.match(tested.stdout, /values\.yaml:4:\d+: config\.region must be one of its options, not "asia"/);
  assert.match(tested.stdout, /values\.yaml:4:\d+: config\.token must match k-\[0-9\]\+ \(write k- and digits\)/);
  assert.ok(!tested.stdout.includes("hunter2"));
});

test("the form has the pages, and for customers only what is theirs", async (t) => {
  const { file, sluice } = prepared(t);
  file("integration.yaml", manifest("1.0.0", "region"));
  const names = async (...args) => {
    const { code, stdout, stderr } = await sluice("config", "form", "integration.yaml", ...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).pages.map((page) => [page.title, page.variables.map((one) => one.name)]);
  };
  assert.deepEqual(await names(),
    [["Where", ["region"]], [undefined, ["since", "batch", "fields", "extra", "token"]]]);
  assert.deepEqual(await names("--visibility", "customer"),
    [["Where", ["region"]], [undefined, ["since", "fields", "extra", "token"]]]);
  assert.equal((await sluice("config", "form", "integration.yaml", "--visibility", "x")).code, 2);
});

test("an upgrade that renames a variable keeps its value, and flows see one form of each", async (t) => {
  const { world, file, sluice } = prepared(t);
  const integration = file("integration.yaml", manifest("1.0.0", "region"));
  const instance = file("north.yaml", INSTANCE);
  await world.start(t, { connectors: [], apply: [integration, instance], env: { TOKEN_OF_NORTH: "k-7" } });
  const show = async () => (await world.post({ headers: {}, body: "" }, world.hooks().show)).body;
  const rest = { since: "2026-01-31T06:00:00Z", batch: 100, fields: { id: "Id" },
                 extra: [{ key: "a", value: "1" }] };
  assert.deepEqual(await show(), { region: "us", ...rest });
  await world.stopCleanly();

  file("integration.yaml", manifest("2.0.0", "zone", "renamed: { config: { region: zone } }\n"));
  const checked = await sluice("check", "integration.yaml", "north.yaml");
  assert.equal(checked.code, 0);
  assert.match(checked.stdout, /warning: north\.yaml:5:\d+: config\.region is called config\.zone now/);
  await world.startHost();
  assert.deepEqual(await show(), { zone: "us", ...rest });
  await world.stopCleanly();

  // What the environment gives is checked, too, and not told.
  const wrong = await sluice("serve", "--data", world.data, "--plugins", world.plugins,
    "--apply", integration, "--apply", instance, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /north\.yaml:8:\d+: config\.token must match k-\[0-9\]\+/);
  assert.ok(!wrong.stderr.includes("hunter2"));
});

test("a picklist asks the connector what it offers", async (t) => {
  const { world, file, sluice } = prepared(t);
  const integration = file("integration.yaml", `manifest: "1"
integration: { namespace: test, name: lists, version: 1.0.0 }
connectors: { your-app: "*" }
connections: { app: { connector: your-app, type: apiKey } }
config:
  collection: { type: string }
  tariff: { type: picklist, options: [ small, large ], visibility: organization }
  record:
    type: picklist
    source:
      call: your-app.listRecords
      with: { connection: app, collection: "\${ $config.collection }" }
      as: "[.items[] | { value: .externalId, label: .title }]"
flows:
  fill:
    trigger: { webhook: { respond: { mode: result, within: PT60S } } }
    do:
      - one:
          call: your-app.createRecord
          with: { connection: app, collection: doors, externalId: front, fields: { title: "The front door" } }
`);
  const instance = file("north.yaml", `instance: north
customer: north
integration: test/lists
connections: { app: { type: apiKey, baseUrl: { $env: YOUR_APP_URL }, apiKey: { $env: YOUR_APP_KEY } } }
`);
  await world.start(t, { connectors: ["your-app"], apply: [integration, instance] });
  const filled = await world.post({ headers: {}, body: "" }, world.hooks().fill);
  assert.equal(filled.status, 200, JSON.stringify(filled.body));
  const admin = ["--admin", world.adminUrl, "--token-file", file("admin.token", world.adminToken)];
  chmodSync(join(world.folder, "admin.token"), 0o600);

  const needs = await sluice("config", "options", "north", "record", ...admin);
  assert.equal(needs.code, 1);
  assert.match(needs.stderr, /depend on collection, which has no value yet/);
  const listed = await sluice("config", "options", "north", "record", "collection=doors", "--json", ...admin);
  assert.equal(listed.code, 0, listed.stderr);
  assert.deepEqual(JSON.parse(listed.stdout),
    { variable: "record", options: [{ value: "front", label: "The front door" }] });
  assert.match((await sluice("config", "options", "north", "record", "collection=doors", ...admin)).stdout,
    /front +The front door/);
  // What only the organization sets, customers are not offered.
  assert.match((await sluice("config", "options", "north", "tariff", ...admin)).stdout, /small +small/);
  const bound = await sluice("token", "create", "--name", "north", "--scope", "deploy", "--customer", "north", ...admin);
  assert.equal(bound.code, 0, bound.stderr);
  const customers = ["--admin", world.adminUrl, "--token-file", file("north.token", bound.stdout)];
  chmodSync(join(world.folder, "north.token"), 0o600);
  assert.equal((await sluice("config", "options", "north", "record", "collection=doors", ...customers)).code, 0);
  const hidden = await sluice("config", "options", "north", "tariff", ...customers);
  assert.equal(hidden.code, 1);
  assert.match(hidden.stderr, /there is no variable tariff/);
  const broken = await sluice("config", "options", "north", "record", "collection=no/such", ...admin);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /your-app\.listRecords: /);
});
