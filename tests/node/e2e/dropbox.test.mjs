// The Dropbox connector, inside the real host, against the simulator that Dropbox' client has proven
// and that Dropbox' description of its API checks.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { APP, startDropbox } from "../dropbox-simulator.mjs";
import { CALLBACK } from "./account.mjs";
import { livesOn, startPerson } from "./person.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// Each host by itself, so that a request to a wrong one is refused.
async function start(t, setUp = () => {}) {
  const dropbox = await startDropbox();
  t.after(() => dropbox.close());
  dropbox.secondMs = 1;
  setUp(dropbox);
  const { api, content, notify } = dropbox.hosts;
  const world = await World.start(t, {
    connectors: ["dropbox"], apply: [fixture("dropbox.yaml"), fixture("dropbox-instance.yaml")],
    arguments: [api, content, notify].flatMap((url) => ["--allow-egress", new URL(url).host]),
    env: { DROPBOX_TOKEN: dropbox.token(), DROPBOX_API: api, DROPBOX_CONTENT: content,
           DROPBOX_NOTIFY: notify, DROPBOX_SECRET: APP.secret },
  });
  return { dropbox, world, hooks: world.hooks() };
}

async function outputsOf(world, flow, count) {
  const ended = await world.waitForExecutions(flow, count);
  const outputs = [];
  for (const one of ended) {
    assert.equal(one.state, "succeeded", JSON.stringify(one));
    outputs.push((await world.execution(one.id)).output);
  }
  return outputs;
}

test("every action does at Dropbox what it says", async (t) => {
  const { dropbox, world, hooks } = await start(t);
  const { status, body } = await world.post({ headers: {}, body: "{}" }, hooks.all);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body, {
    email: dropbox.account.email ?? body.email, created: [true, false], path: "/done/b.txt", size: 11,
    type: "text/plain", listed: ["Größe", "b.txt", "done", "日本.txt"].sort(), links: [true, false, 1],
    sameLink: true, gone: [true, false], waited: true, changes: ["/done/b.txt"],
  });
  assert.ok(body.email.includes("@"));
  await world.stopCleanly();
});

test("a large file goes up in pieces over faults, and comes back the same", async (t) => {
  const { dropbox, world, hooks } = await start(t);
  const bytes = randomBytes(10 << 20);
  dropbox.failNext({ match: /upload_session\/append/, status: 503 });
  const response = await fetch(hooks.transfer, { method: "POST", body: bytes, signal: AbortSignal.timeout(90_000) });
  const back = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 201, back.subarray(0, 500).toString());
  assert.equal(sha256(back), sha256(bytes));
  const pieces = dropbox.requests.filter(({ path }) => /upload_session\/(start|append)/.test(path));
  assert.equal(pieces.length, 4, "three pieces, one of them twice");
  await world.stopCleanly();
});

test("new files are found once each and moved, over kills", async (t) => {
  const { dropbox, world } = await start(t, ({ account }) => {
    for (let i = 0; i < 10; ++i) account.write(`/in/${i}.csv`, `row ${i}\n`);
  });
  for (let kill = 0; kill < 3; ++kill) {
    await waitFor("some are found", async () =>
      (await world.executions()).filter((one) => one.flow === "found").length > 3 * kill);
    await world.killHost();
    dropbox.account.write(`/in/late-${kill}.csv`, "late\n");
    await world.startHost();
  }
  const outputs = await outputsOf(world, "found", 13);
  const names = [...Array.from({ length: 10 }, (_, i) => `${i}.csv`),
                 ...Array.from({ length: 3 }, (_, i) => `late-${i}.csv`)].sort();
  assert.deepEqual(outputs.map(({ name }) => name).sort(), names);
  await world.stopCleanly();
});

test("a notification makes the flow list what has changed", async (t) => {
  const { dropbox, world, hooks } = await start(t, ({ account }) => {
    for (const name of ["a", "b", "c", "d", "e"]) account.write(`/told/${name}.txt`, name); // pages hold two
  });
  const registered = await dropbox.webhooks.register(hooks.told);
  assert.ok(registered.echoed, JSON.stringify(registered));
  assert.equal(registered.headers["x-content-type-options"], "nosniff");
  assert.match(registered.headers["content-type"], /^text\/plain/);
  assert.equal((await fetch(hooks.told)).status, 401, "a GET without a challenge");

  dropbox.account.write("/told/f.txt", "f");
  const [first] = await outputsOf(world, "told", 1);
  assert.deepEqual(first, { account: dropbox.account.id, names: ["a", "b", "c", "d", "e", "f"].map((name) => `${name}.txt`) });
  dropbox.account.write("/told/g.txt", "g");
  await dropbox.webhooks.settle();
  const all = await outputsOf(world, "told", 2);
  assert.ok(all.some(({ names }) => names.length === 1 && names[0] === "g.txt"), JSON.stringify(all));

  const before = dropbox.webhooks.attempts.length;
  await dropbox.webhooks.notify([dropbox.account], { tamper: true });
  assert.equal(dropbox.webhooks.attempts[before].status, 401, "a wrong signature");
  assert.equal((await world.executions()).filter((one) => one.flow === "told").length, all.length);
  await world.stopCleanly();
});

test("where a name is taken and an answer is lost there is one more of each, and nothing of others is touched", async (t) => {
  const { dropbox, world, hooks } = await start(t, ({ account }) => {
    for (const name of ["a", "b", "taken"]) account.write(`/${name}.csv`, `content of ${name}`);
  });
  const { account } = dropbox;
  // The first name is refused; that of what is made under another one gets lost.
  dropbox.failNext({ match: /move_v2/, lose: true });
  for (const route of [/copy_v2/, /create_folder_v2/]) dropbox.failNext({ match: route, asked: /taken \(/, lose: true });
  dropbox.failNext({ match: /create_folder_v2/, asked: /"\/new"/, lose: true });
  dropbox.failNext({ match: /files\/upload$/, delayMs: 1 });
  dropbox.failNext({ match: /files\/upload$/, lose: true });
  const { status, body } = await world.post({ headers: {}, body: "{}" }, hooks.again);
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.moved, "/taken (1).csv");
  const read = (path) => String(account.read(path));
  assert.equal(read("/taken (1).csv"), "content of a");
  for (const name of ["copied", "uploaded", "made"]) assert.match(body[name], /^\/taken\.[0-9a-f]{16}\.csv$/, name);
  assert.equal(read(body.copied), "content of b");
  assert.equal(read(body.uploaded), "c");
  assert.equal(read("/taken.csv"), "content of taken");
  assert.equal(body.folder.created, true);
  const paths = account.tree.inside("").map((entry) => entry.path).sort();
  assert.deepEqual(paths, ["/b.csv", "/new", "/taken.csv", "/taken (1).csv", body.copied, body.uploaded, body.made].sort());
  await world.stopCleanly();
});

test("a person authorizes the connection, which lives on when its token ends and over a kill", async (t) => {
  const dropbox = await startDropbox();
  t.after(() => dropbox.close());
  dropbox.tokens.allowRedirect(CALLBACK);
  const urls = Object.fromEntries(["apiUrl", "contentUrl", "notifyUrl", "webUrl"].map((key) => [key, dropbox.url]));
  const person = await startPerson(t, {
    connector: "dropbox", type: "oauth2", action: "getCurrentAccount",
    fields: { clientId: APP.key, clientSecret: { $env: "DROPBOX_SECRET" }, ...urls },
    env: { DROPBOX_SECRET: APP.secret }, allow: [dropbox.url] });
  const { searchParams } = await livesOn(person, () => dropbox.tokens.expire(),
    (body) => assert.equal(body.account_id, dropbox.account.id));
  assert.equal(searchParams.get("token_access_type"), "offline");
});
