// The simulator is faithful: GitHub's own client works against it, and each of its answers fits
// GitHub's OpenAPI description.
import { Octokit } from "@octokit/rest";
import { verify } from "@octokit/webhooks-methods";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, test } from "node:test";
import { checkAnswer, checkRequest } from "./github-contract.mjs";
import { startGithub } from "./github-simulator.mjs";

const repo = { owner: "octo", repo: "hello" };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
let github;
let octokit;
const receivers = [];

// Octokit on the simulator, each exchange checked by the description.
function client(auth = "test-token") {
  const result = new Octokit({ auth, baseUrl: github.url, log: silent });
  result.hook.after("request", (response) => {
    const { method, path, body } = github.requests.at(-1);
    checkRequest(method, path, body === "" ? undefined : JSON.parse(body));
    checkAnswer(method, path, response.status, response.data);
  });
  return result;
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    if (error.status === undefined) throw error;
    return error;
  }
  return assert.fail("GitHub would have refused this");
}

async function startReceiver(status = () => 202) {
  const received = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(status(received.length)).end("seen");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  receivers.push(server);
  return { received, url: `http://127.0.0.1:${server.address().port}/hook` };
}

describe("github simulator", () => {
  beforeEach(async () => {
    github = await startGithub({ repositories: ["octo/hello"] });
    octokit = client();
  });
  afterEach(async () => {
    await github.close();
    for (const server of receivers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  test("shows a repository", async () => {
    const { data } = await octokit.repos.get(repo);
    assert.equal(data.full_name, "octo/hello");
  });

  test("shows whose token it is", async () => {
    const { data } = await octokit.users.getAuthenticated();
    assert.equal(data.login, "octocat");
  });

  test("creates, gets and updates an issue", async () => {
    const created = await octokit.issues.create({
      ...repo, title: "It broke", body: "Badly", labels: ["bug"], assignees: ["hubot"] });
    assert.equal(created.status, 201);
    assert.equal(created.data.number, 1);
    assert.equal(created.data.assignee.login, "hubot");
    const closed = await octokit.issues.update({
      ...repo, issue_number: 1, state: "closed", state_reason: "not_planned" });
    assert.equal(closed.data.state_reason, "not_planned");
    assert.notEqual(closed.data.closed_at, null);
    const { data } = await octokit.issues.get({ ...repo, issue_number: 1 });
    assert.equal(data.state, "closed");
    assert.deepEqual(data.labels.map((label) => label.name), ["bug"]);
  });

  test("pages a long list through Link headers", async () => {
    for (let i = 1; i <= 23; ++i) await octokit.issues.create({ ...repo, title: `Issue ${i}` });
    await octokit.issues.update({ ...repo, issue_number: 7, state: "closed" });
    const open = await octokit.paginate(octokit.issues.listForRepo, { ...repo, per_page: 5 });
    assert.equal(open.length, 22);
    const all = await octokit.paginate(octokit.issues.listForRepo,
                                       { ...repo, state: "all", per_page: 10 });
    assert.deepEqual(all.map((issue) => issue.number).sort((a, b) => a - b),
                     Array.from({ length: 23 }, (_, i) => i + 1));
    const first = await octokit.issues.listForRepo({ ...repo, per_page: 5 });
    assert.match(first.headers.link, /\/repositories\/\d+\/issues\?.*page=2>; rel="next", .*rel="last"/);
    assert.equal((await octokit.issues.listForRepo({ ...repo, state: "closed" })).headers.link, undefined);
  });

  test("filters issues by label and time", async () => {
    await octokit.issues.create({ ...repo, title: "a", labels: ["bug", "ui"] });
    await octokit.issues.create({ ...repo, title: "b", labels: ["bug"] });
    const both = await octokit.issues.listForRepo({ ...repo, labels: "bug,ui" });
    assert.deepEqual(both.data.map((issue) => issue.title), ["a"]);
    const later = await octokit.issues.listForRepo({ ...repo, since: "2199-01-01T00:00:00Z" });
    assert.deepEqual(later.data, []);
  });

  test("creates and lists comments", async () => {
    await octokit.issues.create({ ...repo, title: "It broke" });
    for (const body of ["one", "two", "three"]) {
      await octokit.issues.createComment({ ...repo, issue_number: 1, body });
    }
    const all = await octokit.paginate(octokit.issues.listComments,
                                       { ...repo, issue_number: 1, per_page: 2 });
    assert.deepEqual(all.map((comment) => comment.body), ["one", "two", "three"]);
    assert.equal((await octokit.issues.get({ ...repo, issue_number: 1 })).data.comments, 3);
  });

  test("delivers signed events to a webhook", async () => {
    const receiver = await startReceiver();
    const secret = "It's a Secret to Everybody";
    const { data: hook } = await octokit.repos.createWebhook({
      ...repo, events: ["issues", "issue_comment"],
      config: { url: receiver.url, content_type: "json", secret } });
    assert.equal(hook.config.secret, "********");
    await octokit.issues.create({ ...repo, title: "Grüße" });
    await octokit.issues.update({ ...repo, issue_number: 1, title: "Greetings", state: "closed" });
    await octokit.issues.createComment({ ...repo, issue_number: 1, body: "done" });
    await github.deliveries.settle();
    const seen = receiver.received.map(({ headers, body }) =>
      [headers["x-github-event"], JSON.parse(body).action].join(" ").trim());
    assert.deepEqual(seen.sort(), ["issue_comment created", "issues closed", "issues edited",
                                   "issues opened", "ping"]);
    for (const { headers, body } of receiver.received) {
      assert.ok(await verify(secret, body, headers["x-hub-signature-256"]));
      assert.match(headers["x-github-delivery"], /^[0-9a-f-]{36}$/);
    }
  });

  test("lists, shows and deletes webhooks", async () => {
    const receiver = await startReceiver();
    const config = { url: receiver.url, content_type: "json" };
    const { data: hook } = await octokit.repos.createWebhook({ ...repo, events: ["issues"], config });
    const again = await refusal(octokit.repos.createWebhook({ ...repo, events: ["issues"], config }));
    assert.equal(again.status, 422);
    assert.equal(again.response.data.errors[0].message, "Hook already exists on this repository");
    assert.equal((await octokit.paginate(octokit.repos.listWebhooks, repo)).length, 1);
    assert.equal((await octokit.repos.getWebhook({ ...repo, hook_id: hook.id })).data.id, hook.id);
    const deleted = await octokit.repos.deleteWebhook({ ...repo, hook_id: hook.id });
    assert.equal(deleted.status, 204);
    assert.deepEqual((await octokit.repos.listWebhooks(repo)).data, []);
  });

  test("lists failed deliveries and delivers them again under the same id", async () => {
    let broken = true;
    const receiver = await startReceiver(() => (broken ? 503 : 202));
    const { data: hook } = await octokit.repos.createWebhook({
      ...repo, events: ["issues"], config: { url: receiver.url, content_type: "json" } });
    for (const title of ["a", "b", "c"]) await octokit.issues.create({ ...repo, title });
    await github.deliveries.settle();
    const of = { ...repo, hook_id: hook.id };
    const failed = await octokit.paginate(octokit.repos.listWebhookDeliveries,
                                          { ...of, status: "failure", per_page: 3 });
    assert.equal(failed.length, 4);
    broken = false;
    const newest = failed[0];
    const detail = await octokit.repos.getWebhookDelivery({ ...of, delivery_id: newest.id });
    assert.equal(detail.data.request.payload.issue.title, "c");
    assert.equal(detail.data.response.payload, "seen");
    const again = await octokit.repos.redeliverWebhookDelivery({ ...of, delivery_id: newest.id });
    assert.equal(again.status, 202);
    await github.deliveries.settle();
    const [latest] = (await octokit.repos.listWebhookDeliveries(of)).data;
    assert.deepEqual([latest.guid, latest.redelivery, latest.status],
                     [newest.guid, true, "OK"]);
  });

  test("refuses wrong and missing credentials", async () => {
    assert.equal((await refusal(client("wrong").repos.get(repo))).status, 401);
    assert.equal((await refusal(client(null).repos.get(repo))).status, 401);
  });

  test("says what is not there", async () => {
    const cases = [
      octokit.repos.get({ owner: "octo", repo: "other" }),
      octokit.issues.get({ ...repo, issue_number: 99 }),
      octokit.repos.deleteWebhook({ ...repo, hook_id: 99 }),
    ];
    for (const promise of cases) {
      const error = await refusal(promise);
      assert.equal(error.status, 404);
      checkAnswer(error.response.url.includes("/hooks/") ? "DELETE" : "GET",
                  error.response.url.slice(github.url.length), 404, error.response.data);
    }
  });

  test("refuses malformed input by name", async () => {
    const blank = await refusal(octokit.issues.create({ ...repo, title: " " }));
    assert.deepEqual(blank.response.data.errors,
                     [{ resource: "Issue", code: "missing_field", field: "title" }]);
    checkAnswer("POST", "/repos/octo/hello/issues", 422, blank.response.data);
    const state = await refusal(octokit.request("GET /repos/octo/hello/issues?state=ajar"));
    assert.equal(state.status, 422);
    const broken = await fetch(`${github.url}/repos/octo/hello/issues`, {
      method: "POST", body: "{", headers: { authorization: "Bearer test-token" } });
    assert.equal(broken.status, 400);
    checkAnswer("POST", "/repos/octo/hello/issues", 400, await broken.json());
  });

  test("answers 410 where issues are disabled and 301 after a rename", async () => {
    github.addRepository("octo/quiet", { hasIssues: false });
    const gone = await refusal(octokit.issues.create({ owner: "octo", repo: "quiet", title: "x" }));
    assert.equal(gone.status, 410);
    github.renameRepository("octo/hello", "hallo");
    const moved = await octokit.repos.get(repo); // the client follows
    assert.equal(moved.data.full_name, "octo/hallo");
  });

  test("limits the rate", async () => {
    github.setRateLimit({ limit: 60, remaining: 1, resetSeconds: 120 });
    await octokit.repos.get(repo);
    const limited = await refusal(octokit.repos.get(repo));
    assert.equal(limited.status, 403);
    assert.equal(limited.response.headers["x-ratelimit-remaining"], "0");
    const wait = Number(limited.response.headers["x-ratelimit-reset"]) - Date.now() / 1000;
    assert.ok(wait > 60 && wait <= 121, `${wait}`);
    github.setRateLimit({ remaining: 100, resetSeconds: 120 });
    github.failNext({ status: 429, headers: { "retry-after": "7" } });
    assert.equal((await refusal(octokit.repos.get(repo))).response.headers["retry-after"], "7");
    await octokit.repos.get(repo);
  });

  test("answers 304 to a known ETag", async () => {
    const { headers } = await octokit.repos.get(repo);
    const same = await refusal(octokit.repos.get({ ...repo, headers: { "if-none-match": headers.etag } }));
    assert.equal(same.status, 304);
  });

  test("is judged by a description that notices a missing member", async () => {
    const { data } = await octokit.repos.get(repo);
    const { node_id: _, ...rest } = data;
    assert.throws(() => checkAnswer("GET", "/repos/octo/hello", 200, rest), /node_id/);
    assert.throws(() => checkRequest("GET", "/repos/octo/hello/issues?stat=open"), /unknown.*stat/);
  });

  test("breaks connections when told to", async () => {
    github.failNext({ destroy: true });
    await assert.rejects(octokit.repos.get(repo));
  });
});
