// flows/github-tickets, end to end: GitHub's simulator and your app send to one address, which was
// registered at both when the integration was deployed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGithub } from "../github-simulator.mjs";
import { asAdmin, commandsFor } from "./commands.mjs";
import { FrontDoor } from "./front-door.mjs";
import { waitFor } from "./processes.mjs";
import { filesOf, hurried } from "./salesforce-flows.mjs";
import { World } from "./world.mjs";

const REPOSITORY = "octo/hello";
const TOKEN = "ghp_token-of-the-test";

async function start(t, apply = filesOf("github-tickets")) {
  const door = await FrontDoor.open(t);
  const github = await startGithub({ tokens: [TOKEN], repositories: [REPOSITORY] });
  t.after(() => github.close());
  const world = await World.start(t, {
    connectors: ["github", "your-app"], hookless: true, apply,
    arguments: ["--public-url", door.url, "--allow-egress", new URL(github.url).host],
    env: { GITHUB_REPOSITORY: REPOSITORY, GITHUB_URL: github.url, GITHUB_TOKEN: TOKEN },
  });
  door.target = world.url;
  const inGithub = async (method, path, content) => {
    const response = await fetch(`${github.url}/repos/${REPOSITORY}/${path}`, {
      method, headers: { authorization: `Bearer ${TOKEN}`, "user-agent": "test", "content-type": "application/json" },
      ...(content && { body: JSON.stringify(content) }) });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response.status === 204 ? null : response.json();
  };
  const reached = (state) => waitFor(state, () => world.instanceStates().demo === state);
  return { world, door, github, inGithub, reached };
}

test("both senders know one address, each event reaches its flow, and nothing stays registered", async (t) => {
  const { world, door, github, inGithub, reached } = await start(t);
  await reached("deployed");
  const [hook] = await inGithub("GET", "hooks");
  const { webhooks: [ours] } = await world.inApp("GET", "webhooks");
  assert.equal(hook.config.url, ours.url);
  assert.ok(hook.config.url.startsWith(door.url));
  assert.deepEqual([hook.events, ours.events], [["issues"], ["tickets.updated"]]);

  // GitHub's event: a ticket, and a comment.
  const issue = await inGithub("POST", "issues", { title: "It broke" });
  const ticket = await waitFor("the ticket", async () => (await world.tickets()).get(String(issue.id)));
  await waitFor("the comment", async () => (await inGithub("GET", `issues/${issue.number}/comments`)).length === 1);
  const [comment] = await inGithub("GET", `issues/${issue.number}/comments`);
  assert.equal(comment.body, `Tracked as ${ticket.id}\n\n<!-- sluice:${ticket.id} -->`);
  assert.deepEqual([ticket.title, ticket.status, ticket.issueNumber], ["It broke", "open", issue.number]);

  // Your app's event at the same address: the issue is closed, and its echo changes nothing. GitHub
  // answers 403 when it has had enough for a moment.
  github.failNext({ match: /^PATCH .*\/issues\//, status: 403, headers: { "retry-after": "1" },
                    body: { message: "You have exceeded a secondary rate limit." } });
  await world.inApp("PATCH", `tickets/${ticket.id}`, { status: "done" });
  await waitFor("the issue is closed", async () => (await inGithub("GET", `issues/${issue.number}`)).state === "closed");
  await world.settled();
  await waitFor("the echo", async () => (await world.executions()).filter(({ flow }) => flow === "importIssue").length >= 2);
  const all = await world.settled();
  assert.equal((await world.inApp("GET", `tickets/${ticket.id}`)).version, 2);
  assert.ok(all.every(({ state }) => state === "succeeded"), JSON.stringify(all.filter(({ state }) => state !== "succeeded")));

  // What no flow takes, and what nobody signed.
  const kept = all.length;
  assert.equal((await world.post({
    headers: { "content-type": "application/json", "x-github-event": "star" }, body: "{}" }, ours.url)).status, 204);
  const forged = await world.post({
    headers: { "content-type": "application/json", "x-github-event": "issues" }, body: "{}" }, ours.url);
  assert.equal(forged.status, 401);
  assert.equal((await world.executions()).length, kept);

  await world.stopCleanly();
  await world.startHost({ apply: [], arguments: [...world.arguments, "--remove", "demo"] });
  await reached("removed");
  assert.deepEqual(await inGithub("GET", "hooks"), []);
  assert.deepEqual((await world.inApp("GET", "webhooks")).webhooks, []);
  await world.stopCleanly();
});

test("a new public address takes the place of the former one; nothing old comes back over a kill and a replay", async (t) => {
  const { world, door, inGithub, reached } = await start(t);
  const sluice = commandsFor(world);
  await reached("deployed");
  const hooks = async () => [(await inGithub("GET", "hooks")).map(({ config }) => config.url),
                             (await world.inApp("GET", "webhooks")).webhooks.map(({ url }) => url)].flat();
  const [former] = await hooks();

  // The host dies while your app is at work on a ticket.
  await world.setFaults({ delayMs: 2000 });
  const issue = await inGithub("POST", "issues", { title: "It broke" });
  await waitFor("the request", async () => (await world.requestCounts()).byRoute["POST /api/tickets/upsert"] >= 1);
  await world.killHost();
  await world.setFaults({});
  const other = await FrontDoor.open(t);
  await world.startHost({ arguments: world.arguments.map((one) => (one === door.url ? other.url : one)) });
  door.target = undefined;
  other.target = world.url;
  await waitFor("the new address", async () => (await hooks()).every((url) => url.startsWith(other.url)));
  assert.deepEqual(await hooks(), Array(2).fill(former.replace(door.url, other.url)));
  const comments = () => inGithub("GET", `issues/${issue.number}/comments`);
  await waitFor("the comment", async () => (await comments()).length > 0);
  await world.settled();
  assert.equal((await world.records("tickets")).length, 1);
  assert.equal((await comments()).length, 1);

  // An event that failed, replayed when a newer one is stored.
  const failures = async () => (await world.executions()).filter(({ state }) => state === "failed");
  await world.setFaults({ failNext: 1, status: 401 });
  await inGithub("PATCH", `issues/${issue.number}`, { title: "Old" });
  const [failed] = await waitFor("the failure", async () => (await failures()).length > 0 && failures());
  // GitHub's times are whole seconds.
  const { updated_at: before } = await inGithub("GET", `issues/${issue.number}`);
  await waitFor("the next second", () => Date.now() - Date.parse(before) >= 1000);
  await inGithub("PATCH", `issues/${issue.number}`, { title: "New" });
  const title = async () => (await world.tickets()).get(String(issue.id)).title;
  await waitFor("the new title", async () => (await title()) === "New");
  const replayed = await sluice("execution", "replay", failed.id, ...asAdmin(world));
  assert.equal(replayed.code, 0, replayed.stderr);
  const again = replayed.stdout.trim().split(" ").at(-1);
  await world.settled();
  assert.equal((await world.execution(again)).output.done, "overtaken");
  assert.equal(await title(), "New");
  assert.equal((await comments()).length, 1);
  await world.stopCleanly();
});

test("what GitHub could not deliver while the host was down comes by the sweep, once each", async (t) => {
  const { world, door, github, inGithub, reached } = await start(t, hurried(t, "github-tickets", "PT15M"));
  await reached("deployed");
  await world.killHost();
  const issues = [];
  for (let i = 0; i < 3; ++i) issues.push(await inGithub("POST", "issues", { title: `Lost ${i}` }));
  await github.deliveries.settle();
  const [hook] = await inGithub("GET", "hooks");
  const lost = (await inGithub("GET", `hooks/${hook.id}/deliveries`)).filter(({ event }) => event === "issues");
  assert.deepEqual(lost.map(({ status_code }) => status_code), [502, 502, 502]);
  assert.equal((await world.tickets()).size, 0);

  await world.startHost();
  door.target = world.url;
  const comments = async ({ number }) => (await inGithub("GET", `issues/${number}/comments`)).length;
  await waitFor("a ticket and a comment for each", async () =>
    (await Promise.all(issues.map(comments))).every((count) => count >= 1));
  const tickets = await world.tickets();
  assert.deepEqual([...tickets.keys()].sort(), issues.map(({ id }) => String(id)).sort());
  // Two more looks find nothing that failed.
  const sweeps = async () => (await world.executions()).filter(({ flow, state }) => flow === "mend" && state === "succeeded");
  const before = (await sweeps()).length;
  await waitFor("two more sweeps", async () => (await sweeps()).length >= before + 2);
  assert.deepEqual(await Promise.all(issues.map(comments)), [1, 1, 1]);
  assert.equal((await world.executions()).filter(({ flow }) => flow === "importIssue").length, 3);
  await world.stopCleanly();
});
