// Connections whose OAuth the host runs, against a real OpenID provider: authorized by a person,
// refreshed with rotation, across kills; client credentials; what the provider takes back; and no
// token, code or client secret in any file.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { MACHINE, PERSON, browse, startProvider } from "../oidc.mjs";
import { CALLBACK, PUBLIC, accountIntegration } from "./account.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const INTEGRATION = accountIntegration("oauth");
const INSTANCE = `instance: acme
customer: acme
integration: test/oauth
connections:
  me: { type: person, baseUrl: { $env: PROVIDER }, clientId: ${PERSON.id}, clientSecret: { $env: PERSON_SECRET } }
  robot: { type: machine, baseUrl: { $env: PROVIDER }, clientId: ${MACHINE.id}, clientSecret: { $env: MACHINE_SECRET } }
`;

async function start(t) {
  const provider = await startProvider({ redirectUri: CALLBACK });
  t.after(() => provider.close());
  const world = new World();
  const file = world.write;
  world.addConnector("account", join(resolve(process.env.SLUICE_BUILD), "tests/connectors"));
  await world.start(t, {
    connectors: [], apply: [file("oauth.yaml", INTEGRATION), file("acme.yaml", INSTANCE)],
    arguments: ["--public-url", PUBLIC, "--allow-egress", new URL(provider.url).host],
    env: { PROVIDER: provider.url, PERSON_SECRET: PERSON.secret, MACHINE_SECRET: MACHINE.secret },
  });
  // The first start alone says it.
  const token = world.adminToken;
  const ask = async (method, path) => {
    const response = await fetch(`${world.adminUrl}/api/v1/instances/acme/connections${path}`, {
      method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(30_000) });
    return { status: response.status, body: await response.json() };
  };
  const connection = async (name) => (await ask("GET", "")).body.items.find((one) => one.name === name);
  const run = (flow) => world.post({ headers: {}, body: "{}" },
                                   `${world.url}${new URL(world.hooks()[flow]).pathname}`);
  // Through the public listener, as the browser comes back. {status, page, headers}.
  const comeBack = async (address) => {
    const response = await fetch(address.replace(PUBLIC, world.url), { redirect: "manual" });
    return { status: response.status, page: await response.text(), headers: response.headers };
  };
  const authorize = async () => {
    const { status, body } = await ask("POST", "/me/authorize");
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.redirectUri, CALLBACK);
    const back = await browse(body.url, { callback: CALLBACK });
    const told = await comeBack(back);
    assert.equal(told.status, 200, told.page);
    return back;
  };
  // Whoever needs the access token after this has to refresh it; what comes then is good for long.
  const expired = () => provider.outlive(
    async () => assert.equal((await run("person")).status, 200), async () => (await connection("me")).expires);
  return { provider, world, ask, connection, run, authorize, comeBack, expired, token };
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

// Nothing that the provider gave or was given lies in a file: not in the store, not in the log.
function assertNoSecret({ world, provider }) {
  const secrets = [...provider.secrets, PERSON.secret, MACHINE.secret];
  assert.ok(secrets.length >= 4, "there are secrets");
  for (const file of filesBelow(world.folder)) {
    const content = readFileSync(file);
    for (const secret of secrets) assert.ok(!content.includes(secret), `${secret} in ${file}`);
  }
}

// What a run that failed says of it.
const detail = ({ body }) => `${body.type} ${body.detail}`;

test("a person authorizes a connection, and it stays alive", async (t) => {
  const at = await start(t);
  const { provider, world, ask, connection, run, authorize, comeBack, expired } = at;

  const pending = await run("person");
  assert.equal(pending.status, 401, JSON.stringify(pending.body));
  assert.match(detail(pending), /authentication .*not authorized yet.*sluice connection authorize acme me/);
  assert.equal((await connection("me")).state, "pending");
  assert.equal((await ask("POST", "/robot/authorize")).status, 409, "it needs nobody");
  assert.equal((await ask("POST", "/nothing/authorize")).status, 404);

  // Somebody who does not agree, one who makes an address up, and one who comes twice.
  const { body: begun } = await ask("POST", "/me/authorize");
  const denied = await comeBack(await browse(begun.url, { callback: CALLBACK, agree: false }));
  assert.equal(denied.status, 400);
  assert.match(denied.page, /access_denied/);
  const forged = await comeBack(`${CALLBACK}?state=made-up&code=x`);
  assert.equal(forged.status, 400);
  const { body: again } = await ask("POST", "/me/authorize");
  const state = new URL(again.url).searchParams.get("state");
  const marked = await comeBack(`${CALLBACK}?state=${state}&error=x&error_description=${encodeURIComponent("<script>1</script>")}`);
  assert.match(marked.page, /&lt;script&gt;/);
  assert.match(marked.headers.get("content-security-policy"), /default-src 'none'/);
  assert.equal((await connection("me")).state, "pending");
  const used = await authorize();
  assert.equal((await comeBack(used)).status, 400, "an address counts once");

  const first = await run("person");
  assert.equal(first.status, 200, JSON.stringify(first.body));
  assert.equal(first.body.sub, "ada");
  assert.deepEqual(first.body.given.sort(), ["accessToken", "baseUrl", "clientId", "tokenType", "type"]);
  const shown = await connection("me");
  assert.equal(shown.state, "active");
  assert.ok(Date.parse(shown.expires) > Date.parse(shown.authorized), JSON.stringify(shown));
  assert.equal(shown.trouble, null);

  // Refreshed again and again, also by hosts that know nothing but what is on disk.
  for (let round = 0; round < 3; ++round) {
    await expired();
    const before = provider.count("refresh_token");
    const answers = await Promise.all(Array.from({ length: 8 }, () => run("person")));
    assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
    assert.equal(provider.count("refresh_token") - before, 1, "one refresh for all");
    await world.killHost();
    await world.startHost();
  }
  assert.ok(provider.tokenRequests.every((one) => one.status === 200), JSON.stringify(provider.tokenRequests));
  assertNoSecret(at);
  await world.stopCleanly();
});

test("what a provider takes back shows with its reason, and authorizing heals it", async (t) => {
  const at = await start(t);
  const { provider, world, ask, connection, run, authorize, expired } = at;
  await authorize();
  assert.equal((await run("person")).status, 200);

  // The token is not old: the third party says so, a new one is asked for, the provider refuses.
  await provider.revokeAll();
  const revoked = await run("person");
  assert.equal(revoked.status, 401, JSON.stringify(revoked.body));
  assert.match(detail(revoked), /authentication .*does not work.*invalid_grant.*authorize it again/);
  const broken = await connection("me");
  assert.equal(broken.state, "error");
  assert.match(broken.trouble.reason, /invalid_grant/);
  const asked = provider.tokenRequests.length;
  assert.equal((await run("person")).status, 401);
  assert.equal(provider.tokenRequests.length, asked, "it is not asked again and again");
  const { body: tested } = await ask("POST", "/me/test");
  assert.equal(tested.ok, false);
  assert.match(tested.error, /invalid_grant/);
  await authorize();
  assert.equal((await run("person")).status, 200);
  const { body: healed } = await ask("POST", "/me/test");
  assert.equal(healed.output.sub, "ada");
  assert.equal(healed.output.token, "[redacted]");

  // Killed while a refresh is under way that the provider has carried out.
  await expired();
  const release = provider.hold("refresh_token");
  const before = provider.count("refresh_token");
  const lost = run("person").catch(() => null);
  await waitFor("the refresh", () => provider.count("refresh_token") > before);
  await world.killHost();
  await lost;
  release();
  await world.startHost();
  // The new process may be asking the provider already; it says so when it has heard.
  await waitFor("the lost answer", async () =>
    /was lost/.test((await connection("me")).trouble?.reason ?? ""));
  const after = await run("person");
  assert.equal(after.status, 401, JSON.stringify(after.body));
  assert.match(detail(after), /was lost.*does not take the old refresh token/);
  assert.equal((await connection("me")).state, "error");
  await authorize();
  assert.equal((await run("person")).status, 200);

  // Disconnected: revoked there, gone here.
  const { status, body } = await ask("POST", "/me/disconnect");
  assert.equal(status, 200);
  assert.deepEqual(body, { revoked: true });
  assert.equal((await connection("me")).state, "pending");
  assert.match(detail(await run("person")), /not authorized yet/);
  assertNoSecret(at);
  await world.stopCleanly();
});

test("client credentials fetch tokens by themselves, and the commands show it", async (t) => {
  const at = await start(t);
  const { provider, world, connection, run, token } = at;
  assert.equal((await connection("robot")).state, "pending");
  const answers = await Promise.all(Array.from({ length: 8 }, () => run("machine")));
  for (const { status, body } of answers) {
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.client, MACHINE.id);
  }
  assert.equal(provider.count("client_credentials"), 1);
  await world.killHost();
  await world.startHost();
  assert.equal((await run("machine")).status, 200);
  assert.equal(provider.count("client_credentials"), 1, "the token outlives the process");

  const command = (...args) => new Promise((done) => {
    execFile(resolve(process.env.SLUICE_BIN), args, {
      env: { ...process.env, SLUICE_TOKEN: token }, timeout: 60_000,
    }, (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }));
  });
  const sluice = (...args) => command("connection", ...args, "--admin", world.adminUrl);
  const listed = await sluice("list", "acme");
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /me +account +person +pending/);
  assert.match(listed.stdout, /robot +account +machine +active/);
  const tested = await sluice("test", "acme", "robot");
  assert.equal(tested.code, 0, tested.stderr);
  assert.match(tested.stdout, new RegExp(MACHINE.id));
  const refused = await sluice("test", "acme", "me");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /not authorized yet/);
  const address = await sluice("authorize", "acme", "me");
  assert.equal(new URL(address.stdout.trim()).origin, provider.url);
  assert.equal(new URL(address.stdout.trim()).searchParams.get("code_challenge_method"), "S256");
  const gone = await sluice("disconnect", "acme", "robot");
  assert.match(gone.stdout, /^disconnected robot of acme/);
  assert.equal((await connection("robot")).state, "pending");
  assert.equal((await sluice("test", "acme", "robot")).code, 0);
  assert.equal(provider.count("client_credentials"), 2);

  // What an instance lacks is found before it is deployed.
  const file = join(world.folder, "lacking.yaml");
  writeFileSync(file, INSTANCE.replace("clientId: sluice-machine, ", ""));
  const checked = await command("check", join(world.folder, "oauth.yaml"), file, "--plugins", world.plugins);
  assert.equal(checked.code, 1);
  assert.match(checked.stdout + checked.stderr, /lacking\.yaml:\d+.*the connection robot lacks `clientId`/);
  writeFileSync(file, INSTANCE.replace("clientId: sluice-machine", "clientID: sluice-machine"));
  const mistyped = await command("check", join(world.folder, "oauth.yaml"), file, "--plugins", world.plugins);
  assert.match(mistyped.stdout + mistyped.stderr, /the connection robot lacks `clientId` \(write clientId in place of clientID\)\n.*clientID: sluice-machine/);

  // With the instance goes what is kept of its connections.
  await world.stopCleanly();
  await world.startHost({ apply: [], arguments: ["--remove", "acme"], hookless: true });
  await waitFor("the removal", () => world.instanceStates().acme === "removed");
  await world.stopCleanly();
  assertNoSecret(at);
});
