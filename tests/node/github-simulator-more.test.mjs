// What the simulator has beside issues and webhooks of repositories, proven in the same way: by
// GitHub's own client, each exchange checked by GitHub's description.
import { Octokit } from "@octokit/rest";
import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { checkAnswer, checkRequest } from "./github-contract.mjs";
import { startGithub } from "./github-simulator.mjs";

const repo = { owner: "octo", repo: "hello" };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let github;
let octokit;

function client(auth, checked = true) {
  const result = new Octokit({ auth, baseUrl: github.url, log: silent });
  if (!checked) return result;
  result.hook.after("request", (response) => {
    const { method, path, body } = github.requests.at(-1);
    // The client encodes slashes of a path; GitHub's description has one parameter for it.
    const plain = path.replace(/\/contents\/[^?]+/, "/contents/x");
    checkRequest(method, plain, body === "" ? undefined : JSON.parse(body));
    checkAnswer(method, plain, response.status, response.data);
  });
  return result;
}

async function refusal(promise) {
  const error = await promise.then(() => undefined, (why) => why);
  assert.ok(error?.status, `GitHub would have refused this: ${error}`);
  return error;
}

before(async () => {
  github = await startGithub({ repositories: ["octo/hello"], organizations: ["octo"],
                               apps: [{ id: 12, publicKey, installations: [345] }] });
  octokit = client("test-token");
});
after(() => github.close());

const text = (words) => Buffer.from(words).toString("base64");

test("files are written as commits and read back", async () => {
  const put = await octokit.repos.createOrUpdateFileContents({
    ...repo, path: "docs/guide.md", message: "Begin", content: text("# Guide\n") });
  assert.equal(put.status, 201);
  const got = await octokit.repos.getContent({ ...repo, path: "docs/guide.md" });
  assert.equal(Buffer.from(got.data.content, "base64").toString(), "# Guide\n");
  assert.equal(got.data.sha, put.data.content.sha);
  assert.equal((await octokit.repos.getContent({ ...repo, path: "docs" })).data.length, 1);
  const blob = await octokit.git.getBlob({ ...repo, file_sha: got.data.sha });
  assert.equal(blob.data.size, 8);
  const change = { ...repo, path: "docs/guide.md", message: "Go on", content: text("# More\n") };
  assert.equal((await refusal(octokit.repos.createOrUpdateFileContents(change))).status, 422);
  assert.equal((await refusal(octokit.repos.createOrUpdateFileContents({ ...change, sha: "0".repeat(40) }))).status, 409);
  assert.equal((await octokit.repos.createOrUpdateFileContents({ ...change, sha: got.data.sha })).status, 200);
  assert.equal((await refusal(octokit.repos.getContent({ ...repo, path: "nothing" }))).status, 404);
});

test("pull requests are opened, changed, listed and merged once", async () => {
  github.addBranch("octo/hello", "mend");
  await octokit.repos.createOrUpdateFileContents({ ...repo, path: "mended.txt", message: "m", content: text("x"), branch: "mend" });
  const branches = { ...repo, head: "mend", base: "main" };
  const { data: made } = await octokit.pulls.create({ ...branches, title: "Mend it" });
  assert.equal((await refusal(octokit.pulls.create({ ...branches, title: "Again" }))).status, 422);
  const pull = { ...repo, pull_number: made.number };
  assert.equal((await octokit.pulls.update({ ...pull, title: "Mend it all" })).data.title, "Mend it all");
  assert.equal((await octokit.pulls.list({ ...repo, base: "main" })).data.length, 1);
  assert.deepEqual((await octokit.pulls.listFiles(pull)).data.map(({ filename }) => filename), ["mended.txt"]);
  assert.equal((await refusal(octokit.pulls.merge({ ...pull, sha: "0".repeat(40) }))).status, 409);
  const { data: merged } = await octokit.pulls.merge({ ...pull, sha: made.head.sha });
  assert.equal((await refusal(octokit.pulls.merge(pull))).status, 405);
  const { data: after } = await octokit.pulls.get(pull);
  assert.deepEqual([after.merged, after.merge_commit_sha, after.head.sha], [true, merged.sha, made.head.sha]);
  assert.equal((await octokit.repos.getContent({ ...repo, path: "mended.txt" })).status, 200);
});

test("releases and their files come and go", async () => {
  const { data: release } = await octokit.repos.createRelease({ ...repo, tag_name: "v1", draft: true });
  const one = { ...repo, release_id: release.id };
  assert.equal((await refusal(octokit.repos.getLatestRelease(repo))).status, 404);
  await octokit.repos.updateRelease({ ...one, draft: false });
  assert.equal((await octokit.repos.getLatestRelease(repo)).data.id, release.id);
  assert.equal((await refusal(octokit.repos.createRelease({ ...repo, tag_name: "v1" }))).status, 422);
  // The client takes the address out of the release; a file is no JSON for the checks.
  const { data: sent } = await client("test-token", false).repos.uploadReleaseAsset({
    ...one, name: ".the tool (1).bin", data: "bytes", url: release.upload_url });
  checkAnswer("POST", "/repos/octo/hello/releases/1/assets", 201, sent);
  const { data: assets } = await octokit.repos.listReleaseAssets(one);
  assert.deepEqual(assets.map(({ name, size }) => [name, size]), [["the.tool.1.bin", 5]]);
  assert.equal((await octokit.repos.deleteReleaseAsset({ ...repo, asset_id: sent.id })).status, 204);
  assert.equal((await octokit.repos.listReleases(repo)).data.length, 1);
  assert.equal((await octokit.repos.deleteRelease(one)).status, 204);
});

test("workflows are started by hand", async () => {
  const one = { ...repo, workflow_id: "build.yml" };
  assert.equal((await octokit.actions.createWorkflowDispatch({ ...one, ref: "main", inputs: { a: "b" } })).status, 204);
  assert.equal((await refusal(octokit.actions.createWorkflowDispatch({ ...one, ref: "nowhere" }))).status, 422);
  const { data } = await octokit.actions.listWorkflowRuns({ ...one, status: "completed" });
  assert.equal(data.total_count, 1);
  assert.equal((await octokit.actions.listWorkflowRunsForRepo(repo)).data.total_count, 1);
  const run = await octokit.actions.getWorkflowRun({ ...repo, run_id: data.workflow_runs[0].id });
  assert.equal(run.data.conclusion, "success");
});

test("issues are found and told as events", async () => {
  await octokit.issues.create({ ...repo, title: "The engine smokes" });
  const { data } = await octokit.search.issuesAndPullRequests({ q: "repo:octo/hello is:open smokes" });
  assert.equal(data.total_count, 1);
  assert.equal((await octokit.search.repos({ q: "org:octo hell" })).data.items[0].full_name, "octo/hello");
  // Not checked by the description, which knows an event's payload only as one of many kinds.
  const { data: events } = await client("test-token", false).activity.listRepoEvents(repo);
  assert.equal(events[0].payload.action, "opened");
});

test("webhooks of an organization hear of its repositories", async () => {
  const org = "octo";
  const { data: hook } = await octokit.orgs.createWebhook({
    org, name: "web", config: { url: "http://127.0.0.1:1/hook", content_type: "json" }, events: ["issues"] });
  assert.equal(hook.type, "Organization");
  await octokit.orgs.updateWebhook({ org, hook_id: hook.id, active: true });
  assert.equal((await octokit.orgs.listWebhooks({ org })).data.length, 1);
  await octokit.issues.create({ ...repo, title: "Heard" });
  await github.deliveries.settle();
  const { data: deliveries } = await octokit.orgs.listWebhookDeliveries({ org, hook_id: hook.id });
  assert.ok(deliveries.some(({ event }) => event === "issues"), JSON.stringify(deliveries));
  await octokit.orgs.redeliverWebhookDelivery({ org, hook_id: hook.id, delivery_id: deliveries[0].id });
  await octokit.orgs.deleteWebhook({ org, hook_id: hook.id });
  assert.equal((await refusal(octokit.orgs.listWebhooks({ org: "nobody" }))).status, 404);
});

function statement(claims, key = privateKey) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${body}.${createSign("RSA-SHA256").update(body).sign(key).toString("base64url")}`;
}

test("apps get tokens for statements that are signed and fresh", async () => {
  const now = Math.floor(Date.now() / 1000);
  const good = { iat: now - 60, exp: now + 500, iss: "12" };
  const ask = (jwt, installation_id = 345) => client(jwt).apps.createInstallationAccessToken({ installation_id });
  const { data } = await ask(statement(good));
  assert.equal((await client(data.token).apps.listReposAccessibleToInstallation()).data.total_count, 1);
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  for (const bad of [statement(good, other), statement({ ...good, iss: "13" }), statement({ ...good, iat: now + 100 }),
                     statement({ ...good, exp: now + 700 }), statement({ ...good, exp: now - 1 }), "nothing"]) {
    assert.equal((await refusal(ask(bad))).status, 401);
  }
  assert.equal((await refusal(ask(statement(good), 346))).status, 404);
  github.revokeAppTokens();
  assert.equal((await refusal(client(data.token).apps.listReposAccessibleToInstallation())).status, 401);
});
