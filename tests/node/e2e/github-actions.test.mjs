// The GitHub connector, inside the real host, against the simulator that GitHub's client has proven.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkRequest } from "../github-contract.mjs";
import { startGithub } from "../github-simulator.mjs";
import { CALLBACK } from "./account.mjs";
import { livesOn, startPerson } from "./person.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function start(t, token = "e2e-token") {
  const github = await startGithub({ tokens: [token], repositories: ["octo/hello"], basePath: "/api/v3" });
  t.after(() => github.close());
  const world = await World.start(t, {
    connectors: ["github"],
    apply: [fixture("github-actions.yaml"), fixture("github-actions-instance.yaml")],
    arguments: ["--allow-egress", new URL(github.url).host],
    env: { GITHUB_URL: github.url },
  });
  return { github, world, hooks: world.hooks() };
}

const json = (body) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

test("every action does at GitHub what it says", async (t) => {
  const { github, world, hooks } = await start(t);
  const receiver = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(503).end());
  });
  await new Promise((done) => receiver.listen(0, "127.0.0.1", done));
  t.after(() => { receiver.close(); receiver.closeAllConnections(); });
  const address = `http://127.0.0.1:${receiver.address().port}/hook`;
  const api = { method: "POST", headers: { authorization: "Bearer e2e-token" } };
  for (let i = 1; i <= 299; ++i) {
    await fetch(`${github.url}/repos/octo/hello/issues`, { ...api, body: JSON.stringify({ title: `${i}` }) });
  }
  github.requests.length = 0;

  const { status, body } = await world.post(json({ receiver: address }), hooks.all);
  assert.equal(status, 200, JSON.stringify(body));
  const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  assert.deepEqual(body, {
    user: "octocat", repository: "octo/hello", state: "closed", comments: ["Sorry"], issues: numbers(1, 249),
    more: numbers(250, 300), end: null, hooks: [address],
    failed: body.failed, again: true, deleted: true,
  });
  assert.ok(body.failed.includes("issues"), body.failed.join());

  assert.ok(github.requests.length >= 14, `${github.requests.length}`);
  for (const { method, path, headers, body: sent } of github.requests) {
    checkRequest(method, path, sent === "" ? undefined : JSON.parse(sent));
    assert.equal(headers["x-github-api-version"], "2022-11-28");
    assert.equal(headers.accept, "application/vnd.github+json");
  }
  await world.stopCleanly();
});

test("a rate limit is waited for, as long as GitHub says", async (t) => {
  const { github, world, hooks } = await start(t);
  github.failNext({ status: 429, headers: { "retry-after": "1" } });
  const begun = Date.now();
  const { status } = await world.post(json({ repository: "octo/hello" }), hooks.once);
  assert.equal(status, 200);
  assert.ok(Date.now() - begun >= 1000, "it did not wait");
  assert.equal(github.requests.length, 2);
  await world.stopCleanly();
});

test("refusals reach the caller as what they are, without the token", async (t) => {
  const { github, world, hooks } = await start(t, "another-token");
  const unauthorized = await world.post(json({ repository: "octo/hello" }), hooks.once);
  assert.equal(unauthorized.status, 401, JSON.stringify(unauthorized.body));
  github.failNext({ status: 404, body: { message: "Not Found" } });
  const missing = await world.post(json({ repository: "octo/other" }), hooks.once);
  assert.equal(missing.status, 404, JSON.stringify(missing.body));
  const malformed = await world.post(json({ repository: "octo" }), hooks.once);
  assert.ok(malformed.status >= 400, JSON.stringify(malformed.body));
  const shown = await Promise.all((await world.executions()).map((one) => world.execution(one.id)));
  await world.stopCleanly();
  const said = JSON.stringify([unauthorized, missing, malformed, shown]) + world.wholeHostLog();
  assert.ok(!said.includes("e2e-token"), "a secret got out");
});

test("pull requests, releases, files, workflows and searches, with an app's own tokens", async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const github = await startGithub({ tokens: ["outside"], repositories: ["octo/hello"], organizations: ["octo"],
                                     apps: [{ id: 12, publicKey, installations: [345] }], basePath: "/api/v3" });
  t.after(() => github.close());
  github.addBranch("octo/hello", "mend");
  const key = privateKey.export({ type: "pkcs1", format: "pem" });
  const world = await World.start(t, {
    connectors: ["github"], apply: [fixture("github-more.yaml"), fixture("github-more-instance.yaml")],
    arguments: ["--allow-egress", new URL(github.url).host],
    env: { GITHUB_URL: github.url, GITHUB_APP_KEY: key },
  });
  const bytes = Buffer.alloc(3 << 20, "x");
  const { status, body } = await world.post({ headers: {}, body: bytes }, world.hooks().more);
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(body.swept > 0, "what could not be delivered is sent again");
  assert.deepEqual(body, {
    repositories: 1, commits: [true, true], text: "hello", size: 5, files: ["docs/gr\u00f6\u00dfe.md"], pulls: ["Mend it"],
    merged: [false, true, true], assets: [true, false, bytes.length], latest: "v1", releases: 1,
    gone: [true, false], run: "success", found: 1, named: ["octo/hello"], swept: body.swept, changed: 1,
  });
  const asked = github.requests.filter(({ path }) => path.startsWith("/app/"));
  assert.ok(asked.length <= 2, `${asked.length} tokens for all calls`);
  for (const { method, path, headers, body: sent } of github.requests) {
    if (headers["content-type"] === "application/octet-stream" || path.includes("/releases/") && method === "POST") continue;
    checkRequest(method, path.replace(/\/contents\/[^?]+/, "/contents/x"), sent === "" ? undefined : JSON.parse(sent));
  }

  // The poll finds each change once, and costs nothing while there is none.
  const titles = async () => {
    const found = (await world.executions()).filter(({ flow, state }) => flow === "changed" && state === "succeeded");
    return Promise.all(found.map(async ({ id }) => (await world.execution(id)).output.title));
  };
  await waitFor("both issues", async () => (await titles()).length >= 2);
  github.revokeAppTokens();
  await fetch(`${github.url}/repos/octo/hello/issues`, { method: "POST", body: JSON.stringify({ title: "Later" }),
    headers: { authorization: "Bearer outside", "user-agent": "test" } });
  await waitFor("the later one", async () => (await titles()).includes("Later"));
  assert.deepEqual((await titles()).sort(), ["Heard by the organization", "Later", "The engine smokes"]);
  const shown = await Promise.all((await world.executions()).map((one) => world.execution(one.id)));
  await world.stopCleanly();
  const said = world.wholeHostLog() + JSON.stringify(shown);
  assert.ok(!said.includes("ghs_") && !said.includes("PRIVATE KEY"), "a secret got out");
});

test("a person authorizes the connection, which lives on when its token ends and over a kill", async (t) => {
  const app = { clientId: "Iv1.e2e", clientSecret: "secret-of-the-app", redirectUris: [CALLBACK] };
  const github = await startGithub({ people: [app], repositories: ["octo/hello"], basePath: "/api/v3" });
  t.after(() => github.close());
  const person = await startPerson(t, {
    connector: "github", type: "oauth", action: "getAuthenticatedUser", allow: [github.url],
    fields: { baseUrl: github.url, webUrl: new URL(github.url).origin, clientId: app.clientId,
              clientSecret: { $env: "GITHUB_SECRET" }, scopes: [] },
    env: { GITHUB_SECRET: app.clientSecret },
  });
  await livesOn(person, () => github.revokeAppTokens("ghu_"), ({ login }) => assert.equal(login, "octocat"));
});
