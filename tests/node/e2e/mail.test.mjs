// Mail in and out through a real Postfix and a real Dovecot.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DOMAIN, DONE, MailServers, mailServersMissing } from "../mail-servers.mjs";
import { waitFor } from "./processes.mjs";
import { World } from "./world.mjs";

const fixture = (name) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const skip = mailServersMissing();

async function start(t, environment = {}) {
  const servers = await MailServers.start(t, { ada: "s3cr3t", orders: "0rders" });
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
    (await world.executions()).find((one) => one.flow === "received" && one.state === "succeeded"), 60_000);
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
