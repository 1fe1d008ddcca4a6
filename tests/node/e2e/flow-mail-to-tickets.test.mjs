// flows/mail-to-tickets, end to end, between a real Postfix, a real Dovecot and the product.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DOMAIN, MailServers, mailServersMissing } from "../mail-servers.mjs";
import { keeper } from "./keeper.mjs";
import { waitFor } from "./processes.mjs";
import { hurried } from "./salesforce-flows.mjs";
import { World } from "./world.mjs";

const skip = mailServersMissing();
const HELP = `help@${DOMAIN}`;
const ADA = `ada@${DOMAIN}`;

async function start(t) {
  const mail = await MailServers.start(t, { ada: "s3cr3t", help: "h3lp" }, { mailboxes: ["Done", "Failed"] });
  const smtp = await keeper(t, mail.ports.smtp);
  const imap = await keeper(t, mail.ports.imaps);
  const world = new World();
  const begin = () => world.start(t, {
    connectors: ["mail", "csv", "your-app"], hookless: true, apply: hurried(t, "mail-to-tickets", "PT30S"),
    env: { MAIL_ADDRESS: HELP, MAIL_HOST: mail.host, MAIL_USER: "help", MAIL_PASSWORD: "h3lp", MAIL_CA: mail.ca,
           SMTP_PORT: String(smtp.port), IMAP_PORT: String(imap.port) },
  });
  let sent = 0;
  const deliver = (headers, body = "It does not turn.") => mail.deliver("help", `m-${++sent}`, [
    ...Object.entries({ From: ADA, To: HELP, Date: "Mon, 04 May 2026 08:00:00 +0000", ...headers })
      .filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}`), "", body, ""].join("\r\n"));
  // Subjects (their first lines) of what lies in a folder of the mailbox; "" is the inbox.
  const lying = (folder) => mail.messages("help").filter((one) => one.folder === folder)
    .map(({ text }) => /^Subject: (.*?)\r?$/m.exec(text)[1]).sort();
  // While the server works at a message a look may find it nowhere.
  const emptied = () => waitFor("an empty inbox", () =>
    lying("").length === 0 && lying("Done").length + lying("Failed").length === sent, 120_000);
  return { mail, smtp, imap, world, begin, deliver, lying, emptied };
}

const answers = (mail) => mail.messages("ada").map(({ text }) => ({
  text, id: /^Message-ID: *(<[^>]*>)/im.exec(text)[1], subject: /^Subject: (.*?)\r?$/m.exec(text)[1] }));

const WITH_FILES = [
  "--cut", "Content-Type: text/plain; charset=utf-8", "", "Two wheels and a photo.", "",
  "--cut", 'Content-Type: text/csv; name="parts.csv"', 'Content-Disposition: attachment; filename="parts.csv"', "",
  "part,count", "wheel,2", "",
  "--cut", "Content-Type: image/jpeg", "Content-Transfer-Encoding: base64",
  'Content-Disposition: attachment; filename="photo.jpeg"', "", "/9j/4AAQ", "", "--cut--"].join("\r\n");

test("messages become tickets, senders get one answer, machines none, over a kill", { skip }, async (t) => {
  const { mail, world, begin, deliver, lying, emptied } = await start(t);
  deliver({ Subject: "Parts\r\n\tand a photo", "Message-ID": "<parts@mail.test>", "MIME-Version": "1.0",
            "Content-Type": 'multipart/mixed; boundary="cut"' }, WITH_FILES);
  await begin();
  await waitFor("the first ticket", async () => (await world.records("tickets")).length === 1, 60_000);

  // The host dies while your app is at work on another one.
  await world.setFaults({ delayMs: 15_000 });
  const before = (await world.requestCounts()).byRoute["POST /api/tickets"];
  deliver({ Subject: "Broken", "Message-ID": "<broken@mail.test>" });
  await waitFor("the request", async () => (await world.requestCounts()).byRoute["POST /api/tickets"] > before, 60_000);
  await world.killHost();
  await world.setFaults({});
  deliver({ Subject: "Broken", "Message-ID": "<broken@mail.test>" }); // a copy
  deliver({ Subject: "Mine now", From: `eve@${DOMAIN}`, "Message-ID": "<broken@mail.test>" });
  deliver({ Subject: "Away", "Message-ID": "<away@mail.test>", "Auto-Submitted": "auto-replied" });
  deliver({ Subject: "News", "Message-ID": "<news@mail.test>", "List-Id": "<all.mail.test>" });
  deliver({ Subject: "Echo", "Message-ID": "<echo@mail.test>", From: HELP });
  deliver({ Subject: "Nobody", "Message-ID": "<nobody@mail.test>", From: null });
  await world.startHost();
  await emptied();
  const all = await world.settled();
  assert.ok(all.every(({ state }) => state === "succeeded"), JSON.stringify(all));
  assert.equal(all.length, 8);

  assert.deepEqual(lying("Done"), ["Away", "Broken", "Broken", "Echo", "News", "Parts"]);
  assert.deepEqual(lying("Failed"), ["Mine now", "Nobody"]);
  const tickets = await world.tickets();
  assert.deepEqual([...tickets.keys()].sort(),
                   ["away@mail.test", "broken@mail.test", "news@mail.test", "parts@mail.test"]);
  assert.ok([...tickets.values()].every(({ version, status }) => version === 1 && status === "open"));
  const parts = tickets.get("parts@mail.test");
  assert.deepEqual([parts.title, parts.from, parts.sentAt, parts.text.trim()],
                   ["Parts and a photo", ADA, "2026-05-04T08:00:00Z", "Two wheels and a photo."]);
  assert.deepEqual(parts.attachments.map(({ name, size, rows }) => ({ name, size, rows })), [
    { name: "parts.csv", size: parts.attachments[0].size, rows: [{ part: "wheel", count: "2" }] },
    { name: "photo.jpeg", size: 6, rows: undefined }]);
  assert.equal(tickets.get("broken@mail.test").from, ADA);

  await waitFor("both answers", () => answers(mail).length >= 2, 60_000);
  assert.deepEqual(answers(mail).map(({ subject }) => subject).sort(), [
    `Re: Broken [ticket ${tickets.get("broken@mail.test").id}]`, `Re: Parts and a photo [ticket ${parts.id}]`]);
  for (const { text } of answers(mail)) {
    assert.match(text, /^Auto-Submitted: auto-replied\r?$/m);
    assert.match(text, /^In-Reply-To: <(parts|broken)@mail\.test>\r?$/m);
  }

  // What Ada answers names her ticket, and the conversation ends there.
  deliver({ Subject: answers(mail).find(({ subject }) => /Parts/.test(subject)).subject, "Message-ID": "<again@mail.test>" });
  const again = await waitFor("her answer", async () => (await world.tickets()).get("again@mail.test"), 60_000);
  assert.equal(again.follows, parts.id);
  await emptied();
  await world.settled();
  assert.equal(answers(mail).length, 2);
  assert.ok(!mail.messages("help").some(({ text }) => /^From: .*help@/m.test(text) && !/Echo/.test(text)));
  await world.stopCleanly();
});

test("the product and the mail servers go away and come back: nothing is lost or doubled", { skip }, async (t) => {
  const { mail, smtp, imap, world, begin, deliver, lying, emptied } = await start(t);
  await begin();
  // Your app is away when a message comes.
  await world.killApp();
  deliver({ Subject: "One", "Message-ID": "<1@mail.test>" });
  await waitFor("its run", async () => (await world.executions()).length === 1, 60_000);
  await world.startApp();
  await emptied();

  // Acknowledgements cannot go out while the next one becomes a ticket.
  smtp.goAway();
  deliver({ Subject: "Two", "Message-ID": "<2@mail.test>" });
  await waitFor("its ticket", async () => (await world.tickets()).has("2@mail.test"), 60_000);
  assert.deepEqual(lying(""), ["Two"]);
  smtp.comeBack();
  await emptied();

  // Nor can the mailbox be read while another one comes into it.
  imap.goAway();
  deliver({ Subject: "Three", "Message-ID": "<3@mail.test>" });
  await world.logs(/could not ask for what is new.*takeMessage/);
  imap.comeBack();
  await emptied();

  const all = await world.settled();
  assert.deepEqual(all.map(({ state }) => state), ["succeeded", "succeeded", "succeeded"]);
  assert.deepEqual(lying("Done"), ["One", "Three", "Two"]);
  assert.equal((await world.records("tickets")).length, 3);
  await waitFor("three answers", () => answers(mail).length >= 3, 60_000);
  assert.equal(new Set(answers(mail).map(({ id }) => id)).size, 3);
  assert.equal(answers(mail).length, 3);
  await world.stopCleanly();
});
