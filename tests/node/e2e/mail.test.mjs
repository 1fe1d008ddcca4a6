// Mail in and out through a real Postfix and a real Dovecot.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DOMAIN, DONE, MailServers, mailServersMissing } from "../mail-servers.mjs";
import { keeper } from "./keeper.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const skip = mailServersMissing();

const idOf = (text) => /^Message-ID: *(<[^>]*>)/im.exec(text)?.[1];

const users = { ada: "s3cr3t", orders: "0rders" };

async function start(t, environment = {}, servers = undefined) {
  servers ??= await MailServers.start(t, users);
  const world = await World.start(t, {
    connectors: ["mail"], apply: [fixture("mail.yaml"), fixture("mail-instance.yaml")],
    env: { MAIL_HOST: servers.host, SMTP_PORT: String(servers.ports.smtp),
           IMAP_PORT: String(servers.ports.imaps), MAIL_CA: servers.ca,
           ADA_PASSWORD: "s3cr3t", ORDERS_PASSWORD: "0rders", ...environment },
  });
  const post = async (flow, body) => {
    const response = await fetch(world.hooks()[flow], {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  return { servers, world, post };
}

test("a file goes out by mail, comes back in, and is the same; what was found is moved away", { skip }, async (t) => {
  const { world, post, servers } = await start(t);
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 8)) & 255));
  const upload = await fetch(world.hooks().send, {
    method: "POST", headers: { "content-type": "application/octet-stream" }, body: bytes });
  const sent = await upload.json();
  assert.equal(upload.status, 200, JSON.stringify(sent) + servers.logs());
  assert.match(sent.messageId, /^<[0-9a-f]{32}@mail\.test>$/);
  assert.deepEqual(sent.accepted, [`orders@${DOMAIN}`]);

  const received = await waitFor("the message's flow", async () =>
    (await world.executions()).find((one) => one.flow === "received" && one.state === "succeeded"));
  const { output } = await world.execution(received.id);
  assert.equal(output.subject, "Größe 42 – Отчёт");
  assert.equal(output.from.name, "Ada, Countess");
  assert.equal(output.text.trim(), "See the file. Grüße");
  assert.equal(output.attachments.length, 1);
  assert.equal(output.attachments[0].name, "größe.bin");
  assert.equal(output.attachments[0].file.size, bytes.length);
  // `moveMessage` has put it there.
  assert.deepEqual((await post("folders", {})).body.items, [DONE, "INBOX"]);
  const file = await fetch(world.hooks().attachment, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ uid: 1 }) });
  assert.equal(file.status, 200);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), bytes);
  await world.stopCleanly();
});

test("a wrong password and a certificate of somebody else are refused and not tried again", { skip }, async (t) => {
  const { world, post } = await start(t, { ADA_PASSWORD: "wrong" });
  const login = await post("plain", { to: `orders@${DOMAIN}` });
  assert.equal(login.status, 401, JSON.stringify(login.body));
  assert.match(login.body.detail, /Login denied/);
  const outside = await post("untrusted", {});
  assert.equal(outside.status, 401, JSON.stringify(outside.body));
  assert.match(outside.body.detail, /certificate|SSL/);
  await world.stopCleanly();
});

test("the server's refusal of a recipient is told", { skip }, async (t) => {
  const { world, post } = await start(t);
  const nobody = await post("plain", { to: [`orders@${DOMAIN}`, `nobody@${DOMAIN}`] });
  assert.equal(nobody.status, 400, JSON.stringify(nobody.body));
  assert.match(nobody.body.detail, /550|User unknown/);
  await world.stopCleanly();
});

test("a message that goes out again after a kill has the Message-ID that it had, and is read once", { skip }, async (t) => {
  const servers = await MailServers.start(t, users);
  const between = await keeper(t, servers.ports.smtp);
  const { world } = await start(t, { SMTP_PORT: String(between.port) }, servers);
  between.keepsAfter = 1 << 20; // in the middle of the message: its acceptance does not come back
  const asked = fetch(world.hooks().send, {
    method: "POST", headers: { "content-type": "application/octet-stream" }, body: randomBytes(2 << 20) }).catch(() => {});
  await waitFor("the server to have delivered it", () => servers.messages("orders").length === 1);
  assert.ok(between.keeps);
  await world.killHost();
  await asked;
  Object.assign(between, { keepsAfter: Infinity, keeps: false });
  await world.startHost();
  const sent = await waitFor("the step to be repeated", async () =>
    (await world.executions()).find((one) => one.flow === "send" && one.state === "succeeded"));
  const { output } = await world.execution(sent.id);
  // While one is moved a look may find it twice or not at all.
  const ids = await waitFor("its second message", () => {
    const found = servers.messages("orders").map(({ text }) => idOf(text));
    return found.length === 2 && found;
  });
  assert.deepEqual(ids, [output.messageId, output.messageId]);
  // What comes behind both is read after both.
  servers.deliver("orders", "last", [
    "From: ada@mail.test", "To: orders@mail.test", "Subject: Last", "Message-ID: <last@mail.test>", "", "The end.", ""].join("\r\n"));
  const read = async () => {
    const ended = (await world.executions()).filter(({ flow, state }) => flow === "received" && state === "succeeded");
    return Promise.all(ended.map(async ({ id }) => (await world.execution(id)).output.subject));
  };
  await waitFor("the last one", async () => (await read()).includes("Last"));
  await world.settled();
  assert.equal((await read()).length, 2);
  await world.stopCleanly();
});

test("each message is taken once and moved away, over kills", { skip }, async (t) => {
  const { world, servers } = await start(t);
  const subjects = Array.from({ length: 12 }, (_, i) => `Order ${i}`);
  const received = async () => (await world.executions()).filter((one) => one.flow === "received");
  for (let kill = 0; kill < 4; ++kill) {
    for (const subject of subjects.slice(kill * 3, kill * 3 + 3)) {
      servers.deliver("orders", subject.replace(" ", "-"), [
        "From: ada@mail.test", "To: orders@mail.test", `Subject: ${subject}`,
        `Message-ID: <${subject.replace(" ", ".")}@mail.test>`, "", "Please.", ""].join("\r\n"));
    }
    await waitFor("their beginning", async () => (await received()).length > 3 * kill);
    await world.killHost();
    await world.startHost();
  }
  await waitFor("all of them", async () =>
    (await received()).filter(({ state }) => state === "succeeded").length === subjects.length, 90_000);
  await world.settled();
  const ended = await received();
  const told = await Promise.all(ended.map(async ({ id }) => (await world.execution(id)).output.subject));
  assert.deepEqual(told.sort(), [...subjects].sort());
  const messages = servers.messages("orders");
  assert.equal(messages.length, subjects.length);
  assert.ok(messages.every(({ inbox }) => !inbox), "all are in the other folder");
  await world.stopCleanly();
});
