// Connections that a customer's instances share, against a real OpenID provider: one authorization
// and one refresh for all of them, over kills and a restore; operated by their owner alone; changed
// and removed with all who use them, or not at all.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { MACHINE, PERSON, browse, startProvider } from "../oidc.mjs";
import { CALLBACK, PUBLIC, accountIntegration } from "./account.mjs";
import { asAdmin, commandsFor } from "./commands.mjs";
import { World } from "./world.mjs";

const INTEGRATION = accountIntegration("shared");
const PERSONS = `baseUrl: { $env: PROVIDER }, clientId: ${PERSON.id}, clientSecret: { $file: ../person.secret }`;
const CUSTOMER = `customer: acme
title: Acme Inc.
connections:
  account: { connector: account, type: person, ${PERSONS} }
`;
const ORGANIZATION = `organization: { title: Example Software }
connections:
  robot: { connector: account, type: machine, baseUrl: { $env: PROVIDER }, clientId: ${MACHINE.id}, clientSecret: { $env: MACHINE_SECRET } }
`;
const instance = (name, customer, me) => `instance: ${name}
customer: ${customer}
integration: test/shared
connections:
  me: ${me}
  robot: { $shared: organization/robot }
`;
const SHARED = "{ $shared: customer/account }";

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function start(t) {
  const provider = await startProvider({ redirectUri: CALLBACK });
  t.after(() => provider.close());
  const world = new World();
  const file = world.write;
  file("person.secret", `${PERSON.secret}\n`);
  world.addConnector("account", join(resolve(process.env.SLUICE_BUILD), "tests/connectors"));
  await world.start(t, {
    connectors: [],
    apply: [file("shared.yaml", INTEGRATION), file("customers/acme.yaml", CUSTOMER),
            file("organization.yaml", ORGANIZATION), file("one.yaml", instance("one", "acme", SHARED)),
            file("two.yaml", instance("two", "acme", SHARED)),
            file("other.yaml", instance("other", "globex", `{ type: person, baseUrl: { $env: PROVIDER }, clientId: x, clientSecret: { $env: MACHINE_SECRET } }`))],
    arguments: ["--public-url", PUBLIC, "--allow-egress", new URL(provider.url).host],
    env: { PROVIDER: provider.url, MACHINE_SECRET: MACHINE.secret },
  });
  const admin = world.adminToken;  // the first start alone says it
  const sluice = commandsFor(world);
  const ask = async (method, path, token = admin, body = undefined) => {
    const response = await fetch(`${world.adminUrl}/api/v1${path}`, {
      method, body: body && JSON.stringify(body), headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    return { status: response.status, text, body: text ? JSON.parse(text) : null };
  };
  const token = async (bound) => (await ask("POST", "/tokens", admin, {
    name: "test", scopes: ["read", "operate", "deploy"], ...bound })).body.token;
  const run = (name, flow) => world.post({ headers: {}, body: "{}" },
    `${world.url}${new URL(world.hooksByInstance()[name][flow]).pathname}`);
  const account = async () => (await ask("GET", "/customers/acme/connections")).body.items[0];
  const authorize = async (by) => {
    const { status, body } = await ask("POST", "/customers/acme/connections/account/authorize", by);
    assert.equal(status, 200, JSON.stringify(body));
    const back = await browse(body.url, { callback: CALLBACK });
    const response = await fetch(back.replace(PUBLIC, world.url));
    const page = await response.text();
    assert.equal(response.status, 200, page);
    return page;
  };
  // Whoever needs the access token after this has to refresh it; what comes then is good for long.
  const expired = () => provider.outlive(
    async () => assert.equal((await run("one", "person")).status, 200), async () => (await account()).expires);
  return { provider, world, file, ask, token, run, account, authorize, expired, sluice };
}

// Nothing that the provider gave or was given lies in a file of the host's, nor in its backup.
function assertNoSecret({ world, provider }) {
  const secrets = [...provider.secrets, PERSON.secret, MACHINE.secret];
  assert.ok(secrets.length >= 4, "there are secrets");
  for (const file of filesBelow(world.folder).filter((name) => !name.endsWith("person.secret"))) {
    const content = readFileSync(file);
    for (const secret of secrets) assert.ok(!content.includes(secret), `${secret} in ${file}`);
  }
}

test("one authorization and one refresh serve all instances of a customer", async (t) => {
  const at = await start(t);
  const { provider, world, ask, token, run, account, authorize, expired, sluice } = at;
  const acme = await token({ customer: "acme" });
  const globex = await token({ customer: "globex" });
  const one = await token({ instance: "one" });

  const waiting = await run("one", "person");
  assert.equal(waiting.status, 401, JSON.stringify(waiting.body));
  assert.match(waiting.body.detail, /customer "acme" is not authorized yet.*connection authorize --customer acme account/);

  // Only who has the customer reaches what is the customer's.
  const nobodys = await ask("GET", "/executions/xyz");
  for (const [who, expected] of [[globex, 404], [one, 404]]) {
    for (const [method, path] of [["GET", ""], ["POST", "/account/authorize"], ["POST", "/account/test"],
                                  ["POST", "/account/disconnect"]]) {
      const told = await ask(method, `/customers/acme/connections${path}`, who);
      assert.deepEqual([told.status, told.text], [expected, nobodys.text], path);
    }
    assert.equal((await ask("GET", "/customers/acme", who)).status, 404);
  }
  assert.equal((await ask("POST", "/organization/connections/robot/disconnect", acme)).status, 404);
  const seen = (await ask("GET", "/instances/one/connections", one)).body.items;
  assert.deepEqual(seen.map(({ name, shared, state }) => [name, shared, state]),
    [["me", "customer/account", "pending"], ["robot", "organization/robot", "pending"]]);
  assert.equal((await ask("POST", "/instances/one/connections/me/authorize", one)).status, 409);

  assert.match(await authorize(acme), /account of customer &quot;acme&quot; is authorized/);
  for (const name of ["one", "two"]) {
    const told = await run(name, "person");
    assert.equal(told.status, 200, JSON.stringify(told.body));
    assert.equal(told.body.sub, "ada");
  }
  assert.equal(provider.count("authorization_code"), 1);
  assert.equal((await run("other", "person")).status, 401, "another customer's is its own");

  for (let round = 0; round < 2; ++round) {
    await expired();
    const before = provider.count("refresh_token");
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => run(i % 2 ? "one" : "two", "person")));
    assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
    assert.equal(provider.count("refresh_token") - before, 1, "one refresh for all");
    await world.killHost();
    await world.startHost({ apply: [] });  // what is kept is enough
  }
  const machines = await Promise.all(["one", "two", "other"].map((name) => run(name, "machine")));
  assert.deepEqual(machines.map(({ body }) => body.client), Array(3).fill(MACHINE.id));
  assert.equal(provider.count("client_credentials"), 1, "one for all customers");
  assert.ok(provider.tokenRequests.every(({ status }) => status === 200), JSON.stringify(provider.tokenRequests));

  // A backup has customers, too; what it is restored into goes on with their tokens.
  await authorize(acme);
  const backup = join(world.folder, "backup.tar");
  const taken = await sluice("backup", "--data", world.data, "--to", backup);
  assert.equal(taken.code, 0, taken.stderr);
  await world.killHost();
  const key = join(world.data, "master.key");
  const restored = join(world.folder, "restored");
  const back = await sluice("restore", "--from", backup, "--data", restored, "--master-key-file", key);
  assert.equal(back.code, 0, back.stderr);
  copyFileSync(key, join(restored, "master.key"));
  world.data = restored;
  await world.startHost();
  const requests = provider.tokenRequests.length;
  assert.equal((await run("two", "person")).status, 200);
  assert.equal(provider.tokenRequests.length, requests, "with the token that was kept");

  // The customer ends it, for all.
  assert.equal((await ask("POST", "/customers/acme/connections/account/disconnect", globex)).status, 404);
  assert.equal((await account()).state, "active");
  const ended = await ask("POST", "/customers/acme/connections/account/disconnect", acme);
  assert.deepEqual([ended.status, ended.body], [200, { revoked: true }]);
  for (const name of ["one", "two"]) assert.equal((await run(name, "person")).status, 401);
  assertNoSecret(at);
  await world.stopCleanly();
});

test("customers are applied, changed and removed with the commands, all or nothing", async (t) => {
  const at = await start(t);
  const { world, file, ask, run, authorize, sluice } = at;
  const admin = asAdmin(world);
  const command = (...args) => sluice(...args, ...admin);
  const succeeds = async (...args) => {
    const told = await command(...args);
    assert.equal(told.code, 0, told.stderr + told.stdout);
    return told.stdout;
  };

  assert.match(await succeeds("customer", "list"), /acme +Acme Inc\. +2\nglobex +- +1\n/);
  assert.match(await succeeds("customer", "show", "acme"), /account +account +person +one two/);
  assert.match(await succeeds("instance", "show", "one"), /connections\.me +shared: customer\/account/);
  assert.match(await succeeds("connection", "list", "--customer", "acme"), /account +account +person +pending +-/);
  assert.match(await succeeds("connection", "list", "one"), /me +account +person +pending +customer\/account/);
  assert.match(await succeeds("connection", "test", "--organization", "robot"), new RegExp(MACHINE.id));
  assert.match(await succeeds("connection", "authorize", "--customer", "acme", "account"), /^http/);
  const elsewhere = await command("connection", "authorize", "one", "me");
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stderr, /--customer acme account/);
  assert.equal((await command("connection", "list", "--customer", "acme", "one")).code, 2);
  assert.equal((await command("connection", "test", "one")).code, 2);
  const doctor = await command("doctor");
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /"account" of customer "acme", which 2 instances share, is not authorized yet\n +sluice connection authorize --customer acme account/);
  await authorize();
  assert.doesNotMatch((await command("doctor")).stdout, /of customer "acme"/);

  // The same again is nothing; what changes is said; what is in use does not go.
  const customer = join(world.folder, "customers/acme.yaml");
  assert.match(await succeeds("apply", "-f", customer), /0 of 1 changed/);
  file("customers/acme.yaml", CUSTOMER.replace("Acme Inc.", "Acme & Sons"));
  const plan = await command("plan", "-f", customer);
  assert.equal(plan.code, 2);
  assert.match(plan.stdout, /update customer acme\n +its title is "Acme & Sons", not "Acme Inc\." any more\n1 of 1 would change/);
  await succeeds("apply", "-f", customer);
  file("customers/acme.yaml", CUSTOMER.replace("  account:", "  renamed:"));
  const refused = await command("apply", "-f", customer);
  assert.equal(refused.code, 1);
  for (const name of ["one", "two"]) {
    assert.match(refused.stderr, new RegExp(`customers/acme\\.yaml:4:3: the instance "${name}" uses it: customer "acme" has no connection "account"`));
  }
  assert.equal((await run("one", "person")).status, 200, "nothing has changed");
  const renamed = (name) => file(`${name}.yaml`, instance(name, "acme", "{ $shared: customer/renamed }"));
  await succeeds("apply", "-f", customer, "-f", renamed("one"), "-f", renamed("two"), "--wait");
  assert.equal((await run("one", "person")).status, 401, "another connection is to be authorized");

  // Checked without a host, as far as the files go.
  const check = (...files) => sluice("check", join(world.folder, "shared.yaml"), ...files);
  assert.equal((await check(join(world.folder, "one.yaml"))).code, 0);
  assert.equal((await check(join(world.folder, "one.yaml"), customer)).code, 0);
  const wrong = file("wrong.yaml", instance("wrong", "acme", "{ $shared: customer/renamd }"));
  const found = await check(wrong, customer);
  assert.equal(found.code, 1);
  assert.match(found.stdout + found.stderr, /wrong\.yaml:5:\d+.*customer "acme" has no connection "renamd" \(did you mean "renamed"\?\)/s);

  const again = file("again.yaml", "customer: acme\ntitle: Once more\n");
  const twice = await check(customer, again);
  assert.equal(twice.code, 1);
  assert.match(twice.stdout + twice.stderr, /again\.yaml.*there are two files of customer "acme"/s);

  // Gone, with its key and its tokens.
  const stays = await command("customer", "remove", "acme");
  assert.equal(stays.code, 1);
  assert.match(stays.stderr, /has the instances one, two and stays/);
  for (const name of ["one", "two"]) await succeeds("instance", "remove", name, "--wait");
  assert.match(await succeeds("customer", "remove", "acme"), /removed customer acme/);
  assert.doesNotMatch(await succeeds("customer", "list"), /acme/);
  const audit = (await ask("GET", "/audit")).body.items;
  assert.ok(audit.some(({ action, object, status }) =>
    action === "DELETE /customers/{name}" && object === "acme" && status === 204));
  assertNoSecret(at);
  await world.stopCleanly();
});
